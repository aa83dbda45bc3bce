// Whether a long training run leaves memory where it was: `npm run bench:steady` takes 10,000 steps of W1 and compares the heap, what
// the process keeps outside it and its resident memory with what they were after the first 100. Writes bench/results/steady.json;
// ends with 1 where one of them has grown by more than it may.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { compileModel } from './compile-model.mjs';
import { describeMachine, showMachine } from './machine.mjs';

const { values } = parseArgs({
  options: {
    steps: { type: 'string', default: '10000' },
    first: { type: 'string', default: '100' },
    threads: { type: 'string', default: '2' },
    out: { type: 'string', default: fileURLToPath(new URL('results', import.meta.url)) },
  },
});
const [steps, first, threads] = [values.steps, values.first, values.threads].map(Number);
setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc');

/** In bytes: what the engine's own compiler and statistics take in passing, and what the system gives and takes in pages. */
const allowed = { heapUsed: 512 * 1024, external: 128 * 1024, rss: 8 * 2 ** 20 };

/** What a process holds on to, when everything that nobody can reach any more is gone. */
async function held() {
  for (let i = 0; i < 3; i++) {
    collect();
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const { heapUsed, external, arrayBuffers, rss } = process.memoryUsage();
  return { heapUsed, external: external + arrayBuffers, rss };
}

const path = fileURLToPath(new URL('models/w1.nn', import.meta.url));
const { create } = await compileModel({ path, text: readFileSync(path, 'utf8') });
const model = await create({ threads });
const image = Float32Array.from({ length: 64 * 784 }, (_, i) => Math.sin(i));
const digit = Float32Array.from({ length: 64 }, (_, i) => i % 10);
const before = describeMachine();
let loss = NaN;
const take = async (count) => {
  for (let i = 0; i < count; i++) ({ loss } = await model.step({ image, digit }));
};
await take(first);
const start = await held();
const from = performance.now();
await take(steps - first);
const milliseconds = (performance.now() - from) / (steps - first);
const end = await held();
await model.destroy();

const grown = Object.fromEntries(Object.keys(allowed).map((name) => [name, end[name] - start[name]]));
const machine = { ...before, loadAfter: describeMachine().load };
mkdirSync(values.out, { recursive: true });
const file = join(values.out, 'steady.json');
const record = { machine, steps, first, threads, milliseconds, loss, start, end, grown, allowed };
writeFileSync(file, `${JSON.stringify(record, undefined, 1)}\n`);
const show = (bytes) => `${(bytes / 1024).toFixed(0)} KiB`;
for (const [name, most] of Object.entries(allowed))
  console.log(
    `${name.padEnd(9)} ${show(start[name])} after ${first} steps, ${show(end[name])} after ${steps}: ` +
      `${grown[name] >= 0 ? '+' : ''}${show(grown[name])} (at most ${show(most)})`,
  );
console.log(`${milliseconds.toFixed(3)} ms a step; ${showMachine(machine)}\nwrote ${file}`);
if (Object.entries(allowed).some(([name, most]) => grown[name] > most)) process.exitCode = 1;
