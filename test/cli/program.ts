// Runs the command line as a user does: a child process of the built program. dist/ is taken where it is as new as src/
// (`npm test` builds it first); otherwise src/ is transpiled once into a folder of its own, so that a single test file can be
// run without a build.
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { onTestFinished } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));

function sources(): string[] {
  return readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' }).filter((path) =>
    /\.(ts|nn|css)$/.test(path),
  );
}

function transpileSources(folder: string): void {
  for (const path of sources()) {
    const to = join(folder, path.replace(/\.ts$/, '.js'));
    mkdirSync(dirname(to), { recursive: true });
    if (!path.endsWith('.ts')) {
      cpSync(join(root, 'src', path), to);
      continue;
    }
    const { outputText } = ts.transpileModule(readFileSync(join(root, 'src', path), 'utf8'), {
      compilerOptions: {
        target: ts.ScriptTarget.ES2022,
        module: ts.ModuleKind.ESNext,
        rewriteRelativeImportExtensions: true,
        verbatimModuleSyntax: true,
      },
    });
    writeFileSync(to, outputText);
  }
}

function findMain(): string {
  const built = join(root, 'dist/cli/main.js');
  const times = sources().map((path) => statSync(join(root, 'src', path)).mtimeMs);
  if (existsSync(built) && statSync(built).mtimeMs >= Math.max(...times)) return built;

  const state = createHash('sha256')
    .update(JSON.stringify([sources(), times]))
    .digest('hex')
    .slice(0, 16);
  const cache = join(root, 'node_modules/.cache/nnc-test');
  const main = join(cache, state, 'dist/cli/main.js');
  if (existsSync(main)) return main;
  const fresh = join(cache, randomUUID());
  transpileSources(join(fresh, 'dist'));
  cpSync(join(root, 'package.json'), join(fresh, 'package.json'));
  try {
    renameSync(fresh, join(cache, state));
  } catch {
    // another worker was faster
    rmSync(fresh, { recursive: true, force: true });
  }
  const old = Date.now() - 3_600_000;
  for (const name of readdirSync(cache))
    // another worker may have renamed its folder meanwhile
    if ((statSync(join(cache, name), { throwIfNoEntry: false })?.mtimeMs ?? old) < old)
      rmSync(join(cache, name), { recursive: true, force: true });
  return main;
}

let main: string | undefined;

/** The file that node runs as `nnc`. */
export function programFile(): string {
  main ??= findMain();
  return main;
}

export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly cwd: string;
  readonly env?: NodeJS.ProcessEnv;
}

export function start(words: readonly string[], { cwd, env }: RunOptions): ChildProcessWithoutNullStreams {
  return spawn(process.execPath, [programFile(), ...words], {
    cwd,
    env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: '', NNC_CACHE: join(cwd, '.cache'), ...env },
  });
}

export function finish(child: ChildProcessWithoutNullStreams): Promise<Finished> {
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  child.stdin.end();
  return new Promise((done, failed) => {
    child.on('error', failed);
    child.on('close', (code) => done({ code, stdout, stderr }));
  });
}

/** `nnc` with these words, to its end. */
export function nnc(words: readonly string[], options: RunOptions): Promise<Finished> {
  return finish(start(words, options));
}

/**
 * The same without a child process, for commands that run no generated module: an order of magnitude quicker.
 * One at a time, for it moves the working directory.
 */
export async function nncHere(words: readonly string[], { cwd }: RunOptions): Promise<Finished> {
  const { run } = await import('../../src/cli/main.ts');
  const before = process.cwd();
  let stdout = '';
  let stderr = '';
  process.chdir(cwd);
  try {
    const code = await run(words, {
      result: (text) => void (stdout += `${text}\n`),
      note: (text) => void (stderr += `${text}\n`),
      raw: (text) => void (stderr += text),
      terminal: undefined,
      color: false,
    });
    return { code, stdout, stderr };
  } finally {
    process.chdir(before);
  }
}

/** A folder with these files, gone when the test is over. */
export function folderWith(files: { readonly [path: string]: string | Uint8Array }): string {
  const folder = mkdtempSync(join(tmpdir(), 'nnc-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
  return folder;
}
