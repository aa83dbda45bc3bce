// Habits of other languages: they are found side by side, and nothing that is right is taken for one.
import { describe, expect, it } from 'vitest';
import { compile } from '../../../src/compile.ts';
import { DiagnosticError } from '../../../src/diagnostics/diagnostic.ts';
import { complaints, sourceOf } from '../reading.ts';

function codesAt(text: string): string[] {
  try {
    compile(sourceOf(text), { programs: ['evaluate'] });
  } catch (error) {
    if (!(error instanceof DiagnosticError)) throw error;
    return error.diagnostics.map(({ code, span }) => {
      const line = span ? text.slice(0, span.start).split('\n').length : 0;
      return `${line} ${code}`;
    });
  }
  return [];
}

describe('habits', () => {
  it('are all found in one file, each once', () => {
    const text = `import torch
width = 64
/* digits */
model Digits:
  input image: [batch, 784]
  target digit: class(10)
  net {
    nn.Linear(width), ReLU
    Linear(64, 10)
  }
  loss = 'cross_entropy'
  optimizer: Adam(lr: 0.01);
  train(epochs: 5)
`;
    expect(codesAt(text)).toEqual([
      '1 habit.statement',
      '2 habit.constant',
      '3 habit.comment',
      '4 habit.block',
      '5 habit.batch',
      '8 habit.path',
      '8 habit.separator',
      '9 habit.input-size',
      '11 habit.item',
      '11 name.unknown',
      '12 habit.item',
      '12 habit.setting',
      '12 habit.separator',
      '13 habit.brackets',
      '13 habit.setting',
    ]);
  });

  it('do not hide other mistakes', () => {
    const text = `model M {
  input x: [4];
  target y: [2];
  net { Linear(3) };
  loss MSE;
  optimizer Adam;
}
`;
    const found = codesAt(text);
    expect(found.filter((each) => each.endsWith('habit.separator'))).toHaveLength(5);
    expect(found).toContain('5 shape.same');
  });

  it.each([
    ['a type on a line of its own', 'model M {\n  input x:\n    [4]\n  target y: [2]\n}\n'],
    ['transposed values', "layer L (w: [A, B], v: [A, B]) = w' @ v @ w' @ v\n"],
    ['a comment with a bracket, behind a comma', 'const a = [1, // the first [of two]\n  2]\n'],
    ['a comment with a bracket, behind a value', 'const a = [1 // first], or so\n  , 2]\n'],
    ['a choice between stages on one line', 'model M {\n  net { ReLU if wide { ReLU } else { Tanh } }\n}\n'],
    ['names of a tuple', 'layer L (x: [D]) {\n  let (a, b) = split(x, axis = 0), c = a\n  return a, b\n}\n'],
    ['an assertion with a text', 'layer L (x: [D]) {\n  assert D > 1, "D is {D}"\n  x\n}\n'],
    ['lists of parameters that touch', 'layer L(a: int = 3, b: one_of(same, valid) = same)(x: [D]) { x }\n'],
    ['imported names', 'import { A, B, } from "a.nn"\n'],
    [
      'names that others use for something',
      'layer None (x) { x }\nlayer Dense (x) { None }\nlayer while (x) { Dense }\n',
    ],
    ['words of the language as names', 'layer L (data, train) {\n  let loss = data\n  loss -> train\n}\n'],
    ['a metric with several entries', 'model M {\n  metrics accuracy, top_k(3),\n    r2\n}\n'],
    ['a part of a layer', 'model M {\n  let F = Linear(3)\n  output F(x) * F.W + linear_1.T\n}\n'],
    ['a function like that of other languages', 'function f(x) { return x }\n'],
  ])('%s is none', (_, text) => {
    expect(complaints(text)).toBe('');
  });

  it('calls and words that look like those of others compile', () => {
    const text = `const N = 2
layer Sequential(a: int) (x: [...]) { x }
model M {
  input x: [N, 4]
  target y: class(3)
  net { Sequential(3)  Flatten()  tanh  Linear(3)  softmax  log }
  loss NLL
  optimizer Adam()
}
`;
    expect(codesAt(text)).toEqual([]);
  });
});
