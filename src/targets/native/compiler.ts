// The system's C compiler: found, asked what it compiles for, and called with fixed arguments, without a shell. Results are cached by
// content in the caller's folder.
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { makeFolder } from '../../driver/make-folder.ts';
import { readEntry, writeEntry } from '../entries.ts';
import { nativeMachine, type NativeMachine } from '../../schedule/machine/native.ts';

const call = promisify(execFile);

export interface Compiler {
  /** The program: a name that the system looks up, or a path. */
  readonly command: string;
  /** As the compiler calls it: `12.2.0`. */
  readonly version: string;
  /** Options that tune for this processor. */
  readonly tuning: readonly string[];
  readonly machine: NativeMachine;
  /** Changes with the compiler's version, its target and the processor. */
  readonly identity: string;
}

/** There is no usable compiler; says what was tried. */
export class CompilerMissing extends Error {
  constructor(readonly tried: readonly string[]) {
    super(
      tried.length === 1
        ? `\`${tried[0]}\`, which CC names, is no C compiler that runs here`
        : `there is no C compiler here: ${tried.join(', ')} were tried`,
    );
    this.name = 'CompilerMissing';
  }
}

/**
 * -O2 for scalar code; loops are unrolled where that pays. Products that are added are contracted to one instruction
 * (`-ffp-contract=fast`): each number is computed by the same instructions on every thread, so that results do not depend on the number
 * of threads. Nothing else may change the rounding: no -ffast-math.
 */
const recipe = [
  '-std=gnu11',
  '-O2',
  '-ffp-contract=fast',
  '-fno-math-errno',
  '-fno-trapping-math',
  '-fno-semantic-interposition',
  '-fPIC',
  '-shared',
  '-pthread',
];

let known: { readonly wish: string | undefined; readonly found: Promise<Compiler> } | undefined;

/** The compiler that CC names, or else the first of cc, gcc and clang that works. @throws CompilerMissing */
export function findCompiler(): Promise<Compiler> {
  const wish = process.env['CC'];
  if (!known || known.wish !== wish) known = { wish, found: search(wish) };
  return known.found;
}

async function search(wish: string | undefined): Promise<Compiler> {
  const commands = wish ? [wish] : ['cc', 'gcc', 'clang'];
  for (const command of commands) {
    for (const tuning of [['-march=native'], ['-mcpu=native'], []]) {
      const macros = await probe(command, tuning);
      if (macros === 'no compiler') break;
      if (macros === undefined) continue;
      const [cpu] = cpus();
      const state = [macros.text, cpu?.model ?? '', process.arch, process.platform];
      return {
        command,
        version: /^#define __VERSION__ "(.*)"$/m.exec(macros.text)?.[1] ?? '',
        tuning,
        machine: nativeMachine(macros.names),
        identity: createHash('sha256').update(state.join('\n')).digest('hex'),
      };
    }
  }
  throw new CompilerMissing(commands);
}

interface Macros {
  readonly text: string;
  readonly names: ReadonlySet<string>;
}

/** The compiler's predefined macros: its version, and the target's features. */
async function probe(
  command: string,
  tuning: readonly string[],
): Promise<Macros | 'no compiler' | undefined> {
  try {
    const { stdout } = await call(command, [...tuning, '-dM', '-E', '-x', 'c', '/dev/null'], {
      maxBuffer: 2 ** 22,
      timeout: 20_000,
    });
    const names = new Set([...stdout.matchAll(/^#define (\w+)/gm)].map(([, name = '']) => name));
    return names.has('__VERSION__') ? { text: stdout, names } : 'no compiler';
  } catch (error) {
    const { code } = error as { code?: string | number };
    return typeof code === 'number' ? undefined : 'no compiler';
  }
}

/** A hash of the source, the compiler and its options. */
export function libraryKey(source: string, compiler: Compiler, options: readonly string[] = []): string {
  const parts = [compiler.command, compiler.identity, ...compiler.tuning, ...recipe, ...options, source];
  return createHash('sha256').update(parts.join('\n')).digest('hex').slice(0, 40);
}

/** Compiles to a shared library in `folder`, unless it is cached there; returns its path. */
export async function compileLibrary(source: string, compiler: Compiler, folder: string): Promise<string> {
  const entry = join(folder, libraryKey(source, compiler));
  const library = join(entry, libraryName);
  if ((await readEntry(entry))?.has(libraryName)) return library;
  await makeFolder(folder, 0o700);
  const work = await mkdtemp(join(folder, 'new-'));
  try {
    const [text, draft] = [join(work, 'library.c'), join(work, libraryName)];
    await writeFile(text, source);
    await runCompiler(compiler, [...recipe, '-o', draft, text, '-lm']);
    await writeEntry(entry, new Map([[libraryName, await readFile(draft)]]));
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  return library;
}

const libraryName = 'library.so';

/** @throws Error with the compiler's output: generated code that does not compile is a fault of nnc */
export async function runCompiler(compiler: Compiler, options: readonly string[]): Promise<void> {
  try {
    await call(compiler.command, [...compiler.tuning, ...options], { maxBuffer: 2 ** 24 });
  } catch (error) {
    const { stderr, message } = error as { stderr?: string; message?: string };
    throw new Error(`${compiler.command} refused a generated file:\n${stderr || message}`, { cause: error });
  }
}
