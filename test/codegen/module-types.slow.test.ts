// The types that a generated module exports, as a program under `tsc --strict` meets them: what is right passes, and each mistake is the
// error that names it.
import { beforeAll, describe, expect, it } from 'vitest';
import { printDeclarations } from '../../src/codegen/module-types.ts';
import { compile } from '../../src/compile.ts';
import type { ModelSpecification } from '../../src/runtime/specification.ts';
import { generate } from './generated.ts';
import { initialOptions, typeErrorsIn } from './modules.ts';

const text = `model Digits {
  input  image: [3, 8]
  input  word: int(50)[4]
  target digit: class(10)
  let words = Embedding(50, 3)(word)
  output Linear(10)(concat(flatten(image), flatten(words), axis = 0))
  loss      CrossEntropy
  optimizer SGD(lr = 0.1)
  metrics   accuracy, confusion_matrix
  train { batch = 4 }
}`;
const { specification } = compile({ path: 'digits.nn', text, library: false });
const declarations = printDeclarations(specification, 'WasmModelOptions');

const program = (lines: string) => `import { batch, create, type Inputs, type Targets } from './digits.mjs';
const inputs: Inputs = { image: new Float32Array(batch * 24), word: new Float32Array(batch * 4) };
const targets: Targets = { digit: [0, 1, 2, 9] };
const model = await create({ seed: 7 });
${lines}
`;

const right = `import type { Model as AnyModel, Tensor } from 'nnc/runtime';
import { specification, type Metrics, type Model, type Outputs } from './digits.mjs';
await using own: Model = await create({ threads: 2, deterministic: true });
const exactly: 4 = batch;
const { loss, metrics } = await model.step({ ...inputs, ...targets });
const accuracy: number = metrics.accuracy;
const table: Tensor<readonly [10, 10]> = metrics.confusion_matrix;
const { output }: Outputs = await model.forward(inputs);
const classes: 10 = output.shape[1];
const evaluated = await own.evaluate({ image: new Float32Array(7 * 24), word: [1, 2, 3, 4], digit: [9] });
const over: Metrics = await own.metrics(evaluated.statistics, evaluated.count);
const gradient = (await own.gradient({ ...inputs, ...targets })).outputs.output.data;
const any: AnyModel = model;
const before = await own.inverse({ output: output.data });
export default [specification.batch, exactly, loss, accuracy, table, classes, over, gradient, any, before.image];`;

/** What is wrong, the line that has it, and what the only error says. */
const wrong = [
  ['an input of another name', 'await model.forward({ imgae: [], word: [] });', "'imgae' does not exist"],
  ['an input too many', 'await model.forward({ ...inputs, digit: [1] });', "'digit' does not exist"],
  ['an input too few', 'await model.forward({ image: [] });', "Property 'word' is missing"],
  ['no target', 'await model.step(inputs);', "Property 'digit' is missing"],
  ['a target of another name', 'await model.step({ ...inputs, digits: [] });', "'digits' does not exist"],
  ['no target to evaluate', 'await model.evaluate(inputs);', "Property 'digit' is missing"],
  ['what is no array', "await model.forward({ ...inputs, word: 'four' });", "'string' is not assignable"],
  [
    'nested arrays',
    'await model.forward({ ...inputs, image: [[1, 2]] });',
    "not assignable to type 'number'",
  ],
  ['an output', '(await model.forward(inputs)).outputt;', "Did you mean 'output'?"],
  ['an evaluated output', '(await model.evaluate({ ...inputs, ...targets })).outputs.score;', "'score'"],
  ['an axis', '(await model.forward(inputs)).output.shape[2];', "no element at index '2'"],
  ['a metric', '(await model.step({ ...inputs, ...targets })).metrics.acc;', "Property 'acc'"],
  ['a metric of another form', '(await model.metrics({}, 1)).confusion_matrix.toFixed();', "'toFixed'"],
  ['an output to invert', 'await model.inverse({ score: [] });', "'score' does not exist"],
  ['an option', 'await create({ sead: 7 });', "'sead' does not exist"],
  ["another target's option", "await create({ mode: 'cpu' });", "'mode' does not exist"],
  ['the batch', 'const five: 5 = batch; void five;', "Type '4' is not assignable to type '5'"],
] as const;

describe('the types of a module', () => {
  let errors: readonly string[] = [];
  beforeAll(() => {
    const files = new Map([
      ['digits.d.mts', declarations],
      ['right.mts', program(right)],
      ...wrong.map(([, line], i) => [`wrong-${i}.mts`, program(line)] as const),
    ]);
    errors = typeErrorsIn(files, initialOptions);
  }, 120_000);

  it('let a program pass that is right', () => {
    expect(errors.filter((error) => !error.startsWith('wrong'))).toEqual([]);
  });

  it.each(wrong.map(([what, , message], i) => ({ what, message, i })))('refuse $what', ({ message, i }) => {
    const found = errors.filter((error) => error.startsWith(`wrong-${i}.mts:`));
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(/^wrong-\d+\.mts:5 /);
    expect(found[0]).toContain(message);
  });

  it('say how long an array is', () => {
    expect(declarations).toContain('/** Shape [3, 8] an example; 96 numbers for a batch of 4. */');
    expect(declarations).toContain('/** Shape [4] an example, whole numbers from 0 to 49; 16 numbers for a');
    expect(declarations).toContain('/** One number an example, whole numbers from 0 to 9; 4 numbers for a');
  });

  it('are the same in the TypeScript for gpu.js', () => {
    const own = /export type Inputs = [\s\S]*?\n}>;\n/.exec(declarations)?.[0] ?? '';
    expect(own).toContain('export type Model');
    expect(generate('digits', text).text).toContain(own);
  });

  it('hold names that are no identifiers', () => {
    const name = `*/ '; throw 1; \u2028\n__proto__`;
    const hostile: ModelSpecification = {
      ...specification,
      name,
      source: name,
      inputs: [
        { name: '__proto__', shape: [], kind: 'real' },
        { name, shape: [2], kind: 'real' },
      ],
      targets: [],
      outputs: [{ name, shape: [] }],
      metrics: [],
    };
    const files = new Map([['digits.d.mts', printDeclarations(hostile, 'GpuModelOptions')]]);
    expect(typeErrorsIn(files, { ...initialOptions, skipLibCheck: false })).toEqual([]);
  });
});
