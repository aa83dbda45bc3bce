// Laying out code as prettier would: what does not fit into a line gets a line for each part.

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

/** A doc comment of paragraphs, wrapped; the further lines of a formula are set in. */
export function docComment(paragraphs: readonly string[], hang = ''): string {
  const [first = ''] = paragraphs;
  const line = `/** ${first} */`;
  if (paragraphs.length === 1 && line.length <= width) return `${line}\n`;
  const lines = paragraphs.flatMap((paragraph) => wrap(paragraph, width - 3, hang));
  return `/**\n${lines.map((each) => ` * ${each}`.trimEnd()).join('\n')}\n */\n`;
}

/** Words in lines of at most so many columns; further lines begin with `hang`. */
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
  const parts = splitLoosest(expression);
  if (parts.length === 1) {
    const call = /^([\w.]+)\((.*)\)$/.exec(expression);
    const operands = call ? splitTop(call[2] ?? '', [', ']) : undefined;
    if (call && operands)
      return list(
        `${head} ${call[1]}`,
        '(',
        operands.map((part) => part.replace(/^, /, '')),
        tail,
        indent,
      );
    return `${indent}${head}\n${inner}${expression}${tail}`;
  }
  if (head === 'return') {
    return `${indent}return (\n${parts.map((part) => `${inner}${part}\n`).join('')}${indent})${tail}`;
  }
  return `${indent}${head}\n${parts.map((part) => `${inner}${part}`).join('\n')}${tail}`;
}

/** Operators from the loosest to the tightest, as they stand between operands outside of parentheses. */
const operators = [
  [' ? ', ' : '],
  [' === ', ' !== ', ' < ', ' <= '],
  [' + ', ' - '],
  [' * ', ' / ', ' % '],
] as const;

function splitLoosest(expression: string): readonly string[] {
  for (const level of operators) {
    const parts = splitTop(expression, level);
    if (parts.length > 1) {
      // As prettier has it: a choice's symbols lead a line, all other operators end one.
      return level[0] === ' ? '
        ? parts.map((part, i) => (i === 0 ? part : `  ${part.trim()}`))
        : trailing(parts);
    }
  }
  return [expression];
}

function trailing(parts: readonly string[]): readonly string[] {
  return parts.map((part, i) => {
    const own = i === 0 ? part : part.replace(/^ \S+ /, '');
    const next = parts[i + 1];
    const operator = next === undefined ? '' : (/^ \S+/.exec(next)?.[0] ?? '');
    return own + operator;
  });
}

/** The text cut before each of the separators that stands outside of parentheses and brackets. */
function splitTop(text: string, separators: readonly string[]): readonly string[] {
  const parts: string[] = [];
  let depth = 0;
  let start = 0;
  for (let i = 0; i < text.length; i++) {
    if ('([{'.includes(text[i] ?? '')) depth++;
    if (')]}'.includes(text[i] ?? '')) depth--;
    if (depth > 0 || !separators.some((separator) => text.startsWith(separator, i))) continue;
    parts.push(text.slice(start, i));
    start = i;
  }
  return [...parts, text.slice(start)];
}
