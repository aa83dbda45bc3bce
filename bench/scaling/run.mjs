// How the time of a training step grows with batch, width and depth: `npm run bench:scaling`. Draws bench/results/scaling.svg, writes
// the numbers to scaling.json, and to scaling.md with the reason for each bend of the curves.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { compileModel } from '../compile-model.mjs';
import { describeMachine, showMachine } from '../machine.mjs';
import { explain, readCaches } from './explain.mjs';
import { plot } from './plot.mjs';
import { reportScaling } from './report.mjs';
import { modelText, multiplyAdds, sweeps } from './sweeps.mjs';

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    only: { type: 'string' },
    threads: { type: 'string', default: '1,2' },
    rounds: { type: 'string' },
    seconds: { type: 'string' },
    out: { type: 'string', default: fileURLToPath(new URL('../results', import.meta.url)) },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) {
  console.log(`npm run bench:scaling -- [options]
  --only batch,width   which sweeps (batch, width and depth by default)
  --threads 1,2        a curve for each number of threads
  --rounds N           turns of each point (3)
  --seconds N          how long a turn measures (0.5)
  --quick              three points a sweep, one short turn
  --out FOLDER         where to write (bench/results)`);
  process.exit(0);
}
const rounds = Number(values.rounds ?? (values.quick ? 1 : 3));
const seconds = Number(values.seconds ?? (values.quick ? 0.1 : 0.5));
const threadCounts = values.threads.split(',').map(Number);
const wanted = values.only?.split(',');
const chosen = sweeps.filter(({ name }) => !wanted || wanted.includes(name));
if (![rounds, seconds, ...threadCounts].every((number) => number > 0) || chosen.length === 0) {
  console.error('a number above 0 and a known sweep are wanted; --help lists the options');
  process.exit(2);
}

const machine = describeMachine();
const caches = readCaches();
const sizesOf = ({ batch, width, depth }) => ({ batch, width, depth });
/** @type {any[]} */
const results = [];
for (const sweep of chosen) {
  const points = (values.quick ? sweep.quick : sweep.points).map((value) => ({
    value,
    sizes: sweep.sizes(value),
  }));
  const times = new Map();
  // compiled once; turns go round all points, so that a slow spell of the machine meets all of them
  const modules = [];
  for (const { value, sizes } of points) {
    const from = performance.now();
    modules.push(await compileModel({ path: `${sweep.name}-${value}.nn`, text: modelText(sizes) }));
    console.error(`${sweep.name} ${value}: compiled in ${((performance.now() - from) / 1000).toFixed(1)} s`);
  }
  for (let round = 0; round < rounds; round++) {
    for (const threads of threadCounts) {
      for (const [i, { value, sizes }] of points.entries()) {
        const median = await time(modules[i], sizes, threads);
        const key = `${threads} ${value}`;
        times.set(key, [...(times.get(key) ?? []), median]);
        console.error(
          `${sweep.name} ${value}, ${threads} threads, ${round + 1}/${rounds}: ${median.toFixed(3)} ms`,
        );
      }
    }
  }
  for (const threads of threadCounts) {
    for (const { value, sizes } of points) {
      const sorted = (times.get(`${threads} ${value}`) ?? []).sort((a, b) => a - b);
      const milliseconds = sorted[Math.floor(sorted.length / 2)];
      const work = multiplyAdds(sizes);
      results.push({
        sweep: sweep.name,
        value,
        threads,
        ...sizes,
        milliseconds,
        least: sorted[0],
        most: sorted.at(-1),
        multiplyAdds: work,
        gflops: (2 * work) / milliseconds / 1e6,
      });
    }
    const own = results.slice(-points.length);
    for (const [i, row] of own.entries()) {
      const [before, after] = [own[i - 1], row].map(
        (each) => each && { sizes: sizesOf(each), threads, milliseconds: each.least },
      );
      if (before) Object.assign(row, explain(before, after, caches));
    }
  }
}

const panels = chosen.map(({ name, title, constant, sizes }) => {
  const own = results.filter((row) => row.sweep === name);
  const curves = threadCounts.map((threads) => ({
    name: `${threads} thread${threads === 1 ? '' : 's'}`,
    points: own
      .filter((row) => row.threads === threads)
      .map((row) => ({ x: row.value, y: row.milliseconds, reason: row.reason })),
  }));
  // through the last point of the first curve, where arithmetic is most of a step
  const points = curves[0].points;
  const last = points[points.length - 1];
  const scale = last.y / multiplyAdds(sizes(last.x));
  const guide = points.map(({ x }) => ({ x, y: scale * multiplyAdds(sizes(x)) }));
  return { title, constant, curves, guide };
});
const after = { ...machine, loadAfter: describeMachine().load };
mkdirSync(values.out, { recursive: true });
const caption = `Dense layers with ReLU, SGD with momentum, on wasm; medians of ${rounds} rounds. ${showMachine(after)}.`;
writeFileSync(join(values.out, 'scaling.svg'), plot(panels, caption));
writeFileSync(
  join(values.out, 'scaling.json'),
  `${JSON.stringify({ machine: after, caches, settings: { rounds, seconds }, results }, undefined, 1)}\n`,
);
writeFileSync(
  join(values.out, 'scaling.md'),
  reportScaling({ sweeps: chosen, results, caches, machine: showMachine(after), rounds, seconds }),
);
for (const row of results)
  console.log(
    `${row.sweep.padEnd(6)} ${String(row.value).padStart(5)}  ${row.threads} threads  ` +
      `${row.milliseconds.toFixed(3).padStart(9)} ms  ${row.gflops.toFixed(1).padStart(6)} GFLOP/s` +
      (row.reason === undefined ? '' : `  ×${row.growth.toFixed(2)}: ${row.reason}`),
  );
console.log(`wrote ${join(values.out, 'scaling.svg')}, scaling.json and scaling.md`);

/** The median time of a step, in milliseconds. */
async function time({ create }, { batch, width }, threads) {
  const model = await create({ threads });
  try {
    const x = Float32Array.from({ length: batch * width }, (_, i) => Math.sin(i) * Math.SQRT2);
    const label = Float32Array.from({ length: batch }, (_, i) => i % 10);
    const run = async (length, fewest) => {
      const own = [];
      const begin = performance.now();
      while (performance.now() - begin < 1000 * length || own.length < fewest) {
        const from = performance.now();
        await model.step({ x, label });
        own.push(performance.now() - from);
      }
      return own.sort((a, b) => a - b);
    };
    await run(seconds / 2, 2);
    const sorted = await run(seconds, 3);
    return sorted[Math.floor(sorted.length / 2)];
  } finally {
    await model.destroy();
  }
}
