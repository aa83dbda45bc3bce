// Writes what is generated from the grammar: src/parser/cst.ts and, in grammar/, grammar.ebnf, diagrams.html and
// nn.tmLanguage.json. The test that checks that they are fresh is also what writes them.
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const vitest = join(dirname(createRequire(import.meta.url).resolve('vitest/package.json')), 'vitest.mjs');
const run = ['run', 'test/parser/grammar-files.test.ts', '--update'];
const result = spawnSync(process.execPath, [vitest, ...run], { cwd: root, stdio: 'inherit' });
process.exit(result.status ?? 1);
