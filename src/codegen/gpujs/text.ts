// Lays out code as prettier would: a list that does not fit into a line is broken, one part per line.

/** Columns of a line. */
export const width = 110;

/** `head(parts)tail`, indented. */
export function list(
  head: string,
  open: '(' | '{ ' | '[',
  parts: readonly string[],
  tail: string,
  indent = '',
): string {
  const close = { '(': ')', '{ ': ' }', '[': ']' }[open];
  const line =
    parts.length === 0 ? head + (open + close).replace(/ +/g, '') : head + open + parts.join(', ') + close;
  if (indent.length + line.length + tail.length <= width) return indent + line + tail;
  const lines = parts.map((part) => `${indent}  ${part},\n`).join('');
  return `${indent}${head}${open.trim()}\n${lines}${indent}${close.trim()}${tail}`;
}

/** A doc comment of paragraphs, wrapped; a formula's continuation lines are indented. */
export function docComment(paragraphs: readonly string[], hang = ''): string {
  const [first = ''] = paragraphs;
  const line = `/** ${first} */`;
  if (paragraphs.length === 1 && line.length <= width) return `${line}\n`;
  const lines = paragraphs.flatMap((paragraph) => wrap(paragraph, width - 3, hang));
  return `/**\n${lines.map((each) => ` * ${each}`.trimEnd()).join('\n')}\n */\n`;
}

/** Words wrapped to the given number of columns; continuation lines begin with `hang`. */
export function wrap(text: string, room: number, hang = ''): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (longer.length <= room || line.trim() === '') {
      line = longer;
    } else {
      lines.push(line);
      line = `${hang}${word}`;
    }
  }
  return [...lines, line];
}

/** `head expression tail`, broken at its loosest operators where it does not fit into a line. */
export function breakExpression(head: string, expression: string, tail: string, indent: string): string {
  const line = `${indent}${head} ${expression}${tail}`;
  if (line.length <= width) return line;
  const inner = `${indent}  `;
  if (splitLoosest(expression).length === 1) {
    return `${indent}${head} ${layOut(expression, indent, tail.length, head.length + 1)}${tail}`;
  }
  const broken = `${inner}${layOut(expression, inner, tail.length)}`;
  return head === 'return'
    ? `${indent}return (\n${broken}\n${indent})${tail}`
    : `${indent}${head}\n${broken}${tail}`;
}

/**
 * An expression whose first line starts `before` columns behind `indent`, and whose last line leaves `after` columns free.
 */
function layOut(expression: string, indent: string, after: number, before = 0): string {
  if (indent.length + before + expression.length + after <= width) return expression;
  const parts = splitLoosest(expression);
  if (parts.length > 1) {
    return parts
      .map(({ lead, text, trail }) => lead + layOut(text, indent, trail.length + after, lead.length) + trail)
      .join(`\n${indent}`);
  }
  const [, name = '', operands = ''] = /^(-?[\w.]*)\((.*)\)$/.exec(expression) ?? [];
  if (operands === '') return expression;
  const inner = `${indent}  `;
  const comma = /\w$/.test(name) ? ',' : '';
  const lines = cut(operands, [', ']).map(({ text }) => `${inner}${layOut(text, inner, 1)}${comma}\n`);
  return `${name}(\n${lines.join('')}${indent})`;
}

/** Operators from the loosest to the tightest, as they are written between operands. */
const choice = [' ? ', ' : '];
const operators = [
  choice,
  [' === ', ' !== ', ' < ', ' <= ', ' > ', ' >= '],
  [' + ', ' - '],
  [' * ', ' / ', ' % '],
];

interface Part {
  readonly lead: string;
  readonly text: string;
  readonly trail: string;
}

/** As in prettier, `?` and `:` start a line; all other operators end one. */
function splitLoosest(expression: string): readonly Part[] {
  for (const level of operators) {
    const parts = cut(expression, level);
    if (parts.length === 1) continue;
    return parts.map(({ separator, text }, i) => {
      if (level === choice) return { lead: `  ${separator.trim()} `.slice(i === 0 ? 4 : 0), text, trail: '' };
      return { lead: '', text, trail: parts[i + 1]?.separator.trimEnd() ?? '' };
    });
  }
  return [{ lead: '', text: expression, trail: '' }];
}

/** Splits the text at each separator outside of parentheses and brackets; each part with the separator before it. */
function cut(
  text: string,
  separators: readonly string[],
): readonly { readonly separator: string; readonly text: string }[] {
  const parts: { separator: string; text: string }[] = [];
  let [depth, start, before] = [0, 0, ''];
  for (let i = 0; i < text.length; i++) {
    if ('([{'.includes(text[i] ?? '')) depth++;
    if (')]}'.includes(text[i] ?? '')) depth--;
    const found = depth === 0 ? separators.find((separator) => text.startsWith(separator, i)) : undefined;
    if (found === undefined) continue;
    parts.push({ separator: before, text: text.slice(start, i) });
    [start, before] = [i + found.length, found];
    i = start - 1;
  }
  return [...parts, { separator: before, text: text.slice(start) }];
}
