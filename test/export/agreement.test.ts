// One definition of preparation: what training computes for an example of its data, the model, a module that stands alone and an ONNX
// graph compute for the same raw example.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import * as ort from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { compile } from '../../src/compile.ts';
import { DiagnosticError } from '../../src/diagnostics/diagnostic.ts';
import { exportOnnx } from '../../src/export/onnx/export-onnx.ts';
import { exportStandalone } from '../../src/export/standalone/export-standalone.ts';
import type { Preparation } from '../../src/runtime/preparation/form.ts';
import type { Example } from '../../src/runtime/preparation/prepare.ts';
import type { Prediction } from '../../src/runtime/preparation/present.ts';
import { readCheckpoint, restoreCheckpoint } from '../../src/train/checkpoint/checkpoint.ts';
import { slice } from '../../src/train/data/feed/batches.ts';
import { loadData } from '../../src/train/data/load-data.ts';
import { parsePreprocessing } from '../../src/train/data/prepare/preprocessing.ts';
import { idxFile } from '../train/data/files.ts';
import { compileText, openInterpreted, runInterpreted, testFolder } from '../train/interpreted-run.ts';
import { expectClose, runTensors } from './onnx/run-onnx.ts';

type Outputs = readonly (readonly number[])[];
type Feeds = ReadonlyMap<string, ort.Tensor>;

interface Case {
  readonly text: string;
  readonly files: { readonly [name: string]: string | Uint8Array };
  /** The training examples, raw. */
  readonly examples: readonly Example[];
  /** None where a graph does not prepare the examples. */
  readonly feeds?: Feeds;
}

/** Trains, and gives the outputs for the training examples by each of the ways. */
async function outputsOf({ text, files, examples, feeds }: Case) {
  const folder = testFolder(files);
  const compilation = compileText(text);
  const { specification } = compilation;
  const { checkpoint: path } = await runInterpreted({ compilation, folder });
  const checkpoint = await readCheckpoint(path ?? '');
  const model = await openInterpreted(compilation);
  await restoreCheckpoint(checkpoint, model);
  const setting = specification.data;
  if (!setting) throw new Error('no data');
  const { train } = await loadData(setting, specification, { folder });
  const inputs = slice(train, 0, train.count);
  const name = specification.inputs[0]?.name ?? '';
  const trained = await model.forward({ [name]: inputs[name] ?? [] }, { prepared: true });
  const targets = parsePreprocessing(checkpoint.training.preprocessing)?.targets;
  const rowsOf = (found: readonly Prediction[]): Outputs =>
    found.map(({ outputs }) => [...(outputs['output'] ?? [])]);
  const preparation = parsePreprocessing(checkpoint.training.preprocessing);
  if (!preparation) throw new Error('no preparation');
  const weights = new Map(
    await Promise.all(
      specification.stored.map(
        async ({ path: tensor }) => [tensor, (await model.read(tensor)).data] as const,
      ),
    ),
  );
  return {
    targets,
    preparation,
    wanted: rowsOf(model.present(trained)),
    model: rowsOf(await model.predictAll(examples)),
    standalone: rowsOf(await standalone(text, folder, weights, preparation, examples)),
    weights,
    onnx: feeds && (await onnx(text, weights, preparation, feeds, examples.length)),
  };
}

type Weights = ReadonlyMap<string, Float32Array>;

async function standalone(
  text: string,
  folder: string,
  weights: Weights,
  preparation: Preparation,
  examples: readonly Example[],
) {
  const { specification, programs } = compile(
    { path: 'case.nn', text, library: false },
    { batch: 1, programs: ['forward'] },
  );
  const program = programs.get('forward');
  if (!program) throw new Error('no forward program');
  const { module } = await exportStandalone({
    specification,
    program,
    weights,
    preparation,
    name: 'case',
    version: '0',
  });
  const path = join(folder, 'case.mjs');
  writeFileSync(path, module);
  const { predictAll } = (await import(/* @vite-ignore */ pathToFileURL(path).href)) as {
    predictAll(examples: readonly Example[]): readonly Prediction[];
  };
  return predictAll(examples);
}

function exported(text: string, weights: Weights, preparation: Preparation) {
  const at = (batch: number) =>
    compile({ path: 'case.nn', text, library: false }, { batch, programs: ['forward'] }).elaborated;
  return exportOnnx({ name: 'm', model: at(2), other: at(3), weights, preparation, version: '0' });
}

async function onnx(
  text: string,
  weights: Weights,
  preparation: Preparation,
  feeds: Feeds,
  count: number,
): Promise<Outputs> {
  const { bytes, fixedBatch } = exported(text, weights, preparation);
  expect(fixedBatch).toBeUndefined();
  const output = (await runTensors(bytes, feeds)).get('output');
  if (!output) throw new Error('no output');
  const size = output.data.length / count;
  return Array.from({ length: count }, (_, i) => output.data.slice(i * size, (i + 1) * size));
}

async function expectAgreement(given: Case) {
  const found = await outputsOf(given);
  expect(found.wanted.flat().every(Number.isFinite)).toBe(true);
  expect(new Set(found.wanted.map(String)).size).toBeGreaterThan(2);
  expect(found.model).toEqual(found.wanted);
  for (const way of [found.standalone, found.onnx])
    if (way) expectClose(way.flat(), found.wanted.flat(), 1e-5);
  return found;
}

const doubles = (values: readonly number[], ...shape: number[]) =>
  new ort.Tensor('float64', Float64Array.from(values), shape);
const texts = (values: readonly string[]) => new ort.Tensor('string', [...values], [values.length, 1]);

const town = `model Town {
  input x: [5]
  target price: [1]
  net { Linear(4) Tanh Linear(1) }
  loss MSE
  optimizer SGD(lr = 0.01)
  data csv("t.csv", target = "price", features = ["when", "rooms", "town"], categorical = ["town"], missing = mean, normalize = true)
  train { epochs = 2  batch = 2  seed = 1 }
}`;
const start = 1_700_000_000;
const rows = [
  { when: start, rooms: 3, town: 'Bonn' },
  { when: start + 5, rooms: null, town: 'Rome' },
  { when: start + 9, rooms: 2.5, town: '' },
  { when: start + 14, rooms: 7, town: "O'x" },
];
const csv = [
  'when,id,rooms,town,price',
  ...rows.map(({ when, rooms: n, town: t }, i) => `${when},${i},${n ?? ''},${t},${10 * i + 1}`),
];

describe('a raw example is prepared in one way', () => {
  it('as a row of numbers with many digits, texts and empty cells', async () => {
    const { preparation } = await expectAgreement({
      text: town,
      files: { 't.csv': csv.join('\n') },
      examples: rows,
      feeds: new Map<string, ort.Tensor>([
        [
          'when',
          doubles(
            rows.map(({ when }) => when),
            4,
            1,
          ),
        ],
        [
          'rooms',
          doubles(
            rows.map(({ rooms: n }) => n ?? NaN),
            4,
            1,
          ),
        ],
        ['town', texts(rows.map((row) => row.town))],
      ]),
    });
    expect(preparation.inputs).toMatchObject([{ kind: 'table', others: ['id', 'price'] }]);
  });

  it('as a row of numbers', async () => {
    const text = town
      .replace('[5]', '[2]')
      .replace(
        'features = ["when", "rooms", "town"], categorical = ["town"]',
        'features = ["when", "rooms"]',
      );
    await expectAgreement({
      text,
      files: { 't.csv': csv.join('\n') },
      examples: rows.map(({ when, rooms: n }) => ({ when, rooms: n })),
      feeds: new Map<string, ort.Tensor>([
        [
          'x',
          doubles(
            rows.flatMap(({ when, rooms: n }) => [when, n ?? NaN]),
            4,
            2,
          ),
        ],
      ]),
    });
  });

  it('as an index of a category', async () => {
    const text = town
      .replace('input x: [5]', 'input x: int(3)[1]')
      .replace('net { Linear(4)', 'net { Embedding(3, 2) Flatten Linear(4)')
      .replace('["when", "rooms", "town"]', '["town"]')
      .replace(', normalize = true', '');
    await expectAgreement({
      text,
      files: { 't.csv': csv.join('\n') },
      examples: rows.map((row) => [row.town]),
      feeds: new Map<string, ort.Tensor>([['town', texts(rows.map((row) => row.town))]]),
    });
  });

  it('as a picture, flat in the model and in planes', async () => {
    const bytes = Uint8Array.from({ length: 24 }, (_, i) => (i * 97) % 256);
    const text = `model Digit {
  input image: [6]
  target digit: class(3)
  net { Linear(3) }
  loss CrossEntropy
  optimizer SGD(lr = 0.01)
  data idx(images = "images", labels = "labels", normalize = true)
  train { epochs = 1  batch = 2  seed = 1 }
}`;
    const picture = (i: number) => bytes.subarray(6 * i, 6 * i + 6);
    const files = { images: idxFile([4, 2, 3], bytes), labels: idxFile([4], [0, 1, 2, 0]) };
    await expectAgreement({
      text,
      files,
      examples: [
        picture(0),
        { image: [...picture(1)] },
        { width: 3, height: 2, data: picture(2) },
        picture(3),
      ],
      feeds: new Map<string, ort.Tensor>([['image', new ort.Tensor('uint8', bytes, [4, 6])]]),
    });
  });

  it('as an array of numbers with many digits, by channel', async () => {
    const values = Float64Array.from({ length: 16 }, (_, i) => start + (i % 2 === 0 ? i : -3 * i));
    const head = (shape: string) => {
      const text = `{'descr': '<f8', 'fortran_order': False, 'shape': ${shape}, }`.padEnd(117) + '\n';
      return Buffer.concat([
        Buffer.from([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, 118, 0]),
        Buffer.from(text),
      ]);
    };
    const npy = (data: Float64Array, shape: string) =>
      new Uint8Array(Buffer.concat([head(shape), Buffer.from(data.buffer)]));
    await expectAgreement({
      text: `model Waves {
  input x: [2, 2]
  target y: [1]
  net { Flatten Linear(1) }
  loss MSE
  optimizer SGD(lr = 0.01)
  data npy(inputs = "x.npy", targets = "y.npy", normalize = true)
  train { epochs = 1  batch = 2  seed = 1 }
}`,
      files: { 'x.npy': npy(values, '(4, 2, 2)'), 'y.npy': npy(Float64Array.of(1, 2, 3, 4), '(4, 1)') },
      examples: [0, 4, 8, 12].map((at) => [...values.subarray(at, at + 4)]),
      feeds: new Map<string, ort.Tensor>([['x', doubles([...values], 4, 2, 2)]]),
    });
  });
});

function refusalOf(work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof DiagnosticError)) throw error;
    return Object.values(error.diagnostics[0]?.args ?? {}).join(' | ');
  }
}

describe('windows over a series', () => {
  const text = `model Next {
  input past: [2, 4]
  target next: [1]
  net { Flatten Linear(1) }
  loss MSE
  optimizer SGD(lr = 0.01)
  data csv("t.csv", target = "v", time = "at", features = ["v", "at"], dates = [at(seconds, hour)], window = 2, normalize = true)
  train { epochs = 2  batch = 2  seed = 1 }
}`;
  const steps = Array.from({ length: 6 }, (_, i) => ({
    at: `2024-03-31T0${i}:30+02:00`,
    v: (7 * i * i) % 10,
  }));
  const series = ['at,v', ...steps.map(({ at, v }) => `${at},${v}`)].join('\n');

  it('are prepared in one way, which a graph leaves to the caller', async () => {
    const { preparation, weights } = await expectAgreement({
      text,
      files: { 't.csv': series },
      examples: [0, 1, 2, 3].map((first) => steps.slice(first, first + 2)),
    });
    expect(preparation.inputs).toMatchObject([{ kind: 'series', window: 2, row: { kind: 'table' } }]);
    expect(refusalOf(() => exported(text, weights, preparation))).toContain('dates are not read');
  });

  it('are refused by a graph where their rows are changed, and taken where they are not', async () => {
    const numbers = text
      .replace('[2, 4]', '[2]')
      .replace('features = ["v", "at"], dates = [at(seconds, hour)]', 'features = ["v"]');
    const examples = [0, 1, 2, 3].map((first) => steps.slice(first, first + 2).map(({ v }) => ({ v })));
    const changed = await expectAgreement({ text: numbers, files: { 't.csv': series }, examples });
    expect(refusalOf(() => exported(numbers, changed.weights, changed.preparation))).toContain(
      'the rows of a series',
    );
    const values = Float32Array.from(examples.flat(), ({ v }) => v);
    await expectAgreement({
      text: numbers.replace(', normalize = true', ''),
      files: { 't.csv': series },
      examples,
      feeds: new Map([['past', new ort.Tensor('float32', values, [4, 2])]]),
    });
  });
});

describe('an ONNX graph', () => {
  const weights = new Map([
    ['linear_1.W', new Float32Array(20).fill(0.1)],
    ['linear_1.b', new Float32Array(4)],
    ['linear_2.W', new Float32Array(4).fill(0.5)],
    ['linear_2.b', new Float32Array(1)],
  ]);
  const preparation: Preparation = {
    format: 1,
    source: 'csv',
    inputs: [
      {
        kind: 'table',
        name: 'x',
        columns: [
          { kind: 'number', name: 'output' },
          { kind: 'number', name: 'rooms', missing: 4 },
          {
            kind: 'category',
            name: 'town',
            vocabulary: ['Bonn', 'Rome', ''],
            encoding: 'one-hot',
            missing: 'Rome',
          },
        ],
      },
    ],
    targets: [{ name: 'price', kind: 'number' }],
  };
  const run = async (numbers: readonly number[], town: readonly string[]) => {
    const { bytes } = exported(one, weights, preparation);
    const count = town.length;
    const found = await runTensors(
      bytes,
      new Map<string, ort.Tensor>([
        ['output_2', doubles(numbers, count, 1)],
        ['rooms', doubles(new Array<number>(count).fill(NaN), count, 1)],
        ['town', texts(town)],
      ]),
    );
    return found.get('output')?.data ?? [];
  };
  const one = town.replace('Tanh', 'ReLU').replace(', normalize = true', '');

  it('gives NaN for a text that training did not have, and for an empty cell without a stand-in', async () => {
    const found = await run([5, NaN, 5], ['Oslo', 'Bonn', '']);
    expect(found.map(Number.isNaN)).toEqual([true, true, false]);
  });
});
