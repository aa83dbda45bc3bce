// Writes docs/mistakes.md: how good the messages of common mistakes are. The test that holds them is also what writes them.
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const vitest = join(dirname(createRequire(import.meta.url).resolve('vitest/package.json')), 'vitest.mjs');
const { status } = spawnSync(process.execPath, [vitest, 'run', 'test/diagnostics/mistakes.test.ts'], {
  cwd: root,
  stdio: 'inherit',
  env: { ...process.env, NNC_MISTAKES: join(root, 'docs', 'mistakes.md') },
});
process.exit(status ?? 1);
