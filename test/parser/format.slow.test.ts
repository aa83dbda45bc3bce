import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DiagnosticError } from '../../src/diagnostics/diagnostic.ts';
import { format } from '../../src/parser/format.ts';
import { lex } from '../../src/parser/lex.ts';
import { parse } from '../../src/parser/parse.ts';
import { CallParenthesis } from '../../src/parser/tokens.ts';
import { projectFiles, sourceOf } from './reading.ts';

const formatted = (text: string) => format(sourceOf(text));

/** The tree without its places. */
const treeOf = (text: string): string =>
  JSON.stringify(parse(sourceOf(text)).program, (key, value: unknown) =>
    key === 'span' ? undefined : value,
  );

/** All that a text holds but white space. */
function contentOf(text: string): readonly string[] {
  const { tokens, comments } = lex(sourceOf(text));
  return [...tokens, ...comments]
    .sort((left, right) => left.startOffset - right.startOffset)
    .map((token) => token.image.trimEnd());
}

function checkProperties(text: string): void {
  const once = formatted(text);
  expect(contentOf(once)).toEqual(contentOf(text));
  expect(treeOf(once)).toBe(treeOf(text));
  expect(formatted(once)).toBe(once);
  expect(once).not.toMatch(/[ \t]\n|\n\n\n|^\n|\t|\r/);
}

describe('the canonical layout', () => {
  /** A text and its layout; the first is `undefined` where it is laid out already. */
  const cases: Record<string, readonly [string, string]> = {
    'settles the spaces of expressions': [
      "const a=-b^2*(c+ d )@e'-f( 1 ,x=[1,2 , ],y = not g==3 )  ^ -2 ,b = x^(a + b) ^c\n",
      "const a = -b^2 * (c + d) @ e' - f(1, x = [1, 2,], y = not g == 3) ^ -2, b = x ^ (a + b)^c\n",
    ],
    'settles the spaces of definitions': [
      'layer L  ( a:int,b = 2 )(x:[...,D],t:int( 5 ) [T])->[ D ]{x}\nlayer M(x){x}\nlayer N (a: int) { }\n' +
        'loss K(k = 3) (x)=x\nfunction f (k: one_of(a, b)) = 1\ninitializer z() = 0',
      'layer L(a: int, b = 2) (x: [..., D], t: int(5)[T]) -> [D] { x }\nlayer M (x) { x }\nlayer N(a: int) {}\n' +
        'loss K(k = 3) (x) = x\nfunction f(k: one_of(a, b)) = 1\ninitializer z() = 0\n',
    ],
    'gives every declaration and item a line': [
      'import"a.nn" import{A,B}from"b.nn" const a=1 model M{input x:[1] target y:[1] net{A B} loss L train{epochs=1 batch=2}}',
      'import "a.nn"\nimport { A, B } from "b.nn"\nconst a = 1\nmodel M {\n  input  x: [1]\n  target y: [1]\n' +
        '  net { A  B }\n  loss L\n  train { epochs = 1  batch = 2 }\n}\n',
    ],
    'keeps a block on one line where it was': [
      'layer L (x) {\n if a { param b: [1] = zeros return x } else if c { return x }\nelse{ return y }\n}\n',
      'layer L (x) {\n  if a { param b: [1] = zeros  return x } else if c { return x } else { return y }\n}\n',
    ],
    'breaks a block all over where it was broken once': [
      'layer L (x) { let a = 1\n let b = 2 return a }\nmodel M { net { A B C\nD E } }',
      'layer L (x) {\n  let a = 1\n  let b = 2\n  return a\n}\nmodel M {\n  net {\n    A  B  C\n    D  E\n  }\n}\n',
    ],
    'indents nested blocks': [
      'model M {\nnet {\nrepeat 2 as i {\nresidual { A\nB } }\nparallel concat(axis = 0) {\nA\n}\n{ B } } }',
      'model M {\n  net {\n    repeat 2 as i {\n      residual {\n        A\n        B\n      }\n    }\n' +
        '    parallel concat(axis = 0) {\n      A\n    } { B }\n  }\n}\n',
    ],
    'aligns what goes on in brackets': [
      'const a = f(1,\n2, [3,\n4],\n  g = 5)\nconst b = [\n1, 2,\n3]\nconst c = f(\n)\n',
      'const a = f(1,\n            2, [3,\n                4],\n            g = 5)\nconst b = [\n  1, 2,\n  3\n]\nconst c = f()\n',
    ],
    'aligns lists of names and inputs': [
      'layer Long(a: int,\nb: int)\n(x: [C],\ny) -> [\nC] {\nlet p = 1,\nq = 2\nreturn p,\nq\n}\n',
      'layer Long(a: int,\n           b: int)\n          (x: [C],\n           y) -> [\n             C\n           ] {\n' +
        '  let p = 1,\n      q = 2\n  return p,\n         q\n}\n',
    ],
    'indents what goes on a statement': [
      'layer L (x) =\nx ->\nA\n-> B\nlayer M (x) {\nlet a = b\n+ c\na <-\nb\nreturn a\n}\n',
      'layer L (x) =\n  x ->\n  A\n  -> B\nlayer M (x) {\n  let a = b\n    + c\n  a <-\n    b\n  return a\n}\n',
    ],
    'joins lines where none should end': [
      "layer\nL\n(\nx\n:\n[D]\n)\n{\nlet\n(\na\n,\nb\n)\n=\n-\nx\n'\nreturn\na ^\n2\n}\n",
      "layer L (\n  x: [D]\n) {\n  let (\n    a,\n    b\n  ) =\n    -x'\n  return a^2\n}\n",
    ],
    'keeps one blank line': [
      '\n\n// One.\n\n\n// Two.\nconst a = 1\n\n\n\nlayer L (x) {\n\n\nlet b = 1\n\n\n\nreturn b\n\n}\n\n\n// End.\n\n',
      '// One.\n\n// Two.\nconst a = 1\n\nlayer L (x) {\n  let b = 1\n\n  return b\n}\n\n// End.\n',
    ],
    'keeps comments everywhere': [
      'model M { // of M\n// own\nnet { // of net\nA // of A\n// last\n}\n// after\n}\nconst a = // odd\n 1 // of 1\nconst b = f(// in\n1,\n// own\n2)\n',
      'model M {  // of M\n  // own\n  net {  // of net\n    A  // of A\n    // last\n  }\n  // after\n}\n' +
        'const a =  // odd\n  1  // of 1\nconst b = f(  // in\n  1,\n  // own\n  2\n)\n',
    ],
    'breaks a block that holds a comment': ['layer L (x) { x // it\n}\n', 'layer L (x) {\n  x  // it\n}\n'],
    'brings words, `let`s and comments of a model into columns': [
      'model M {\nlet a = 1 // one\nlet abc = 2 // two\n\nlet ab = f(\n1)\nlet c = 3\n// apart\nloss A\nmetrics b, c\nschedule D\noutput x\n' +
        'data y\ntrain { }\n}\n',
      'model M {\n  let a   = 1  // one\n  let abc = 2  // two\n\n  let ab = f(\n    1\n  )\n  let c = 3\n  // apart\n  loss     A\n  metrics  b, c\n' +
        '  schedule D\n  output x\n  data  y\n  train {}\n}\n',
    ],
    'ends every file with a line': ['const a = 1', 'const a = 1\n'],
    'leaves nothing of nothing': ['\n \n', ''],
    'leaves lone comments': ['//  a  \n\n\n//b', '//  a\n\n//b\n'],
  };
  for (const [idea, [text, expected]] of Object.entries(cases))
    it(idea, () => {
      expect(formatted(text)).toBe(expected);
      checkProperties(text);
    });

  for (const [path, text] of projectFiles('models', 'src/std'))
    it(`keeps all of ${path}`, () => {
      checkProperties(text);
    });

  it('takes line ends of other systems', () => {
    const [, text = ''] = [...projectFiles('models').entries()][1] ?? [];
    expect(formatted(text.replaceAll('\n', '\r\n'))).toBe(formatted(text));
    expect(formatted('\uFEFF' + text.replaceAll('\n', '\r'))).toBe(formatted(text));
  });

  it('is refused where the text is wrong', () => {
    expect(() => formatted('model M {')).toThrow(DiagnosticError);
  });
});

describe('of any text', () => {
  const texts = [...projectFiles('models', 'src/std').values()];
  const gaps = fc.constantFrom(
    '',
    ' ',
    '  ',
    '\n',
    '\n\n',
    '\n\n\n',
    ' // note\n',
    '\n// one\n// two\n',
    '\n\n// apart\n\n',
  );

  /** A text with other white space, and comments, between its tokens. */
  function respaced(text: string, choices: readonly string[]): string {
    const { tokens } = lex(sourceOf(text));
    let end = 0;
    let result = '';
    for (const [index, token] of tokens.entries()) {
      const between = text.slice(end, token.startOffset).replace(/\/\/.*/g, '');
      const choice = choices[index % choices.length] ?? '';
      // A call's parenthesis stays where it is, and any other keeps its distance.
      const needed = between === '' || between.includes('\n') ? between : ' ';
      const free = token.tokenType !== CallParenthesis && token.image !== '(';
      result += (free ? (choice === '' ? needed : choice) : between) + token.image;
      end = token.startOffset + token.image.length;
    }
    return result;
  }

  it('the layout loses nothing and is final', () => {
    const given = fc.tuple(fc.constantFrom(...texts), fc.array(gaps, { minLength: 1, maxLength: 40 }));
    fc.assert(
      fc.property(given, ([text, choices]) => {
        const other = respaced(text, choices);
        fc.pre(parse(sourceOf(other)).diagnostics.length === 0);
        checkProperties(other);
      }),
      { numRuns: 300 },
    );
  });

  it('the layout of changed models loses nothing and is final', () => {
    const pieces = texts.map((text) => text.split(/(\s+|[A-Za-z_0-9.]+)/).filter((piece) => piece !== ''));
    const edit = fc.tuple(
      fc.constantFrom(...pieces),
      fc.nat(),
      fc.nat(30),
      fc.constantFrom(' ', '\n', ' // c\n', 'x', '1', ' -'),
    );
    fc.assert(
      fc.property(edit, ([list, at, length, other]) => {
        const index = at % list.length;
        const text = [...list.slice(0, index), other, ...list.slice(index + (length % 3))].join('');
        fc.pre(parse(sourceOf(text)).diagnostics.length === 0);
        checkProperties(text);
      }),
      { numRuns: 200 },
    );
  });
});
