// nnc as a library: a model is compiled, built, trained, resumed and opened by what `import … from 'nnc'` gives, and comes to what the
// command line comes to. The built program is imported, as a user's program would.
import { mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import type { EpochReport } from '../src/index.ts';
import { nnc, programFile } from './cli/program.ts';

const folder = mkdtempSync(join(tmpdir(), 'nnc-library-'));
const path = join(folder, 'plane.nn');
const text = `model Plane {
  input  x: [2]
  target y: [1]
  data csv("plane.csv", target = "y", test = 0.2)
  net { Linear(4)  Tanh  Linear(1) }
  loss      MSE
  optimizer SGD(lr = 0.1)
  train { epochs = 3  batch = 8  seed = 5  validation = 0.2 }
}
`;
const source = { path, text, library: false };
const device = { threads: 1 };

let library: typeof import('../src/index.ts');

beforeAll(async () => {
  const rows = Array.from({ length: 100 }, (_, i) => [(i % 10) / 10, Math.floor(i / 10) / 10]);
  const lines = rows.map(([a = 0, b = 0]) => `${a},${b},${(a - 2 * b).toFixed(2)}`);
  writeFileSync(join(folder, 'plane.csv'), `a,b,y\n${lines.join('\n')}\n`);
  writeFileSync(path, text);
  process.env['NNC_CACHE'] = join(folder, 'cache');
  const index = join(dirname(programFile()), '../index.js');
  library = (await import(pathToFileURL(index).href)) as typeof library;
}, 120_000);

describe('the library', () => {
  it('compiles to kernels, and prints what a pass leaves', async () => {
    const { specification, programs } = library.compile(source);
    expect([specification.name, specification.target]).toEqual(['Plane', library.defaultTarget]);
    expect([...programs.keys()]).toEqual(['forward', 'evaluate', 'step']);
    expect((await library.emit(source, 'after:schedule')).text).toContain('stored as linear_1.W');
  });

  it('builds a module, and finds it again', async () => {
    const request = { source, options: { programs: ['forward'] as const } };
    const first = await library.build(request);
    const again = await library.build(request);
    expect([first.cached, again.cached, again.folder]).toEqual([false, true, first.folder]);
    expect(readdirSync(first.folder)).toEqual(
      expect.arrayContaining(['plane.mjs', 'plane.d.mts', 'plane.wasm']),
    );
    const { specification } = await library.loadBuild(again);
    expect(specification.programs).toEqual(['forward']);
  });

  it('throws what is wrong as diagnostics', async () => {
    const wrong = { ...source, text: text.replace('Tanh', 'Tahn') };
    const failure = await library.buildModel({ source: wrong }).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(library.DiagnosticError);
    const { diagnostics } = failure as InstanceType<typeof library.DiagnosticError>;
    expect(library.renderDiagnostic(diagnostics[0] ?? expect.unreachable(), { color: false })).toContain(
      'Tanh',
    );
    await expect(library.buildModel({ source, target: 'wsam' })).rejects.toThrow('target.unknown');
    await expect(library.buildModel({ source, target: 'native', deterministic: true })).rejects.toThrow(
      'target.deterministic',
    );
  });

  it('trains as the command does, tells of it, and opens what was trained', async () => {
    const epochs: EpochReport[] = [];
    let steps = 0;
    const out = join(folder, 'whole');
    const record = await library.train({
      ...{ source, out, ...device },
      observer: { stepped: () => void steps++, epochEnded: (report) => void epochs.push(report) },
    });
    expect([record.ended, record.epochs, steps]).toEqual(['completed', 3, record.steps]);
    expect(epochs.map(({ loss }) => loss)).toEqual(record.losses);
    expect(record.losses[2]).toBeLessThan(record.losses[0] ?? 0);
    expect(readdirSync(out)).toEqual(
      expect.arrayContaining(['checkpoint-last.safetensors', 'config.json', 'run.json']),
    );

    const command = ['train', 'plane.nn', '--json', '--no-report', '--threads', '1', '--out', 'by-command'];
    const { stdout } = await nnc(command, { cwd: folder });
    const told = JSON.parse(stdout) as typeof record;
    expect([told.losses, told.test, told.best?.value]).toEqual([
      record.losses,
      record.test,
      record.best?.value,
    ]);

    const model = await library.openModel({
      source,
      ...device,
      checkpoint: record.checkpoint,
    });
    try {
      expect(model.stepsTaken).toBe(record.steps);
      const { output } = await model.forward({ x: Float32Array.from({ length: 16 }, (_, i) => i / 16) });
      expect(output?.shape).toEqual([8, 1]);
    } finally {
      await model.destroy();
    }
  }, 60_000);

  it('ends at a signal, and goes on from there to the same end', async () => {
    const [out, whole] = [join(folder, 'parts'), join(folder, 'at-once')];
    const stop = new AbortController();
    const observer = {
      stepped: ({ position }: { position: { step: number } }) => void (position.step === 4 && stop.abort()),
    };
    const first = await library.train({ source, out, ...device, observer, signal: stop.signal });
    expect([first.ended, first.interrupted, first.steps]).toEqual(['interrupted', true, 4]);
    const resume = first.checkpoint ?? expect.unreachable();
    const second = await library.train({ source, out, ...device, resume });
    const once = await library.train({ source, out: whole, ...device });
    expect([second.steps, second.losses, second.test]).toEqual([once.steps, once.losses, once.test]);
  }, 60_000);
});
