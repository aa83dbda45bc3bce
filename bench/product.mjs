// What share of the machine's peak the matrix products of a layer 1024 wide reach, batch 256, on one thread: `npm run bench:product`.
// `nnc bench` measures both, so that the two are of one engine and one moment; prints each product and writes
// bench/results/product.json.
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { describeMachine, showMachine } from './machine.mjs';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '2' },
    out: { type: 'string', default: fileURLToPath(new URL('results', import.meta.url)) },
  },
});
const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const goal = 0.75;
const [batch, width] = [256, 1024];

/** The layer's product forward, and its weight's gradient: all that multiply every example with every weight. */
function products() {
  const words = ['bench', here('models/wide.nn'), '--threads', '1', '--seconds', values.seconds, '--json'];
  const text = execFileSync(process.execPath, [here('../dist/cli/main.js'), ...words], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const described = JSON.parse(text);
  if (described.batch !== batch) throw new Error(`a batch of ${described.batch}`);
  return described.kernels
    .filter((kernel) => kernel.multiply_adds >= batch * width * width)
    .map((kernel) => ({
      names: kernel.names,
      milliseconds: kernel.milliseconds,
      gflops: kernel.gflops,
      peak: described.peak_gflops,
      share: kernel.of_peak,
    }));
}

const before = describeMachine();
const rounds = Array.from({ length: Number(values.rounds) }, products);
const machine = { ...before, loadAfter: describeMachine().load };
const results = rounds[0].map((_, i) => {
  const shares = rounds.map((round) => round[i]).sort((a, b) => a.share - b.share);
  return {
    ...shares[Math.floor(shares.length / 2)],
    least: shares[0].share,
    most: shares.at(-1).share,
  };
});
mkdirSync(values.out, { recursive: true });
const file = join(values.out, 'product.json');
writeFileSync(file, `${JSON.stringify({ machine, goal, batch, width, results }, undefined, 1)}\n`);
const percent = (share) => `${(100 * share).toFixed(1)} %`;
for (const { names, milliseconds, gflops, peak, share, least, most } of results)
  console.log(
    `${names.join(', ').padEnd(32)} ${milliseconds.toFixed(2)} ms  ${gflops.toFixed(1)} of ${peak.toFixed(1)} GFLOP/s: ` +
      `${percent(share)} (${percent(least)} to ${percent(most)}), goal ${percent(goal)}`,
  );
console.log(`${showMachine(machine)}\nwrote ${file}`);
if (results.length === 0 || results.some(({ share }) => share < goal)) process.exitCode = 1;
