// `// allow(CODE)` silences a warning at its place, and nothing else.
import { expect, it } from 'vitest';
import { compile } from '../../src/compile.ts';
import { unknownAllowances, withoutAllowed } from '../../src/diagnostics/allowed.ts';
import { diagnostic } from '../../src/diagnostics/diagnostic.ts';
import { diagnosticText } from '../../src/diagnostics/message.ts';
import type { Source } from '../../src/diagnostics/source.ts';

const source = (text: string): Source => ({ path: 'm.nn', text, library: false });

/** The names of the unused inputs that are warned of. */
function unused(items: string): readonly unknown[] {
  const text = `model M {\n  input  x: [4]\n${items}\n  target c: class(3)\n  net { Linear(3) }
  loss CrossEntropy(output, c)\n  optimizer SGD\n}`;
  const { diagnostics } = compile(source(text), { programs: [] });
  return diagnostics.map(({ args }) => ('name' in args ? args.name : undefined));
}

it('behind the line', () => {
  expect(unused('  input a: [2]')).toEqual(['a']);
  expect(unused('  input a: [2]  // allow(input.unused): for later')).toEqual([]);
  expect(unused('  input a: [2]  // allow(overall.digits, input.unused)')).toEqual([]);
  expect(unused('  input a: [2]  // allow(input.unused)\n  input b: [2]')).toEqual(['b']);
});

it('above the line, among other comments', () => {
  expect(unused('  // allow(input.unused): for later\n  // and more\n  input a: [2]')).toEqual([]);
  expect(unused('  // allow(input.unused)\n\n  input a: [2]')).toEqual(['a']);
  expect(unused('  input b: [1] // allow(input.unused)\n  input a: [2]')).toEqual(['a']);
});

it('another code silences nothing', () => {
  expect(unused('  input a: [2]  // allow(overall.digits)')).toEqual(['a']);
});

it('is a comment, not text in quotes', () => {
  const text = 'data csv("a // allow(input.unused)")';
  const found = diagnostic(
    'input.unused',
    { source: source(text), start: 0, end: 4 },
    { name: 'x', role: 'input' },
  );
  expect(withoutAllowed([found])).toEqual([found]);
  expect(unknownAllowances(source('data csv("\\" // allow(nothing.such)")'))).toEqual([]);
});

it('does not silence errors', () => {
  const span = { source: source('net { } // allow(syntax.string)'), start: 0, end: 3 };
  const found = diagnostic('syntax.string', span, {});
  expect(withoutAllowed([found])).toEqual([found]);
});

it('tells codes that no warning has', () => {
  const text = '// allow(input.unusd)\n  x  // allow(shape.mismatch, toString, input.unused)';
  const found = unknownAllowances(source(text));
  expect(found.map(({ span }) => text.slice(span?.start, span?.end))).toEqual([
    'input.unusd',
    'shape.mismatch',
    'toString',
  ]);
  expect(found.map((each) => diagnosticText(each).help)).toEqual([
    'Did you mean `input.unused`?',
    'This is the code of an error, which cannot be allowed.',
    'The code stands in brackets at the start of the warning: `warning[code]`.',
  ]);
});

it('documents nothing', () => {
  const text = `// Twice.\n// allow(input.unused)\nlayer Twice (x: [D]) { x -> Linear(3) }\n
  model M { input x: [2]  target c: class(3)  net { Twice }  loss CrossEntropy(output, c)  optimizer SGD }`;
  const { ast } = compile(source(text), { programs: [] });
  expect(JSON.stringify(ast, (key, value: unknown) => (key === 'span' ? undefined : value))).toContain(
    '"documentation":"Twice."',
  );
});
