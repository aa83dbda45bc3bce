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
import { helperNames } from '../../../src/codegen/gpujs/helpers.ts';
import { exportStandalone } from '../../../src/export/standalone/export-standalone.ts';
import { namesIn, preparationText } from '../../../src/export/standalone/runtime-text.ts';
import { interpret } from '../../../src/ir/stages/interpret.ts';
import { initialize } from '../../../src/runtime/initialize.ts';
import { elementCount } from '../../../src/runtime/tensor.ts';
import type { ImageForm, InputForm, Preparation, TableForm } from '../../../src/runtime/preparation/form.ts';
import { preparePicture } from '../../../src/runtime/preparation/prepare.ts';
import { prepareRow } from '../../../src/runtime/preparation/rows.ts';
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

async function write(name: string, text: string, preparation?: Preparation): Promise<Written> {
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
  const { module, types } = await exportStandalone({
    specification,
    program,
    weights,
    name,
    version: '0',
    ...(preparation && { preparation }),
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

const written = await Promise.all([
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
]);

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
    // the preparation of examples is some 25 kB
    expect(mlp?.module.length).toBeLessThan(1.03 * ((101_770 * 4 * 4) / 3) + 32_000);
  });
});

const classifier = `model C {
  input x: [12]
  target kind: class(3)
  net { Linear(3) }
  loss CrossEntropy
  optimizer SGD(lr = 0.1)
}`;

const image: ImageForm = {
  kind: 'image',
  name: 'x',
  shape: [3, 2, 2],
  resize: true,
  normalization: { mean: [0.4, 0.5, 0.6], deviation: [0.2, 0.3, 0.25] },
};
const table: TableForm = {
  kind: 'table',
  name: 'x',
  others: ['kind'],
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

const preparing = (input: InputForm, classes?: readonly string[]): Preparation => ({
  format: 1,
  source: 'data',
  inputs: [input],
  targets: [{ name: 'kind', kind: 'class', ...(classes && { classes }) }],
});

interface Loaded {
  predict(example: unknown): {
    class: number;
    name: string;
    probabilities: Float64Array;
    outputs: { output: Float32Array };
  };
  predictAll(examples: readonly unknown[]): readonly { class: number }[];
}
const load = (name: string) => import(/* @vite-ignore */ join(folder, `${name}.mjs`)) as Promise<Loaded>;

describe('the text of the preparation', () => {
  it('defines each name once, and none that a kernel calls', async () => {
    const names = namesIn(await preparationText());
    expect(names).toContain('prepareRow');
    expect([...names].sort()).toEqual([...new Set(names)].sort());
    expect(names.filter((name) => (helperNames as readonly string[]).includes(name))).toEqual([]);
    expect(await preparationText()).not.toMatch(/^(?:import|export)\b/m);
  });
});

describe('predict', () => {
  it('prepares pictures as training did, of other sizes too, and names classes', async () => {
    const names = ['cat', "it's", '*/ ${x} </script>'];
    await write('pictures', classifier, preparing(image, names));
    await write('prepared', classifier);
    const [{ predict, predictAll }, { predict: plain }] = await Promise.all([
      load('pictures'),
      load('prepared'),
    ]);
    const random = numbersFrom(4);
    const data = Uint8Array.from({ length: 5 * 3 * 4 }, () => 256 * random());
    const picture = { width: 5, height: 3, channels: 4 as const, data };
    const found = predict(picture);
    const port = { name: 'x', shape: [12], kind: 'real' } as const;
    const wanted = plain([...preparePicture({ port, form: image }, picture)]).outputs.output;
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
    expect(() => predict([1, 2])).toThrow('x: it has 2 elements, and [3, 2, 2] takes 12');
  });

  it('prepares rows with their vocabularies', async () => {
    await write('rows', classifier, preparing(table));
    await write('prepared', classifier);
    const [{ predict }, { predict: plain }] = await Promise.all([load('rows'), load('prepared')]);
    const row = { n0: '', n1: 1, n2: '2.5', n3: 3, n4: 4, n5: 5, n6: 6, n7: 7, n8: 8, town: 'it\'s "x" */' };
    const wanted = plain([...prepareRow(table, new Map(Object.entries(row)))]).outputs.output;
    expect([...predict(row).outputs.output]).toEqual([...wanted]);
    expect([...predict([null, 1, 2.5, 3, 4, 5, 6, 7, 8, 'it\'s "x" */']).outputs.output]).toEqual([
      ...wanted,
    ]);
    expect(() => predict({ ...row, town: 'Oslo' })).toThrow(
      'town: it is "Oslo", which is none of Bonn, Rome',
    );
    expect(() => predict({ ...row, n1: '' })).toThrow('n1: it is empty');
    // an empty cell has a stand-in; a column that is not there is a mistake
    const { n8: last, ...short } = row;
    expect(() => predict({ ...short, N8: last })).toThrow(
      'n8: it is missing; is it what the row calls `N8`?',
    );
    expect(() => predict({ ...row, n9: 1 })).toThrow('n9: the training data has no such column');
    expect(Number.isFinite(predict({ ...row, kind: 2 }).outputs.output[0])).toBe(true);
    expect(() => predict([null, 1, 2.5, 3, 4, 5, 6, 7, 8])).toThrow('x: it has 9 cells');
  });

  it('refuses labels out of range, and a missing input', async () => {
    const { predict } = await load('tokens');
    expect(() => predict([1, 2, 3, 9])).toThrow('x: 9 is no whole number from 0 to 8');
    const { predict: two } = await load('sequence');
    expect(() => two([1])).toThrow('the example: an object with features, query is wanted');
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
