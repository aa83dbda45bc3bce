// A whole training run in this process: the text of a model and files of data enter; the model is compiled, run by the interpreter
// in float32, and trained as `nnc train` does it.
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { compile, type Compilation } from '../../src/compile.ts';
import { interpret } from '../../src/ir/stages/interpret.ts';
import { createModel } from '../../src/runtime/create-model.ts';
import type { Arrays, Executable } from '../../src/runtime/executable.ts';
import type { ModelOptions, Model } from '../../src/runtime/model.ts';
import type { ProgramName } from '../../src/runtime/specification.ts';
import { namedRecord } from '../../src/runtime/tensor.ts';
import type { Checkpoint } from '../../src/train/checkpoint/checkpoint.ts';
import { checkpointNames, type RunPlaces } from '../../src/train/run/context.ts';
import type { RunRecord } from '../../src/train/run/record.ts';
import { runTraining, type RunRequest } from '../../src/train/run/run.ts';

class InterpretedExecutable implements Executable {
  readonly mode = 'the interpreter';
  readonly #stored = new Map<string, Float32Array>();

  constructor(private readonly compilation: Compilation) {}

  async run(program: ProgramName, inputs: Arrays): Promise<Arrays> {
    const kernels = this.compilation.programs.get(program)?.kernels;
    if (!kernels) throw new Error(`there is no program ${program}`);
    const bindings = {
      inputs: new Map(Object.entries(inputs)),
      stored: this.#stored,
      precision: 'float32',
    } as const;
    const { outputs, stored } = interpret(kernels, bindings);
    if (program === 'step')
      for (const [path, values] of stored) this.#stored.set(path, Float32Array.from(values));
    return namedRecord([...outputs].map(([name, values]) => [name, Float32Array.from(values)]));
  }

  async read(path: string): Promise<Float32Array> {
    return (this.#stored.get(path) ?? new Float32Array()).slice();
  }

  async write(path: string, values: Float32Array): Promise<void> {
    this.#stored.set(path, values.slice());
  }

  async destroy(): Promise<void> {
    this.#stored.clear();
  }
}

export function compileText(text: string): Compilation {
  return compile({ path: 'case.nn', text, library: false });
}

export function openInterpreted(compilation: Compilation, options: ModelOptions = {}): Promise<Model> {
  return createModel(compilation.specification, async () => new InterpretedExecutable(compilation), options);
}

/** A folder for one test, with these files. */
export function testFolder(files: { readonly [name: string]: string | Uint8Array } = {}): string {
  const folder = mkdtempSync(join(tmpdir(), 'nnc-run-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  return folder;
}

/** Where a run leaves its files: `name` in the test's folder. */
export function placesIn(folder: string, name = 'run'): RunPlaces {
  const path = join(folder, name);
  return {
    async open() {
      await mkdir(path, { recursive: true });
      return path;
    },
    checkpoint: (kind) => join(path, checkpointNames[kind]),
  };
}

export interface RunSetUp {
  readonly compilation: Compilation;
  readonly folder: string;
  readonly resume?: Checkpoint;
  readonly changes?: Partial<RunRequest>;
}

export function runInterpreted({ compilation, folder, resume, changes }: RunSetUp): Promise<RunRecord> {
  return runTraining({
    specification: compilation.specification,
    create: (options) => openInterpreted(compilation, options),
    wishes: {},
    folder,
    places: placesIn(folder),
    observers: [],
    signal: new AbortController().signal,
    prepared() {},
    ...(resume && { resume }),
    ...changes,
  });
}

export const filesOf = (folder: string): readonly string[] => readdirSync(folder).sort();
