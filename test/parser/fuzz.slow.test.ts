// Whatever the text, parsing gives a tree and diagnostics with places in the text; it never throws.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { renderDiagnostics } from '../../src/diagnostics/render.ts';
import { parse } from '../../src/parser/parse.ts';
import { allTokens } from '../../src/parser/tokens.ts';
import { projectFiles, sourceOf } from './reading.ts';

function check(text: string): void {
  const source = sourceOf(text);
  const { program, diagnostics } = parse(source);
  expect(program.span).toEqual({ source, start: 0, end: text.length });
  expect(diagnostics.length).toBeLessThanOrEqual(20);
  for (const { span, related, edit } of diagnostics)
    for (const place of [span, ...related.map((each) => each.span), edit?.span ?? span])
      expect(place && place.start >= 0 && place.start <= place.end && place.end <= text.length).toBe(true);
  expect(renderDiagnostics(diagnostics, { color: false })).not.toContain('undefined');
  checkSpans(program, text.length);
}

/** Every node of the tree lies in the text. */
function checkSpans(node: unknown, length: number): void {
  if (typeof node !== 'object' || node === null) return;
  const seen = node as { readonly [key: string]: unknown; readonly span?: { start: number; end: number } };
  if (seen.span)
    expect(0 <= seen.span.start && seen.span.start <= seen.span.end && seen.span.end <= length).toBe(true);
  for (const [key, part] of Object.entries(seen)) if (key !== 'span') checkSpans(part, length);
}

const plainTokens = allTokens.map((type) => type.PATTERN).filter((pattern) => typeof pattern === 'string');
const token = fc.oneof(
  fc.constantFrom(...plainTokens),
  fc.constantFrom(
    'x',
    'Linear',
    'foo',
    '1',
    '2.5',
    '"text"',
    '// note\n',
    '\n',
    '2x',
    '"open',
    'é',
    '\u202e',
  ),
);
const models = [...projectFiles('models').values()];
/** A model and where its words and signs begin. */
const pieces = models.map((text) => text.split(/(\s+|[A-Za-z_0-9.]+)/).filter((piece) => piece !== ''));

describe('parse', () => {
  it('takes random characters', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 200 }), check), { numRuns: 300 });
  });

  it('takes random bytes', () => {
    const bytes = fc.uint8Array({ maxLength: 400 });
    fc.assert(
      fc.property(bytes, (list) => check(new TextDecoder('latin1').decode(list))),
      { numRuns: 300 },
    );
  });

  it('takes token soup', () => {
    const soup = fc.array(fc.tuple(token, fc.constantFrom('', ' ', '\n')), { maxLength: 120 });
    fc.assert(
      fc.property(soup, (list) => check(list.flat().join(''))),
      { numRuns: 1000 },
    );
  });

  it('takes models with one word or sign changed', () => {
    const edit = fc.tuple(
      fc.constantFrom(...pieces),
      fc.nat(),
      fc.constantFrom('drop', 'repeat', 'replace'),
      token,
    );
    fc.assert(
      fc.property(edit, ([list, at, change, other]) => {
        const index = at % list.length;
        const piece = list[index] ?? '';
        const instead = { drop: [], repeat: [piece, piece], replace: [other] }[change];
        check([...list.slice(0, index), ...instead, ...list.slice(index + 1)].join(''));
      }),
      { numRuns: 1000 },
    );
  });

  it('takes models that break off', () => {
    const cut = fc.tuple(fc.constantFrom(...models), fc.nat());
    fc.assert(
      fc.property(cut, ([text, at]) => check(text.slice(0, at % text.length))),
      { numRuns: 300 },
    );
  });

  it('finds every bracket that is missing', () => {
    const bare = models.map((text) => text.replace(/\/\/.*/g, ''));
    const broken = bare.flatMap((text) =>
      [...text.matchAll(/[{}()[\]]/g)].map((sign) => [text, sign.index] as const),
    );
    for (const [text, at] of broken)
      expect(
        parse(sourceOf(text.slice(0, at) + text.slice(at + 1))).diagnostics,
        text.slice(at - 20, at + 1),
      ).not.toEqual([]);
  });
});
