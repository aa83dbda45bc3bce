// Parses the JSON of a safetensors header: strict JSON without floats, exponents, true, false and null, which such a header does not use,
// nested at most four deep. Objects become Maps, so that no key collides with inherited properties, and a duplicate key is an error
// (JSON.parse would silently keep the last).

export type HeaderValue = string | number | readonly HeaderValue[] | HeaderObject;
export type HeaderObject = ReadonlyMap<string, HeaderValue>;

const deepest = 4;

/** @throws SyntaxError with the offset */
export function parseHeaderJson(text: string): HeaderValue {
  let at = 0;

  const wrong = (expected: string): never => {
    const found = at < text.length ? JSON.stringify(text[at]) : 'the end';
    throw new SyntaxError(`expected ${expected} at offset ${at}, but found ${found}`);
  };
  const skipSpace = () => {
    while (/[ \t\n\r]/.test(text[at] ?? '')) at++;
  };
  const take = (token: string): boolean => {
    skipSpace();
    if (text[at] !== token) return false;
    at++;
    return true;
  };
  const match = (pattern: RegExp, expected: string): string => {
    skipSpace();
    pattern.lastIndex = at;
    const [found] = pattern.exec(text) ?? [wrong(expected)];
    at += found.length;
    return found;
  };
  const parseString = () =>
    JSON.parse(match(/"[^"\\\u0000-\u001f]*(?:\\.[^"\\\u0000-\u001f]*)*"/y, 'a string')) as string;

  const parseObject = (depth: number): HeaderObject => {
    const object = new Map<string, HeaderValue>();
    if (take('}')) return object;
    do {
      const key = parseString();
      if (object.has(key)) throw new SyntaxError(`the key ${JSON.stringify(key)} stands twice`);
      if (!take(':')) wrong('`:`');
      object.set(key, parseValue(depth + 1));
    } while (take(','));
    if (!take('}')) wrong('`,` or `}`');
    return object;
  };

  const parseList = (depth: number): readonly HeaderValue[] => {
    const list: HeaderValue[] = [];
    if (take(']')) return list;
    do list.push(parseValue(depth + 1));
    while (take(','));
    if (!take(']')) wrong('`,` or `]`');
    return list;
  };

  const parseValue = (depth: number): HeaderValue => {
    if (depth > deepest) throw new SyntaxError(`nested deeper than ${deepest} levels at offset ${at}`);
    if (take('{')) return parseObject(depth);
    if (take('[')) return parseList(depth);
    return text[at] === '"' ? parseString() : Number(match(/0|[1-9][0-9]{0,15}/y, 'a value'));
  };

  const value = parseValue(1);
  skipSpace();
  if (at < text.length) wrong('the end');
  return value;
}
