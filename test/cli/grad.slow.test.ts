import { describe, expect, it } from 'vitest';
import { folderWith, nnc, nncHere } from './program.ts';

// y = x · W' + b with the squared error: everything by hand below
const affine = `model Affine {
  input  x: [2]
  target y: [1]
  net { Linear(1) }
  loss      MSE
  optimizer SGD(lr = 0.1)
}
`;

const dropped = `model Dropped {
  input  x: [64]
  target y: [64]
  net { Dropout(0.5) }
  loss      MSE
  optimizer SGD(lr = 0.1)
}
`;

const given = {
  inputs: {
    x: [
      [1, 2],
      [3, -1],
      [0, 1],
    ],
    y: [[1], [0], [2]],
  },
  params: { 'linear_1.W': [[0.5, -1]], 'linear_1.b': [0.25] },
};

interface Printed {
  readonly loss: number;
  readonly outputs: { readonly output: readonly (readonly number[])[] };
  readonly gradients: {
    readonly params: { readonly [path: string]: unknown };
    readonly inputs: { readonly [name: string]: unknown };
  };
}

async function grad(files: { readonly [name: string]: string }, ...words: readonly string[]) {
  // a generated module runs only in the built program
  const run = words.includes('interpreter') ? nncHere : nnc;
  return run(['grad', 'model.nn', 'given.json', ...words], { cwd: folderWith(files) });
}

function closeTo(
  found: unknown,
  expected: readonly number[] | readonly (readonly number[])[],
  tolerance: number,
): void {
  const numbers = (value: unknown): number[] =>
    Array.isArray(value) ? value.flatMap(numbers) : [Number(value)];
  const wanted = numbers(expected);
  expect(numbers(found)).toHaveLength(wanted.length);
  numbers(found).forEach((value, i) => expect(Math.abs(value - (wanted[i] ?? NaN))).toBeLessThan(tolerance));
}

describe.each([
  { words: ['--target', 'interpreter'], tolerance: 1e-12 },
  { words: ['--mode', 'cpu'], tolerance: 1e-5 },
])('nnc grad $words', ({ words, tolerance }) => {
  it('prints loss, outputs and gradients', async () => {
    const { code, stdout, stderr } = await grad(
      { 'model.nn': affine, 'given.json': JSON.stringify(given) },
      ...words,
    );
    expect([code, stderr]).toEqual([0, '']);
    const printed = JSON.parse(stdout) as Printed;
    // outputs: 0.5 - 2 + 0.25, 1.5 + 1 + 0.25, -1 + 0.25; errors e: -2.25, 2.75, -2.75; the loss is their mean square
    closeTo(printed.outputs.output, [[-1.25], [2.75], [-0.75]], tolerance);
    closeTo([printed.loss], [(2.25 ** 2 + 2.75 ** 2 + 2.75 ** 2) / 3], tolerance);
    // 2/3 Σ e x, 2/3 Σ e, and 2/3 e W for each example
    closeTo(printed.gradients.params['linear_1.W'], [[4, -20 / 3]], 10 * tolerance);
    closeTo(printed.gradients.params['linear_1.b'], [-1.5], tolerance);
    closeTo(
      printed.gradients.inputs['x'],
      [
        [-0.75, 1.5],
        [11 / 12, -11 / 6],
        [-11 / 12, 11 / 6],
      ],
      tolerance,
    );
    expect(Object.keys(printed.gradients.params)).toEqual(['linear_1.W', 'linear_1.b']);
  });

  it('drops at random as the seed says, and not at inference', async () => {
    const ones = [Array.from({ length: 64 }, () => 1)];
    const files = { 'model.nn': dropped, 'given.json': JSON.stringify({ inputs: { x: ones, y: ones } }) };
    const outputs = async (...more: readonly string[]) => {
      const { code, stdout, stderr } = await grad(files, ...words, ...more);
      expect([code, stderr]).toEqual([0, '']);
      return (JSON.parse(stdout) as Printed).outputs.output;
    };
    expect(await outputs('--inference')).toEqual(ones);
    const first = await outputs('--seed', '5');
    expect(new Set(first[0])).toEqual(new Set([0, 2]));
    expect(await outputs('--seed', '5')).toEqual(first);
    expect(await outputs('--seed', '6')).not.toEqual(first);
  });
});

describe('nnc grad', () => {
  it('starts parameters that are not given from the seed', async () => {
    const run = async (...words: readonly string[]) => {
      const { inputs } = given;
      const json = JSON.stringify({ inputs, params: { 'linear_1.b': [0.25] } });
      const { stdout } = await grad(
        { 'model.nn': affine, 'given.json': json },
        '--target',
        'interpreter',
        ...words,
      );
      return (JSON.parse(stdout) as Printed).loss;
    };
    expect(await run('--seed', '1')).toBe(await run('--seed', '1'));
    expect(await run('--seed', '1')).not.toBe(await run('--seed', '2'));
  });

  it('says which numbers JSON could not hold', async () => {
    const huge = { ...given, params: { ...given.params, 'linear_1.b': [1e200] } };
    const files = { 'model.nn': affine, 'given.json': JSON.stringify(huge) };
    const { code, stdout, stderr } = await grad(files, '--target', 'interpreter');
    expect(code).toBe(0);
    expect((JSON.parse(stdout) as Printed).loss).toBeNull();
    expect(stderr).toBe('warning: 1 values are not finite; JSON has no such numbers, they stand as null\n');
  });

  it.each([
    ['no JSON', '{"inputs": {', 'error[json.invalid]: given.json is not JSON: '],
    ['another form', '[1]', 'given.json: the file should be an object, but is a list of 1'],
    ['another section', '{"input": {}}', 'but is one with "input"'],
    ['no inputs', '{}', 'given.json: inputs should be an object of inputs, but is empty'],
    [
      'a missing target',
      '{"inputs": {"x": [[1, 2]]}}',
      'given.json does not give y\nhelp: The model needs it with shape [1, 1].',
    ],
    ['an unknown input', '{"inputs": {"x": [[1, 2]], "z": [[1]]}}', 'the model has no input "z"'],
    [
      'an unknown parameter',
      '{"inputs": {"x": [[1, 2]], "y": [[1]]}, "params": {"linear_1.w": [1]}}',
      'no parameter "linear_1.w"\nhelp: Did you mean `linear_1.W`?',
    ],
    [
      'a name of another kind',
      '{"inputs": {"x": [[1, 2]], "y": [[1]], "__proto__": [[1]]}}',
      'the model has no input "__proto__"',
    ],
    [
      'batches of two lengths',
      '{"inputs": {"x": [[1, 2]], "y": [[1], [2]]}}',
      'inputs.y should be a list of 1 examples, like x, but is a list of 2',
    ],
    [
      'a wrong shape',
      '{"inputs": {"x": [[1, 2, 3]], "y": [[1]]}}',
      'inputs.x[0] should be a list of 2, but is a list of 3\nhelp: The whole value is to have shape [1, 2].',
    ],
    [
      'too few dimensions',
      '{"inputs": {"x": [1, 2], "y": [[1], [1]]}}',
      'inputs.x[0] should be a list of 2, but is the number 1',
    ],
    [
      'too many dimensions',
      '{"inputs": {"x": [[[1], [2]]], "y": [[1]]}}',
      'inputs.x[0][0] should be a number, but is a list of 1',
    ],
    [
      'a text',
      '{"inputs": {"x": [["1", 2]], "y": [[1]]}}',
      'inputs.x[0][0] should be a number, but is the text "1"',
    ],
    [
      'a number beyond all',
      '{"inputs": {"x": [[1e999, 2]], "y": [[1]]}}',
      'inputs.x[0][0] should be a number, but is the number Infinity',
    ],
  ])('refuses %s', async (_, json, message) => {
    const { code, stdout, stderr } = await grad(
      { 'model.nn': affine, 'given.json': json },
      '--target',
      'interpreter',
    );
    expect(stderr).toContain(message);
    expect([code, stdout]).toEqual([2, '']);
  });

  it('refuses a class out of range', async () => {
    const model = affine
      .replace('[1]', 'class(3)')
      .replace('Linear(1)', 'Linear(3)')
      .replace('MSE', 'CrossEntropy');
    const json = JSON.stringify({ inputs: { x: [[1, 2]], y: [3] } });
    const { code, stderr } = await grad({ 'model.nn': model, 'given.json': json }, '--target', 'interpreter');
    expect(code).toBe(2);
    expect(stderr).toContain('inputs.y[0] should be a whole number from 0 to 2, but is the number 3');
  });
});
