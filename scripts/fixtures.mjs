// Writes anew the generated code of models/ and the messages of wrong programs. The tests that compare them are also what writes them.
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const vitest = join(dirname(createRequire(import.meta.url).resolve('vitest/package.json')), 'vitest.mjs');
const { status } = spawnSync(
  process.execPath,
  [vitest, 'run', 'test/codegen/fixtures', 'test/elaborate/wrong-programs'],
  { cwd: root, stdio: 'inherit', env: { ...process.env, NNC_UPDATE_FIXTURES: '1' } },
);
process.exit(status ?? 1);
