import { describe, expect, it } from 'vitest';
import { parse } from '../../src/parser/parse.ts';
import { complaints, sourceOf } from './reading.ts';

/** Wrong texts, one idea a case; the snapshot holds what a user sees. */
const wrong = {
  'an argument list is not closed': 'model M {\n  input x: [4]\n  net { Linear(10 }\n  loss MSE\n}\n',
  'a block is not closed':
    'model M {\n  net {\n    Linear(10)\n    ReLU\n\n  loss MSE\n  optimizer Adam\n}\n',
  'an inner block is not closed':
    'model M {\n  net {\n    repeat 2 {\n      ReLU\n    Linear(2)\n  }\n  train { epochs = 5 }\n}\n',
  'a model is not closed': 'model M {\n  net { ReLU }\n',
  'a model is closed twice': 'model M {\n  net { ReLU }\n} }\n',
  'a list is not closed': 'layer L (x) {\n  return f(a, [1, 2)\n}\n',
  'a shape is not closed': 'model M {\n  input x: [1, 28\n  target y: [1]\n}\n',
  'the words of the top are misspelt': 'layr Foo (x: [D]) { x }\nmodle M { }\ncosnt a = 1\nimprt "a.nn"\n',
  'the words of a model are misspelt':
    'model M {\n  inptu x: [3]\n  tagret y: [3]\n  nte { ReLU }\n  optimiser Adam\n  metrcs accuracy\n  trian { epochs = 1 }\n}\n',
  'the words of a block are misspelt':
    'layer L (x) {\n  lte a = 1\n  parm W: [2] = he\n  repaet 2 { f }\n  residul { f }\n  return x\n}\n',
  'a parenthesis stands apart': 'layer L (x) {\n  let a = Linear (10)\n  return f(g (x), y)\n}\n',
  'a stage in parentheses on the same line': 'model M {\n  net { ReLU (Linear(3) -> ReLU) }\n}\n',
  'numbers that are none': 'const a = 2x, b = .5, c = 1., d = 1_000, e = 1.2.3, f = 0x10, g = 1e\n',
  'numbers that are too large': 'const a = 9007199254740993, b = 1e999\n',
  'a text is not closed': 'import "layers.nn\nimport "b.nn"\n',
  'escapes that there are not': String.raw`const a = "\q \u{110000} \u{D800} \u12"` + '\n',
  'characters of other alphabets': 'loss L (x) = -x × y − “z”\nconst π = 3.14; \n',
  'comparisons in a chain': 'const a = 1 < 2 < 3\n',
  'a `not` that is too loose': 'const a = 1 * not b, c = -not d\n',
  'an inverse where there is none': 'loss L (x) {\n  return x\n  inverse (y) { return y }\n}\n',
  'an inverse before the end': 'layer L (x) {\n  inverse (y) { return y }\n  return x\n}\n',
  'a reserved word as a name': 'layer let (x) { x }\nlayer L (if) { x }\nconst none = 3\n',
  'a constant with a shape at the top': 'const K: [2, 2] = eye(2)\n',
  'values that are missing': 'const a =\nconst b\nlayer L (x = ) { return }\nmodel M { output }\n',
  'types that are missing': 'model M { input x: }\nlayer L (x: ) -> { x }\n',
  'settings that are wrong': 'model M {\n  train { epochs 5, batch = }\n  data mnist(a b)\n}\n',
  'imports that are wrong':
    'import layers\nimport { A B } from "a.nn"\nimport { } from "b.nn"\nimport { A } "c.nn"\n',
  'statements that are incomplete': 'layer L (x) {\n  if a { b } else c\n  repeat { f }\n  parallel sum\n}\n',
  'an expression at the top': 'x -> ReLU\nlayer L (x) { x }\n',
  'nothing that belongs here': '}\n',
  'two errors in one file': 'layer A (x) {\n  return x +\n}\n\nmodel M {\n  input x: [3\n}\n',
  'an empty argument': 'const a = f(1, , 2), b = [,]\n',
  'an update of no name': 'layer L (x) {\n  f(x) <- 3\n}\n',
  "comments of Python's":
    '# A model.\n## With a title: (its {brackets}\nmodel M {  # of M\n  net { ReLU }\n}\n',
  'a missing `let`': 'layer L (x) {\n  y = f(x)\n  return y\n}\nmodel M {\n  h = ReLU\n}\n',
  'missing commas': 'layer L(a: int b: int) (x: [C H]) {\n  return f(a b, 3 key = [1 2], "x")\n}\n',
  'a colon and an equals sign exchanged': 'model M {\n  input x = [3]\n  optimizer Adam(lr: 0.1)\n}\n',
  'a list whose closing bracket is missing at the end of a line':
    'model M {\n  net {\n    Linear(3\n    ReLU\n  }\n}\n',
  'a brace too many': 'model M {\n  net {\n    ReLU }\n    ReLU\n  }\n  loss MSE\n  optimizer Adam\n}\n',
  'a comma between statements': 'model M {\n  net { ReLU, ReLU }\n}\n',
} as const;

describe('what a user sees of a text that is wrong', () => {
  for (const [idea, text] of Object.entries(wrong))
    it(idea, () => {
      expect(`${text}\n${'='.repeat(60)}\n${complaints(text)}\n`).toMatchSnapshot();
    });
});

describe('errors', () => {
  it('are twenty at most', () => {
    expect(parse(sourceOf('const a = 2x\n'.repeat(100))).diagnostics).toHaveLength(20);
    expect(parse(sourceOf('const = 2\n'.repeat(100))).diagnostics).toHaveLength(20);
  });

  it('do not keep what stands beside them from being read', () => {
    const { program } = parse(
      sourceOf('layer A (x) { x }\nlayer B (x) { let = }\nlayr C (x) { x }\nmodel M { net { f( } }'),
    );
    expect(program.declarations.map((each) => each.name.text)).toEqual(['A', 'B', 'C', 'M']);
  });

  it('leave the parser ready for the next text', () => {
    parse(sourceOf('= '.repeat(1000)));
    expect(parse(sourceOf('const a = 1')).diagnostics).toEqual([]);
  });
});
