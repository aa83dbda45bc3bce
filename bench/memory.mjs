// What `nnc summary` says that every example takes in memory, beside what is allocated for it: `npm run bench:memory` prints the table
// and writes bench/results/memory.md. Both are of the same target and number of threads; the difference is to be 0.
import { execFileSync } from 'node:child_process';
import { readdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describeMachine, showMachine } from './machine.mjs';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

function nnc(words) {
  const text = execFileSync(process.execPath, [here('../dist/cli/main.js'), ...words], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  return JSON.parse(text);
}

const machine = describeMachine();
const rows = [];
for (const target of ['wasm', 'native']) {
  for (const name of readdirSync(here('../models')).filter((each) => each.endsWith('.nn'))) {
    const file = here(`../models/${name}`);
    const { memory } = nnc(['summary', file, '--target', target, '--json']);
    const words = ['bench', file, '--target', target, '--threads', String(memory.threads)];
    const { allocated } = nnc([...words, '--seconds', '1', '--json']).memory;
    const printed = memory.total;
    const row = [name, target, memory.threads, printed, allocated, allocated - printed];
    rows.push(row);
    console.log(row.join('  '));
  }
}
const head = ['model', 'target', 'threads', 'printed, bytes', 'allocated, bytes', 'difference'];
const lines = [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`);
const text = `# Memory: printed and allocated\n\n${showMachine(machine)}. Made by \`npm run bench:memory\`.\n\n${lines.join('\n')}\n`;
writeFileSync(here('results/memory.md'), text);
if (rows.some((row) => row.at(-1) !== 0)) process.exitCode = 1;
