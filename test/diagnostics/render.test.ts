import { describe, expect, it } from 'vitest';
import { diagnostic, type DiagnosticOptions } from '../../src/diagnostics/diagnostic.ts';
import { renderDiagnostic, renderDiagnostics } from '../../src/diagnostics/render.ts';
import type { Source, Span } from '../../src/diagnostics/source.ts';

const source = (text: string, path = 'models/x.nn', library = false): Source => ({ path, text, library });

/** The place of `part` in a source. */
function place(of: Source, part: string, from = 0): Span {
  const start = of.text.indexOf(part, from);
  if (start < 0) throw new Error(`no ${part}`);
  return { source: of, start, end: start + part.length };
}

function shown(span: Span | undefined, options: DiagnosticOptions = {}): string {
  const found = diagnostic('syntax.unexpected', span, { expected: 'this', found: 'that' }, options);
  return `\n${renderDiagnostic(found, { color: false })}\n`;
}

const model = source(`model M {
  input  image: [1, 28, 28]

  net {
    Conv2d(3)
    Linear(10)
  }
}
`);

describe('a code frame', () => {
  it('underlines the place', () => {
    expect(shown(place(model, 'Linear(10)'))).toMatchInlineSnapshot(`
      "
      error[syntax.unexpected]: expected this, but found that
       --> models/x.nn:6:5
        |
      6 |     Linear(10)
        |     ^^^^^^^^^^
        |
      "
    `);
  });

  it('shows related places of the same source in the order of the text', () => {
    const related = [
      { span: place(model, 'image'), message: 'the input has 784 values' },
      { span: place(model, 'Conv2d(3)'), message: 'three channels come from here' },
      { span: place(model, '10'), message: 'ten are wanted' },
    ];
    expect(shown(place(model, 'Linear(10)'), { related })).toMatchInlineSnapshot(`
      "
      error[syntax.unexpected]: expected this, but found that
       --> models/x.nn:6:5
        |
      2 |   input  image: [1, 28, 28]
        |          ----- the input has 784 values
      ...
      5 |     Conv2d(3)
        |     --------- three channels come from here
      6 |     Linear(10)
        |     ^^^^^^^^^^
        |            -- ten are wanted
        |
      "
    `);
  });

  it('shows a single line between two that are marked', () => {
    const related = [{ span: place(model, 'net'), message: 'in this block' }];
    expect(shown(place(model, 'Linear(10)'), { related })).toMatchInlineSnapshot(`
      "
      error[syntax.unexpected]: expected this, but found that
       --> models/x.nn:6:5
        |
      4 |   net {
        |   --- in this block
      5 |     Conv2d(3)
      6 |     Linear(10)
        |     ^^^^^^^^^^
        |
      "
    `);
  });

  it('marks where a span of several lines begins and ends', () => {
    const related = [{ span: place(model, 'image'), message: 'read by it' }];
    const net = { ...place(model, 'net'), end: model.text.indexOf('}') + 1 };
    expect(shown(net, { related })).toMatchInlineSnapshot(`
      "
      error[syntax.unexpected]: expected this, but found that
       --> models/x.nn:4:3
        |
      2 |   input  image: [1, 28, 28]
        |          ----- read by it
      3 |
      4 |   net {
        |   ^^^^^
      ...
      7 |   }
        |   ^
        |
      "
    `);
  });

  it('puts the user before the library, whichever is at fault', () => {
    const library = source('layer Linear(out: int) (x: [D]) {\n  x @ W\n}\n', 'std/dense.nn', true);
    const related = [{ span: place(model, 'Linear(10)'), message: 'called here' }];
    expect(shown(place(library, 'x @ W'), { related })).toMatchInlineSnapshot(`
      "
      error[syntax.unexpected]: expected this, but found that
       --> models/x.nn:6:5
        |
      6 |     Linear(10)
        |     ---------- called here
        |
       ::: std/dense.nn:2:3
        |
      2 |   x @ W
        |   ^^^^^
        |
      "
    `);
  });

  it('shows another file below', () => {
    const other = source('\n'.repeat(99) + 'const width = 16\n', 'widths.nn');
    const related = [{ span: place(other, 'width'), message: 'declared here' }];
    expect(shown(place(model, '10'), { related })).toMatchInlineSnapshot(`
      "
      error[syntax.unexpected]: expected this, but found that
         --> models/x.nn:6:12
          |
        6 |     Linear(10)
          |            ^^
          |
         ::: widths.nn:100:7
          |
      100 | const width = 16
          |       ----- declared here
          |
      "
    `);
  });

  it('widens tabs', () => {
    const tabbed = source('\tnet\t{ Linear(10) }');
    expect(shown(place(tabbed, 'Linear(10)'))).toMatchInlineSnapshot(`
      "
      error[syntax.unexpected]: expected this, but found that
       --> models/x.nn:1:8
        |
      1 |     net { Linear(10) }
        |           ^^^^^^^^^^
        |
      "
    `);
  });

  it('counts wide characters and marks that take no room', () => {
    const text = source('const a = "日本 é👍" + oops');
    expect(shown(place(text, 'oops'))).toMatchInlineSnapshot(`
      "
      error[syntax.unexpected]: expected this, but found that
       --> models/x.nn:1:22
        |
      1 | const a = "日本 é👍" + oops
        |                        ^^^^
        |
      "
    `);
  });

  it('leaves carriage returns out', () => {
    const windows = source('const a = 1\r\nconst b = \r\nconst c = 3\r\n');
    expect(shown({ source: windows, start: 13, end: 24 })).toMatchInlineSnapshot(`
      "
      error[syntax.unexpected]: expected this, but found that
       --> models/x.nn:2:1
        |
      2 | const b =
        | ^^^^^^^^^^
        |
      "
    `);
    expect(
      shown(place(windows, 'c'), { related: [{ span: place(windows, 'a'), message: 'x' }] }),
    ).not.toContain('\r');
  });

  it('marks the end of the text', () => {
    const open = source('model M {\n');
    expect(shown({ source: open, start: 10, end: 10 })).toMatchInlineSnapshot(`
      "
      error[syntax.unexpected]: expected this, but found that
       --> models/x.nn:2:1
        |
      2 |
        | ^
        |
      "
    `);
    expect(shown({ source: open, start: 9, end: 9 })).toMatchInlineSnapshot(`
      "
      error[syntax.unexpected]: expected this, but found that
       --> models/x.nn:1:10
        |
      1 | model M {
        |          ^
        |
      "
    `);
    expect(shown({ source: source(''), start: 0, end: 0 })).toMatchInlineSnapshot(`
      "
      error[syntax.unexpected]: expected this, but found that
       --> models/x.nn:1:1
        |
      1 |
        | ^
        |
      "
    `);
  });

  it('shows a window of a very long line', () => {
    const long = source(`const a = [${'1, '.repeat(100_000)}oops, ${'2, '.repeat(100_000)}3]`);
    expect(shown(place(long, 'oops'))).toMatchInlineSnapshot(`
      "
      error[syntax.unexpected]: expected this, but found that
       --> models/x.nn:1:300012
        |
      1 | …1, 1, 1, 1, 1, 1, 1, 1, 1, 1, oops, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2…
        |                                ^^^^
        |
      "
    `);
    expect(shown({ source: long, start: 0, end: long.text.length })).toMatchInlineSnapshot(`
      "
      error[syntax.unexpected]: expected this, but found that
       --> models/x.nn:1:1
        |
      1 | const a = [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, …
        | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
        |
      "
    `);
    const related = [{ span: place(long, 'a'), message: 'far from it' }];
    expect(shown(place(long, 'oops'), { related })).toMatchInlineSnapshot(`
      "
      error[syntax.unexpected]: expected this, but found that
       --> models/x.nn:1:300012
        |
      1 | …1, 1, 1, 1, 1, 1, 1, 1, 1, 1, oops, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2…
        |                                ^^^^
      1 | const a = [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, …
        |       - far from it
        |
      "
    `);
  });

  it('escapes what a terminal would not show as it is', () => {
    const hostile = source('const a = "\u202e\u001b[31m\u0007" + oops', 'a\u202eb.nn');
    expect(shown(place(hostile, 'oops'))).toMatchInlineSnapshot(`
      "
      error[syntax.unexpected]: expected this, but found that
       --> a<U+202E>b.nn:1:23
        |
      1 | const a = "<U+202E><U+001B>[31m<U+0007>" + oops
        |                                            ^^^^
        |
      "
    `);
  });

  it('is drawn for any place in any text', () => {
    const text = 'a\tb\r\n\r\n  日本\u202e é👍\n\n' + 'x'.repeat(200) + '\n\u0000\r';
    const all = source(text);
    for (let start = 0; start <= text.length; start++)
      for (const end of [start, start + 1, start + 7, text.length]) {
        const lines = shown({ source: all, start, end }).split('\n');
        expect(
          lines.some((line) => line.includes('^')),
          `${start} to ${end}`,
        ).toBe(true);
        for (const line of lines) expect(line.length).toBeLessThan(180);
      }
  });
});

describe('the words around a frame', () => {
  it('put arguments in once', () => {
    const found = diagnostic('syntax.unexpected', undefined, {
      expected: '{found} $& {expected}',
      found: '{x} $1',
    });
    expect(renderDiagnostic(found, { color: false })).toBe(
      'error[syntax.unexpected]: expected {found} $& {expected}, but found {x} $1',
    );
  });

  it('escape control characters of arguments', () => {
    const found = diagnostic('syntax.unexpected', undefined, { expected: 'a\u001b[2Jb', found: 'c\u202ed' });
    expect(renderDiagnostic(found, { color: false })).toContain(
      'expected a<U+001B>[2Jb, but found c<U+202E>d',
    );
  });

  it('say how to mend it', () => {
    const at = place(model, 'Linear');
    const withEdit = (replacement: string, span = at) => shown(at, { edit: { span, replacement } });
    expect(withEdit('LayerNorm')).toContain('\nhelp: replace with: `LayerNorm`\n');
    expect(withEdit('')).toContain('\nhelp: leave out `Linear`\n');
    expect(withEdit('x', { ...at, end: at.start })).toContain('\nhelp: insert: `x`\n');
    expect(withEdit('x', place(model, 'Conv2d'))).toContain('\nhelp: on line 5, replace with: `x`\n');
  });

  it('do not say twice what the help says', () => {
    const span = place(model, 'Linear');
    const found = diagnostic(
      'syntax.keyword',
      span,
      { found: 'x', meant: 'layer' },
      { edit: { span, replacement: 'layer' } },
    );
    expect(renderDiagnostic(found, { color: false }).match(/help:/g)).toHaveLength(1);
  });

  it('name the severity', () => {
    const unused = (span?: Span) =>
      renderDiagnostic(diagnostic('input.unused', span, { name: 'image', role: 'input' }), { color: false });
    expect(unused()).toMatch(/^warning\[input\.unused\]: the input `image` is not used\n/);
    expect(unused()).not.toContain('allow(');
    expect(unused(place(model, 'image'))).toMatch(
      /\nhelp: where it is meant, write `\/\/ allow\(input\.unused\)` behind the line or above it$/,
    );
  });

  it('are colored on demand, and otherwise the same', () => {
    const found = diagnostic(
      'syntax.string',
      place(model, 'net'),
      {},
      { related: [{ span: place(model, 'M'), message: 'm' }] },
    );
    const colored = renderDiagnostic(found, { color: true });
    expect(colored).toContain('\u001b[1;31merror[syntax.string]\u001b[0m');
    expect(colored.replace(/\u001b\[[0-9;]*m/g, '')).toBe(renderDiagnostic(found, { color: false }));
  });

  it('stand apart from the next diagnostic', () => {
    const found = diagnostic('syntax.string', undefined, {});
    expect(renderDiagnostics([found, found], { color: false }).split('\n\n')).toHaveLength(2);
    expect(renderDiagnostics([], { color: false })).toBe('');
  });
});
