// scripts/build.mjs on a small project of its own: dist/ is whole at every moment, and what it replaces is whole too.
import { spawn } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import { lacksSignals } from '../support/facilities.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** What tsc takes, and what it refuses. */
const good = 'export const answer: number = 42;\n';
const wrong = "export const answer: number = 'text';\n";

function project(): string {
  const folder = mkdtempSync(join(tmpdir(), 'nnc-build-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  };
  mkdirSync(join(folder, 'scripts'));
  cpSync(join(root, 'scripts/build.mjs'), join(folder, 'scripts/build.mjs'));
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'), 'junction');
  write('package.json', '{ "type": "module", "bin": { "nnc": "dist/cli/main.js" } }');
  write(
    'tsconfig.build.json',
    JSON.stringify({
      compilerOptions: {
        rootDir: 'src',
        outDir: 'dist',
        module: 'nodenext',
        target: 'es2022',
        types: [],
        lib: ['es5'],
        skipLibCheck: true,
        noEmitOnError: false,
      },
      include: ['src'],
    }),
  );
  write('src/cli/main.ts', good);
  write('src/std/layers.nn', 'layer A() (x: [D]) -> [D] { return x }\n');
  write('src/report/page/page.css', 'p { margin: 0 }\n');
  write('src/runtime/gpu/gpu-package.ts', "import library from 'gpu.js';\nexport const { GPU } = library;\n");
  return folder;
}

function startBuild(folder: string) {
  return spawn(process.execPath, [join(folder, 'scripts/build.mjs')], {
    cwd: folder,
    stdio: 'ignore',
    detached: true,
  });
}

async function build(folder: string): Promise<number | null> {
  const [code] = (await once(startBuild(folder), 'close')) as [number | null];
  return code;
}

/** Every file of dist/ with its text. */
function built(folder: string): Map<string, string> {
  const dist = join(folder, 'dist');
  const paths = readdirSync(dist, { recursive: true, encoding: 'utf8' }).sort();
  return new Map(
    paths
      .filter((path) => statSync(join(dist, path)).isFile())
      .map((path) => [path, readFileSync(join(dist, path), 'utf8')]),
  );
}

const besides = (folder: string) => readdirSync(folder).filter((name) => name.startsWith('dist.'));

it('writes code, library, styles, gpu.js and a hash, and keeps the run bit of the command', async () => {
  const folder = project();
  // twice: npm sets the bit when it installs, the build after that must not lose it
  for (const time of ['first', 'second']) {
    expect(await build(folder), time).toBe(0);
    expect([...built(folder).keys()].map((path) => path.replaceAll('\\', '/'))).toEqual([
      'build-hash',
      'cli/main.js',
      'report/page/page.css',
      'runtime/gpu/gpu-package.js',
      'std/layers.nn',
    ]);
    if (process.platform !== 'win32')
      expect(statSync(join(folder, 'dist/cli/main.js')).mode & 0o111, time).toBe(0o111);
  }
  expect(besides(folder)).toEqual([]);
});

it('drops what the sources no longer have', async () => {
  const folder = project();
  writeFileSync(join(folder, 'src/gone.ts'), good);
  await build(folder);
  expect(existsSync(join(folder, 'dist/gone.js'))).toBe(true);
  rmSync(join(folder, 'src/gone.ts'));
  await build(folder);
  expect(existsSync(join(folder, 'dist/gone.js'))).toBe(false);
});

it('leaves dist/ as it was where the sources have a type error', async () => {
  const folder = project();
  await build(folder);
  const before = built(folder);
  writeFileSync(join(folder, 'src/cli/main.ts'), wrong);
  expect(await build(folder)).not.toBe(0);
  expect(built(folder)).toEqual(before);
  expect(besides(folder)).toEqual([]);
});

it.skipIf(lacksSignals)(
  'leaves dist/ as it was where it is killed, and the next build tidies up',
  async () => {
    const folder = project();
    await build(folder);
    const before = built(folder);
    writeFileSync(join(folder, 'src/cli/main.ts'), good.replace('42', '43'));
    // with its compiler, when the compiler writes
    const killed = startBuild(folder);
    const over = once(killed, 'close');
    while (besides(folder).length === 0 && killed.exitCode === null) await setTimeout(1);
    process.kill(-(killed.pid ?? 0), 'SIGKILL');
    await over;
    expect(besides(folder)).toHaveLength(1);
    expect(built(folder)).toEqual(before);
    expect(await build(folder)).toBe(0);
    expect(readFileSync(join(folder, 'dist/cli/main.js'), 'utf8')).toContain('43');
    expect(besides(folder)).toEqual([]);
  },
);

it('several at once leave one whole dist/, and no moment shows a part of one', async () => {
  const folder = project();
  await build(folder);
  const whole = [...built(folder).keys()];
  let running = true as boolean;
  const builds = Promise.all([1, 2, 3].map(() => build(folder))).finally(() => (running = false));
  const parts: string[][] = [];
  while (running) {
    // what was read while dist/ moved away cannot be listed at all
    const seen = (() => {
      try {
        return [...built(folder).keys()];
      } catch {
        return whole;
      }
    })();
    if (seen.length !== whole.length) parts.push(seen);
    await setTimeout(5);
  }
  expect(await builds).toEqual([0, 0, 0]);
  expect(parts).toEqual([]);
  expect([...built(folder).keys()]).toEqual(whole);
  expect(besides(folder)).toEqual([]);
});
