// Turns users' names into identifiers, string literals and comments, so that nothing a user wrote can be parsed as code. Every printer
// goes through these functions; none puts a user's text into code any other way.
import { hashText } from '../runtime/random.ts';

/** Longer names are truncated and end in a hash of the full name. */
const longest = 60;

/** Words reserved in JavaScript or TypeScript, globals that generated code uses, and properties inherited from Object.prototype. */
const reserved: ReadonlySet<string> = new Set(
  `abstract any arguments as asserts async await bigint boolean break case catch class const constructor continue debugger
  declare default delete do else enum eval export extends false finally for from function get global globalThis if implements
  import in infer instanceof interface is keyof let module namespace never new null number object of package private protected
  public readonly require return satisfies self set static string super switch symbol this throw true try type typeof undefined
  unique unknown using var void while with yield
  Array Awaited Error Float32Array Function Infinity Map Math NaN Number Object Partial Promise Readonly Record ReturnType Set
  String Symbol exports
  hasOwnProperty isPrototypeOf propertyIsEnumerable prototype toLocaleString toString valueOf`.split(/\s+/),
);

/**
 * Allocates identifiers: ASCII letters, digits and single underscores, starting with a letter, at most 60 characters, not reserved, and
 * unique. (The names that gpu.js makes of `$` and `_` are unique only while no two underscores are adjacent.)
 */
export class Names {
  private readonly taken: Set<string>;
  private readonly given = new Map<string, string>();

  /**
   * @param taken identifiers that the surrounding code already uses
   * @param avoided whether the language gives the identifier another meaning; an appended underscore must always avoid that
   */
  constructor(
    taken: Iterable<string> = [],
    private readonly avoided: (identifier: string) => boolean = () => false,
  ) {
    this.taken = new Set(taken);
  }

  /** The identifier of a user's name; equal names get the same one. */
  of(name: string): string {
    const known = this.given.get(name);
    if (known !== undefined) return known;
    const identifier = this.fresh(name);
    this.given.set(name, identifier);
    return identifier;
  }

  /** An unused identifier, as similar to the wish as possible. */
  fresh(wish: string): string {
    const stem = identifierLike(wish);
    let candidate = this.allowed(stem);
    // The number may complete another reserved word: in C, `M_PI_2` is a macro as `M_PI` is.
    for (let count = 2; this.taken.has(candidate); count++) candidate = this.allowed(`${stem}_${count}`);
    this.taken.add(candidate);
    return candidate;
  }

  private allowed(identifier: string): string {
    return reserved.has(identifier) || this.avoided(identifier) ? `${identifier}_` : identifier;
  }

  /** An inner scope: identifiers taken here are taken there too. */
  inner(taken: Iterable<string> = []): Names {
    return new Names([...this.taken, ...taken], this.avoided);
  }
}

function identifierLike(wish: string): string {
  const plain = wish
    .slice(0, 4 * longest)
    .replace(/[^A-Za-z0-9]+/g, '_')
    .replace(/^_+|_+$/g, '');
  const lettered = /^[A-Za-z]/.test(plain) ? plain : `v_${plain}`.replace(/_$/, '');
  if (lettered.length <= longest - 6 && wish.length <= 4 * longest) return lettered;
  return `${lettered.slice(0, longest - 16).replace(/_+$/, '')}_${hashText(wish).toString(16)}`;
}

/** A string literal in single quotes. */
export function printString(text: string): string {
  const quoted = JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'");
  return `'${escapeInvisible(quoted)}'`;
}

/** A property's name in a type, a literal or a pattern: bare where it is an identifier. */
export function printKey(name: string): string {
  // As a plain or quoted key, `__proto__` would set the object's prototype; a computed key defines a property.
  if (name === '__proto__') return `['__proto__']`;
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(name) ? name : printString(name);
}

/** JSON-like data as a literal, broken over several lines if it is too long for one. */
export function printData(value: unknown, indent = '', room = 108): string {
  if (typeof value === 'string') return printString(value);
  if (value === null || typeof value === 'boolean') return String(value);
  if (typeof value === 'number') return printNumber(value);
  const [open, close, items] = Array.isArray(value)
    ? ['[', ']', value.map((item: unknown) => ['', item] as const)]
    : ['{', '}', Object.entries(value as object).map(([key, item]) => [`${printKey(key)}: `, item] as const)];
  const defined = items.filter(([, item]) => item !== undefined);
  if (defined.length === 0) return open + close;
  const space = open === '{' ? ' ' : '';
  const line = `${open}${space}${defined.map(([key, item]) => key + printData(item, '', Infinity)).join(', ')}${space}${close}`;
  if (indent.length + line.length <= room) return line;
  const inner = `${indent}  `;
  const lines = defined.map(
    ([key, item]) => `${inner}${key}${printData(item, inner, room - key.length - 1)},\n`,
  );
  return `${open}\n${lines.join('')}${indent}${close}`;
}

/** A number as code: `NaN` and `Infinity` too, and a minus sign kept at zero. */
export function printNumber(value: number): string {
  return Object.is(value, -0) ? '-0' : String(value);
}

/**
 * Text for the inside of a block comment: one line, invisible characters escaped, no end of comment, no tag (`@ts-ignore`), truncated if
 * it is long.
 */
export function printComment(text: string, room = 200): string {
  const line = text.replace(/\s+/g, ' ').trim();
  const short = line.length <= room ? line : `${line.slice(0, room - 1).replace(/[\uD800-\uDBFF]$/, '')}…`;
  return escapeInvisible(short)
    .replaceAll('*/', '*\\/')
    .replaceAll('/*', '/\\*')
    .replace(/@(?=[A-Za-z])/g, '@ ');
}

/** Control characters, line separators, format characters (bidi controls among them) and lone surrogates become `\uXXXX`. */
function escapeInvisible(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Co}\p{Cn}]/gu, (character) =>
    Array.from({ length: character.length }, (_, i) => character.charCodeAt(i))
      .map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`)
      .join(''),
  );
}
