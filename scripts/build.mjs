// Builds dist/: the compiled TypeScript, and beside it the standard library's .nn text, the styles of the pages, gpu.js as one file, and
// a hash of all of it, by which compiled models know the compiler that made them. The work is done in a folder beside dist/, which takes
// its place when it is whole: a build that fails or is killed leaves dist/ as it was, and of two builds at once each leaves a whole dist/.
import { createHash } from 'node:crypto';
import {
  chmodSync,
  cpSync,
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build as bundle } from 'rolldown';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const dist = join(root, 'dist');
// Both lie beside dist/, so that a rename is enough.
const building = `${dist}.building-${process.pid}`;
const replaced = `${dist}.replaced-${process.pid}`;

process.on('exit', () => {
  rmSync(building, { recursive: true, force: true });
  rmSync(replaced, { recursive: true, force: true });
});

removeLeftOvers();
compile();
copyAssets();
await packGpuJs();
makeRunnable();
writeHash();
swap();

/** A build that was killed could not tidy up. */
function removeLeftOvers() {
  for (const name of readdirSync(root)) {
    const owner = /^dist\.(?:building|replaced)-(\d+)$/.exec(name)?.[1];
    if (owner !== undefined && !isAlive(Number(owner)))
      rmSync(join(root, name), { recursive: true, force: true });
  }
}

/** @param {number} pid */
function isAlive(pid) {
  if (pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) !== 'ESRCH';
  }
}

function compile() {
  const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc');
  const words = [tsc, '-p', join(root, 'tsconfig.build.json'), '--outDir', building];
  const result = spawnSync(process.execPath, words, { stdio: 'inherit' });
  if (result.status !== 0) process.exit(result.status ?? 1);
}

function copyAssets() {
  cpSync(join(root, 'src/std'), join(building, 'std'), { recursive: true });
  const page = 'report/page';
  for (const name of readdirSync(join(root, 'src', page)).filter((name) => name.endsWith('.css')))
    cpSync(join(root, 'src', page, name), join(building, page, name));
}

/**
 * Puts gpu.js into the module that imports it. As a dependency it would bring WebGPU for every system with it, which only one of its
 * modes needs, and in another version than ours.
 */
async function packGpuJs() {
  const place = join(building, 'runtime/gpu/gpu-package.js');
  const own = createRequire(import.meta.url).resolve('gpu.js');
  const packed = [own, ...['acorn', 'gpu-mock.js'].map((name) => createRequire(own).resolve(name))];
  const licenses = packed.map((path) => `/*!\n${licenseOf(dirname(path)).replace(/^/gm, ' * ')}\n */\n`);
  await bundle({
    input: place,
    // for headlessgl, where it is installed, and for webasm, in Node
    external: ['gl', 'os', 'worker_threads'],
    platform: 'neutral',
    resolve: { mainFields: ['main'] },
    logLevel: 'warn',
    output: {
      file: place,
      format: 'esm',
      banner: `${licenses.join('')}
const require = globalThis.process?.getBuiltinModule?.('node:module')?.createRequire(import.meta.url);`,
    },
  });
}

/**
 * Of the package that a folder belongs to.
 * @param {string} folder
 * @returns {string}
 */
function licenseOf(folder) {
  const path = join(folder, 'LICENSE');
  return existsSync(path) ? readFileSync(path, 'utf8').trim() : licenseOf(dirname(folder));
}

/** npm sets the run bit when it installs; in a clone every build makes new files, which have none. */
function makeRunnable() {
  const { bin } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  for (const path of Object.values(bin)) chmodSync(join(building, path.replace(/^(\.\/)?dist\//, '')), 0o755);
}

function writeHash() {
  const state = createHash('sha256');
  const files = readdirSync(building, { recursive: true, encoding: 'utf8' }).filter((path) =>
    /\.(js|nn)$/.test(path),
  );
  for (const path of files.sort()) {
    const content = readFileSync(join(building, path));
    state.update(`${path} ${content.length}:`).update(content);
  }
  writeFileSync(join(building, 'build-hash'), state.digest('hex'));
}

/**
 * A folder with something in it cannot be replaced in one step: the old one moves away, the new one moves in. Where another build came
 * in between, its dist/ is replaced as well.
 */
function swap() {
  for (let tries = 0; tries < 100; tries++) {
    rmSync(replaced, { recursive: true, force: true });
    const hadOne = moved(dist, replaced, ['ENOENT']);
    try {
      if (moved(building, dist, ['ENOTEMPTY', 'EEXIST'])) return;
    } catch (error) {
      if (hadOne) moved(replaced, dist, ['ENOTEMPTY', 'EEXIST']);
      throw error;
    }
  }
  throw new Error('dist/ could not be replaced: other builds keep replacing it');
}

/**
 * Whether the rename was done.
 * @param {string} from
 * @param {string} to
 * @param {readonly string[]} expected errors that are no failure
 */
function moved(from, to, expected) {
  try {
    renameSync(from, to);
    return true;
  } catch (error) {
    if (expected.includes(codeOf(error))) return false;
    throw error;
  }
}

/**
 * What the system calls the failure.
 * @param {unknown} error
 */
function codeOf(error) {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}
