// A trained classifier of table rows, used in every way there is: the same raw rows give the same numbers.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as ort from 'onnxruntime-node';
import ts from 'typescript';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectClose, runTensors } from '../export/onnx/run-onnx.ts';
import { nnc, nncHere, programFile } from './program.ts';

const cwd = mkdtempSync(join(tmpdir(), 'nnc-trees-'));
afterAll(() => rmSync(cwd, { recursive: true, force: true }));

const leaves = ['lobed', 'oval', "o'x"];
const text = `model Trees {
  input  tree: [4]
  target species: class(2)
  net { Linear(6) Tanh Linear(2) }
  loss      CrossEntropy
  optimizer Adam(lr = 0.05)
  metrics   accuracy
  data  csv("trees.csv", target = "species", features = ["height", "leaf"], categorical = ["leaf"], missing = mean, normalize = true)
  train { epochs = 5  batch = 8  seed = 1 }
}
`;
const trees = Array.from({ length: 64 }, (_, i) => {
  const isOak = i % 2 === 0;
  const height = i % 9 === 5 ? '' : String(1000 + (isOak ? 20 : 12) + (i % 7));
  return [i, height, leaves[i % 3], isOak ? 'oak' : 'birch'].join(',');
});

const rows = [
  { height: 1021.5, leaf: 'oval' },
  { height: null, leaf: 'lobed', species: 'oak' },
  { height: '1013', leaf: "o'x", id: 7 },
];
const csv = `leaf,height\noval,1021.5\nlobed,\no'x,1013\n`;

let wanted: readonly number[];

beforeAll(async () => {
  writeFileSync(join(cwd, 'trees.nn'), text);
  writeFileSync(join(cwd, 'trees.csv'), ['id,height,leaf,species', ...trees, ''].join('\n'));
  writeFileSync(join(cwd, 'new.csv'), csv);
  mkdirSync(join(cwd, 'node_modules'));
  symlinkSync(resolve(programFile(), '../../..'), join(cwd, 'node_modules/nnc'));
  const trained = await nnc(['train', 'trees.nn', '--no-report'], { cwd });
  expect([trained.code, trained.stderr]).toMatchObject([0, expect.not.stringContaining('error')]);
  const { code, stdout } = await nnc(['predict', 'trees.nn', 'new.csv', '--json'], { cwd });
  expect(code).toBe(0);
  const { predictions } = JSON.parse(stdout) as {
    predictions: { name: string; outputs: { output: number[] } }[];
  };
  wanted = predictions.flatMap(({ outputs }) => outputs.output);
  expect(wanted).toHaveLength(6);
}, 300_000);

/** What a script in the folder prints, as JSON. */
function runScript(name: string, script: string): unknown {
  writeFileSync(join(cwd, name), script);
  const { stdout, stderr, status } = spawnSync(process.execPath, [name], { cwd, encoding: 'utf8' });
  expect([status, stderr]).toEqual([0, '']);
  return JSON.parse(stdout);
}

describe('a trained model of table rows', () => {
  it('is a module with weights, preparation and types', async () => {
    const exported = await nnc(['export', 'trees.nn', '--format', 'module'], { cwd });
    expect(exported).toMatchObject({ code: 0, stdout: '' });
    const found = runScript(
      'use.mjs',
      `import { classes, create } from './build/trees.trained.mjs';
const model = await create();
const rows = ${JSON.stringify(rows)};
const all = await model.predictAll(rows);
const refused = async (work) => { try { await work(); } catch (error) { return error.name + ': ' + error.message; } };
console.log(JSON.stringify({
  classes,
  outputs: all.flatMap(({ outputs }) => [...outputs.output]),
  names: all.map(({ class: number, name }) => name === classes[number]),
  raw: await refused(() => model.forward({ tree: [1021.5, 0, 1, 0] })),
  lacks: await refused(() => model.predict({ hight: 1020, leaf: 'oval' })),
  unknown: await refused(() => model.predict({ height: 1020, leaf: 'oval', colour: 'red' })),
}));
await model.destroy();
`,
    ) as { readonly outputs: number[] };
    expectClose(found.outputs, wanted, 1e-5);
    expect(found).toMatchObject({
      classes: ['birch', 'oak'],
      names: [true, true, true],
      raw: expect.stringMatching(/^ModelInputError: `tree` must be what `prepare` returned/) as string,
      lacks: 'ExampleError: height: it is missing; is it what the row calls `hight`?',
      unknown: 'ExampleError: colour: the training data has no such column; the model takes height, leaf',
    });
  });

  it('has types that know its columns, texts and classes', () => {
    const check = (lines: string) => {
      const path = join(cwd, 'use.mts');
      writeFileSync(
        path,
        `import { create } from './build/trees.trained.mjs';\nconst model = await create();\n${lines}\n`,
      );
      const program = ts.createProgram([path], {
        strict: true,
        noEmit: true,
        skipLibCheck: true,
        target: ts.ScriptTarget.ES2022,
        module: ts.ModuleKind.NodeNext,
        moduleResolution: ts.ModuleResolutionKind.NodeNext,
        allowImportingTsExtensions: true,
        types: [],
        paths: { 'nnc/runtime': [fileURLToPath(new URL('../../src/runtime/index.ts', import.meta.url))] },
      });
      const source = program.getSourceFile(path);
      return [...program.getSemanticDiagnostics(source)].map(({ messageText }) =>
        ts.flattenDiagnosticMessageText(messageText, ' '),
      );
    };
    const right = `const { name, probabilities } = await model.predict({ height: 3, leaf: 'oval', id: 4 });
const species: 'oak' | 'birch' = name;
await model.forward(model.prepareAll([{ height: null, leaf: 'lobed' }, [3, 'oval']]));
export default [species, probabilities.length];`;
    expect(check(right)).toEqual([]);
    expect(check(`await model.predict({ hight: 3, leaf: 'oval' });`)).not.toEqual([]);
    expect(check(`await model.predict({ height: 3, leaf: 'ovla' });`)).not.toEqual([]);
    expect(check(`(await model.predict({ height: 3, leaf: 'oval' })).name === 'pine';`)).not.toEqual([]);
  });

  it('stands alone', async () => {
    expect((await nncHere(['export', 'trees.nn', '--standalone'], { cwd })).code).toBe(0);
    const found = runScript(
      'alone.mjs',
      `import { predictAll } from './build/trees.standalone.mjs';
console.log(JSON.stringify(predictAll(${JSON.stringify(rows)}).flatMap(({ outputs }) => [...outputs.output])));
`,
    );
    expectClose(found as number[], wanted, 1e-5);
  });

  it('is an ONNX graph of raw columns, or of what the model takes', async () => {
    const exported = await nncHere(['export', 'trees.nn', '--format', 'onnx'], { cwd });
    expect([exported.code, exported.stderr]).toMatchObject([
      0,
      expect.not.stringContaining('note: ') as string,
    ]);
    const feeds = new Map<string, ort.Tensor>([
      ['height', new ort.Tensor('float64', Float64Array.of(1021.5, NaN, 1013), [3, 1])],
      ['leaf', new ort.Tensor('string', ['oval', 'lobed', "o'x"], [3, 1])],
    ]);
    const found = await runTensors(readFileSync(join(cwd, 'build/trees.onnx')), feeds);
    expectClose(found.get('output')?.data ?? [], wanted, 1e-5);

    const raw = await nncHere(['export', 'trees.nn', '--format', 'onnx', '--raw', '--out', 'raw.onnx'], {
      cwd,
    });
    expect(raw.stderr).toContain(
      'note: the graph takes prepared examples; its metadata `preprocessing` says how',
    );
    const prepared = new ort.Tensor('float32', new Float32Array(4), [1, 4]);
    const plain = await runTensors(readFileSync(join(cwd, 'raw.onnx')), new Map([['tree', prepared]]));
    expect(plain.get('output')?.data).toHaveLength(2);
  });

  it('refuses what does not fit together', async () => {
    const raw = await nncHere(['export', 'trees.nn', '--format', 'module', '--raw'], { cwd });
    expect([raw.code, raw.stderr]).toMatchObject([
      2,
      expect.stringContaining('--raw takes --format onnx') as string,
    ]);
    const initial = await nncHere(['export', 'trees.nn', '--format', 'module', '--initial'], { cwd });
    expect([initial.code, initial.stderr]).toMatchObject([
      2,
      expect.stringContaining('a model that has not been trained') as string,
    ]);
    writeFileSync(join(cwd, 'bad.csv'), 'leaf,height,heigth\noval,1,2\n');
    const bad = await nnc(['predict', 'trees.nn', 'bad.csv'], { cwd });
    expect([bad.code, bad.stderr]).toMatchObject([
      2,
      expect.stringContaining('the training data has no such column; did you mean `height`?') as string,
    ]);
  });
});
