// Builds dist/: the compiled TypeScript, and beside it the standard library's .nn text, the styles of the pages, and a hash of all of
// it, by which compiled models know the compiler that made them.
import { createHash } from 'node:crypto';
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc');

rmSync(join(root, 'dist'), { recursive: true, force: true });
const result = spawnSync(process.execPath, [tsc, '-p', join(root, 'tsconfig.build.json')], {
  stdio: 'inherit',
});
if (result.status !== 0) process.exit(result.status ?? 1);
cpSync(join(root, 'src/std'), join(root, 'dist/std'), { recursive: true });
const page = 'report/page';
for (const name of readdirSync(join(root, 'src', page)).filter((name) => name.endsWith('.css')))
  cpSync(join(root, 'src', page, name), join(root, 'dist', page, name));

const dist = join(root, 'dist');
const state = createHash('sha256');
const files = readdirSync(dist, { recursive: true, encoding: 'utf8' }).filter((path) =>
  /\.(js|nn)$/.test(path),
);
for (const path of files.sort()) {
  const content = readFileSync(join(dist, path));
  state.update(`${path} ${content.length}:`).update(content);
}
writeFileSync(join(dist, 'build-hash'), state.digest('hex'));
