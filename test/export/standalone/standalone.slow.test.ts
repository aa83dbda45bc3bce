// Standalone modules of every example model and of layers of all kinds: each is written into a folder outside the project, imported
// by a process that knows nothing of it, and compared with the interpreter; one runs in a real browser as well.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { afterAll, describe, expect, it, test } from 'vitest';
import { compile } from '../../../src/compile.ts';
import {
  exportStandalone,
  type StandaloneClasses,
} from '../../../src/export/standalone/export-standalone.ts';
import { interpret } from '../../../src/ir/stages/interpret.ts';
import { initialize } from '../../../src/runtime/initialize.ts';
import { elementCount } from '../../../src/runtime/tensor.ts';
import { applyImage, applyRow, type InputForm } from '../../../src/train/data/prepare/preprocessing.ts';
import { lacksChromium, openBrowser, openPage } from '../../browser.ts';
import { numbersFrom } from '../../ops/tensors.ts';
import { expectClose } from '../onnx/run-onnx.ts';

const folder = mkdtempSync(join(tmpdir(), 'nnc-standalone-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Written {
  readonly name: string;
  readonly example: { readonly [input: string]: readonly number[] };
  readonly wanted: ReadonlyMap<string, Float64Array>;
  readonly module: string;
  readonly types: string;
}

function write(
  name: string,
  text: string,
  more: { readonly forms?: readonly InputForm[]; readonly classes?: StandaloneClasses } = {},
): Written {
  const compilation = compile(
    { path: `${name}.nn`, text, library: false },
    { batch: 1, programs: ['forward'] },
  );
  const { specification, programs } = compilation;
  const program = programs.get('forward');
  if (!program) throw new Error('no forward program');
  const random = numbersFrom(3);
  const weights = new Map(
    specification.stored.map((tensor) => [
      tensor.path,
      initialize(tensor, 1).map((value) => value + 0.1 * random()),
    ]),
  );
  const forms =
    more.forms ??
    specification.inputs.map(({ name: input, shape }): InputForm => ({ kind: 'array', name: input, shape }));
  const { module, types } = exportStandalone({
    specification,
    program,
    weights,
    forms,
    name,
    version: '0',
    ...(more.classes && { classes: more.classes }),
  });
  const example = Object.fromEntries(
    specification.inputs.map(({ name: input, shape, kind, limit = 1 }) => [
      input,
      Array.from({ length: elementCount(shape) }, () =>
        kind === 'real' ? Math.fround(2 * random() - 1) : Math.floor(limit * random()),
      ),
    ]),
  );
  const inputs = new Map(Object.entries(example));
  const wanted = interpret(program.kernels, { inputs, stored: weights }).outputs;
  writeFileSync(join(folder, `${name}.mjs`), module);
  writeFileSync(join(folder, `${name}.d.mts`), types);
  return { name, example, wanted, module, types };
}

const models = fileURLToPath(new URL('../../../models', import.meta.url));
const wrap = (body: string, input: string) => `model M {
  input ${input}
  target y: [1]
  output output = ${body}
  loss MSE(flatten(output) -> slice(axis = 0, start = 0, end = 1), y)
  optimizer SGD(lr = 0.1)
}`;

const written = [
  ...readdirSync(models)
    .filter((file) => file.endsWith('.nn'))
    .map((file) => write(file.replace('.nn', ''), readFileSync(join(models, file), 'utf8'))),
  write('tokens', wrap('x -> Embedding(9, 4) -> LSTM(3) -> LayerNorm', 'x: int(9)[4]')),
  write(
    'heads',
    wrap('MultiHeadAttention(2, 4, causal = true)(x) -> GELU -> PositionalEncoding', 'x: [3, 4]'),
  ),
  write(
    'windows',
    wrap(
      'x -> ConvTranspose2d(2, stride = 2) -> MaxPool2d(3, stride = 2, padding = 1) -> AvgPool2d(2, padding = same)',
      'x: [2, 4, 5]',
    ),
  ),
  write('words', wrap('where(x > 0, floor(3 * x), x ^ 3) -> cumulative_sum(axis = 0)', 'x: [5]')),
  write(
    'hostile',
    `model M {
  input  constructor: [2]
  input  __proto: [1]
  target y: [1]
  output hasOwnProperty = concat(constructor, __proto, axis = 0)
  loss MSE(sum(hasOwnProperty) * ones(1), y)
  optimizer SGD(lr = 0.1)
}`,
  ),
];

/** Imports the modules in a fresh process in their folder and gives what each makes of its example. */
function predictApart(
  names: readonly Written[],
): ReadonlyMap<string, { readonly outputs: { readonly [name: string]: readonly number[] } }> {
  // in a file: what one argument of a command may hold is less than the examples
  writeFileSync(
    join(folder, 'examples.json'),
    JSON.stringify(names.map(({ name, example }) => [name, example])),
  );
  writeFileSync(
    join(folder, 'run.mjs'),
    `import { readFileSync } from 'node:fs';
const found = {};
for (const [name, example] of JSON.parse(readFileSync('examples.json', 'utf8'))) {
  const { predict } = await import('./' + name + '.mjs');
  const { outputs, ...rest } = predict(example);
  found[name] = { ...rest, outputs: Object.fromEntries(Object.entries(outputs).map(([key, data]) => [key, [...data]])) };
}
console.log(JSON.stringify(found));`,
  );
  const { stdout, stderr, status } = spawnSync(process.execPath, ['run.mjs'], {
    cwd: folder,
    encoding: 'utf8',
    env: {},
    maxBuffer: 2 ** 26,
  });
  expect([status, stderr]).toEqual([0, '']);
  return new Map(Object.entries(JSON.parse(stdout) as object));
}

describe('a standalone module', () => {
  const found = predictApart(written);
  test.each(written.map((each) => [each.name, each] as const))(
    '%s predicts as the interpreter does',
    (name, { wanted }) => {
      const outputs = found.get(name)?.outputs ?? {};
      expect(Object.keys(outputs).map((key) => `output.${key}`)).toEqual([...wanted.keys()]);
      for (const [key, values] of wanted) expectClose(outputs[key.slice('output.'.length)] ?? [], values);
    },
  );

  it('imports nothing, and is typed', () => {
    for (const { module } of written) expect(module).not.toMatch(/^\s*import\b|\brequire\(|\bimport\(/m);
    const use = `import { predict } from './mnist-mlp.mjs'; const n: number = predict([1]).outputs.output[0]!; predict({ image: [[1]] }); export default n;`;
    writeFileSync(join(folder, 'use.mts'), use);
    const options = {
      strict: true,
      noEmit: true,
      module: ts.ModuleKind.NodeNext,
      moduleResolution: ts.ModuleResolutionKind.NodeNext,
      types: [],
    };
    const program = ts.createProgram([join(folder, 'use.mts')], options);
    const errors = ts
      .getPreEmitDiagnostics(program)
      .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, ' '));
    expect(errors).toEqual([]);
  });

  it('is as large as its weights', () => {
    const mlp = written.find(({ name }) => name === 'mnist-mlp');
    expect(mlp?.module.length).toBeGreaterThan((101_770 * 4 * 4) / 3);
    expect(mlp?.module.length).toBeLessThan(1.03 * ((101_770 * 4 * 4) / 3));
  });
});

const classifier = `model C {
  input x: [12]
  target kind: class(3)
  net { Linear(3) }
  loss CrossEntropy
  optimizer SGD(lr = 0.1)
}`;

const image: Extract<InputForm, { kind: 'image' }> = {
  kind: 'image',
  name: 'x',
  shape: [3, 2, 2],
  resize: true,
  normalization: { mean: [0.4, 0.5, 0.6], deviation: [0.2, 0.3, 0.25] },
};
const table: Extract<InputForm, { kind: 'table' }> = {
  kind: 'table',
  name: 'x',
  columns: [
    ...Array.from({ length: 9 }, (_, i) => ({
      kind: 'number' as const,
      name: `n${i}`,
      ...(i === 0 && { missing: 7 }),
    })),
    { kind: 'category', name: 'town', vocabulary: ['Bonn', 'Rome', 'it\'s "x" */'], encoding: 'one-hot' },
  ],
  normalization: {
    mean: Array.from({ length: 12 }, (_, i) => i / 10),
    deviation: Array.from({ length: 12 }, () => 2),
  },
};

interface Loaded {
  predict(example: unknown): {
    class: number;
    name: string;
    probabilities: Float32Array;
    outputs: { output: Float32Array };
  };
  predictAll(examples: readonly unknown[]): readonly { class: number }[];
}
const load = (name: string) => import(/* @vite-ignore */ join(folder, `${name}.mjs`)) as Promise<Loaded>;

describe('predict', () => {
  it('prepares pictures as training did, of other sizes too, and names classes', async () => {
    const names = ['cat', "it's", '*/ ${x} </script>'];
    write('pictures', classifier, {
      forms: [image],
      classes: { output: 'output', count: 3, names, kind: 'scores' },
    });
    write('prepared', classifier);
    const [{ predict, predictAll }, { predict: plain }] = await Promise.all([
      load('pictures'),
      load('prepared'),
    ]);
    const random = numbersFrom(4);
    const data = Uint8Array.from({ length: 5 * 3 * 4 }, () => 256 * random());
    const picture = { width: 5, height: 3, channels: 4 as const, data };
    const found = predict(picture);
    const wanted = plain([...applyImage(image, picture, 'it')]).outputs.output;
    expect([...found.outputs.output]).toEqual([...wanted]);
    const powers = [...wanted].map((score) => Math.exp(score));
    const total = powers.reduce((sum, power) => sum + power, 0);
    expectClose(
      [...found.probabilities],
      powers.map((power) => power / total),
    );
    expect(found.class).toBe(powers.indexOf(Math.max(...powers)));
    expect(found.name).toBe(names[found.class]);
    const planes = [
      [
        [10, 20],
        [30, 40],
      ],
      [
        [50, 60],
        [70, 80],
      ],
      [
        [90, 100],
        [110, 120],
      ],
    ];
    expect(predictAll([planes, planes.flat(2), { x: planes }]).map((each) => each.class)).toEqual(
      Array.from({ length: 3 }, () => predict(planes).class),
    );
    expect(() => predict([1, 2])).toThrow('x: 12 pixels are wanted, not 2');
  });

  it('prepares rows with their vocabularies', async () => {
    write('rows', classifier, { forms: [table] });
    write('prepared', classifier);
    const [{ predict }, { predict: plain }] = await Promise.all([load('rows'), load('prepared')]);
    const row = { n0: '', n1: 1, n2: '2.5', n3: 3, n4: 4, n5: 5, n6: 6, n7: 7, n8: 8, town: 'it\'s "x" */' };
    const wanted = plain([...applyRow(table, new Map(Object.entries(row)), 'it')]).outputs.output;
    expect([...predict(row).outputs.output]).toEqual([...wanted]);
    expect([...predict([null, 1, 2.5, 3, 4, 5, 6, 7, 8, 'it\'s "x" */']).outputs.output]).toEqual([
      ...wanted,
    ]);
    expect(() => predict({ ...row, town: 'Oslo' })).toThrow('town: "Oslo" is none of Bonn, Rome');
    expect(() => predict({ ...row, n1: '' })).toThrow('n1 is missing');
    // an empty cell has a stand-in; a column that is not there is a mistake
    expect(() => predict({ n1: 1, zero: 0 })).toThrow('n0 is missing; the row has n1, zero');
  });

  it('refuses labels out of range, and a missing input', async () => {
    const { predict } = await load('tokens');
    expect(() => predict([1, 2, 3, 9])).toThrow('whole numbers from 0 to 8 are wanted, not 9');
    const { predict: two } = await load('sequence');
    expect(() => two([1])).toThrow('an object with features, query is wanted');
  });
});

test.skipIf(lacksChromium)(
  'runs in a page',
  async () => {
    const browser = await openBrowser();
    try {
      const { page, complaints } = await openPage(browser);
      const chosen = written.find(({ name }) => name === 'mnist-mlp');
      // As text, so that the page sees it as it stands here.
      const found = (await page.evaluate(`(async () => {
      const url = URL.createObjectURL(new Blob([${JSON.stringify(chosen?.module)}], { type: 'text/javascript' }));
      const { predict } = await import(url);
      return Array.from(predict(${JSON.stringify(chosen?.example)}).outputs.output);
    })()`)) as number[];
      expectClose(found, chosen?.wanted.get('output.output') ?? []);
      expect(complaints).toEqual([]);
    } finally {
      await browser.close();
    }
  },
  60_000,
);
