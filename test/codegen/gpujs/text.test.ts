import { describe, expect, it } from 'vitest';
import { breakExpression, docComment, list, width } from '../../../src/codegen/gpujs/text.ts';

const [a, b, c] = ['a', 'b', 'c'].map((name) => name.repeat(40));

/** The text without the white space and commas that laying it out may add. */
const bare = (text: string) =>
  text
    .replace(/\s/g, '')
    .replace(/,\)/g, ')')
    .replace(/^return\((.*)\);$/, 'return$1;');

describe('breakExpression', () => {
  it('leaves alone what fits', () => {
    expect(breakExpression('return', 'a + b', ';', '  ')).toBe('  return a + b;');
  });

  it('breaks at the loosest operators', () => {
    expect(breakExpression('const x =', `${a} * ${b} + ${c}`, ';', '  ')).toBe(
      `  const x =\n    ${a} * ${b} +\n    ${c};`,
    );
    expect(breakExpression('return', `${a} > 0 ? ${b} : ${c}`, ';', '  ')).toBe(
      `  return (\n    ${a} > 0\n      ? ${b}\n      : ${c}\n  );`,
    );
  });

  it('breaks calls at their arguments, and what stands in parentheses within them', () => {
    expect(breakExpression('return', `Math.max(${a}, ${b}, ${c})`, ';', '')).toBe(
      `return Math.max(\n  ${a},\n  ${b},\n  ${c},\n);`,
    );
    expect(breakExpression('return', `-(${a} + ${b} + ${c})`, ';', '')).toBe(
      `return -(\n  ${a} +\n  ${b} +\n  ${c}\n);`,
    );
  });

  it('changes nothing but white space, and keeps to the width where it can', () => {
    const nested = `Math.exp(${a} - (${b} + ${c} * (1 - ${a}))) / (${b} > 0 ? ${a} : f(${b}, ${c} + 1, ${a}))`;
    for (const head of ['return', 'sum +=', 'const x =']) {
      const text = breakExpression(head, nested, ';', '    ');
      expect(bare(text)).toBe(bare(`${head} ${nested};`));
      for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(width);
    }
  });
});

describe('list', () => {
  it('takes a line for each part where one line does not do', () => {
    expect(list('f', '(', ['a', 'b'], ';')).toBe('f(a, b);');
    expect(list('const ', '{ ', ['a', 'b'], ' = c;', '  ')).toBe('  const { a, b } = c;');
    expect(list('x: ', '{ ', [], ',')).toBe('x: {},');
    expect(list('f', '(', [a ?? '', b ?? '', c ?? ''], ';', '  ')).toBe(
      `  f(\n    ${a},\n    ${b},\n    ${c},\n  );`,
    );
  });
});

describe('docComment', () => {
  it('wraps paragraphs, the further lines of a formula set in', () => {
    expect(docComment(['One line.'])).toBe('/** One line. */\n');
    const lines = docComment([`y = ${'x + '.repeat(40)}x`, 'Reads x.'], '  ').split('\n');
    expect(lines[0]).toBe('/**');
    expect(lines[2]).toMatch(/^ \* {3}[x+]/);
    expect(lines.at(-3)).toBe(' * Reads x.');
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(width);
  });
});
