// How long each pass takes on programs that grow in one direction (bench/compile-programs.mjs), to be linear in their size:
// `npm run bench:compile` prints a table and writes bench/results/compile-times.md. What is measured is the processor time of each pass
// with its verifier, as far as the generated text; garbage is collected and functions are optimized within it. Each program is compiled in
// a process of its own, which compiles small ones first, so that what is measured is not Node's start.
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { programs } from './compile-programs.mjs';
import { describeMachine, showMachine } from './machine.mjs';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const { values } = parseArgs({
  options: {
    sizes: { type: 'string', default: '125,250,500,1000,2000' },
    target: { type: 'string', default: 'wasm' },
    only: { type: 'string' },
    one: { type: 'string' },
    out: { type: 'string', default: here('results/compile-times.md') },
  },
});
const sizes = values.sizes.split(',').map(Number);

/** Of a pass that grows faster and takes so long at the largest size, the table says its name. */
const [steep, worthSaying] = [1.2, 200];

/** Larger sizes are left out once one has taken this long. */
const longest = 60_000;

function processorTime() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** Milliseconds of each pass, for each size. */
async function measure(name) {
  const { compileUntil } = await import('../dist/compile.js');
  const compile = async (n, watch) => {
    const source = { path: 'grown.nn', text: programs[name].text(n), library: false };
    await compileUntil({ source, options: { target: values.target }, until: 'print', watch });
  };
  for (const n of [20, 60, 60]) await compile(n);
  const measured = [];
  for (const n of sizes) {
    const passes = {};
    let last = processorTime();
    await compile(n, ({ name: pass }) => {
      const now = processorTime();
      passes[pass] = now - last;
      last = now;
    });
    measured.push({ n, passes });
    if (total(passes) > longest) break;
  }
  return measured;
}

const total = (passes) => Object.values(passes).reduce((sum, each) => sum + each, 0);

/** `nnc check` ends where the kernels would be made. */
const checked = ({ parse, names, elaborate }) => parse + names + elaborate;

/** The exponent of n, by least squares over the logarithms. */
function exponent(points) {
  const logs = points.map(([n, time]) => [Math.log(n), Math.log(Math.max(time, 1))]);
  const mean = (i) => logs.reduce((sum, each) => sum + each[i], 0) / logs.length;
  const [x, y] = [mean(0), mean(1)];
  const [above, below] = logs.reduce(
    ([a, b], each) => [a + (each[0] - x) * (each[1] - y), b + (each[0] - x) ** 2],
    [0, 0],
  );
  return above / below;
}

/** Of the larger sizes: at the small ones a constant part hides the growth. */
function growth(measured, timeOf) {
  return exponent(measured.slice(-3).map(({ n, passes }) => [n, timeOf(passes)]));
}

function rowsOf(name, measured) {
  const largest = measured.at(-1);
  const steepPasses = Object.keys(largest.passes)
    .filter((pass) => largest.passes[pass] >= worthSaying)
    .map((pass) => ({ pass, found: growth(measured, (passes) => passes[pass]) }))
    .filter(({ found }) => found > steep)
    .map(({ pass, found }) => `${pass} ${found.toFixed(2)}`);
  const times = sizes.map((size) => {
    const found = measured.find(({ n }) => n === size);
    return found ? Math.round(total(found.passes)) : '';
  });
  const perItem = (total(largest.passes) / largest.n).toFixed(2);
  const check = Math.round(checked(largest.passes));
  return [name, ...times, perItem, growth(measured, total).toFixed(2), check, steepPasses.join(', ')];
}

function report(results, machine) {
  const head = ['program', ...sizes.map((n) => `n = ${n}`), 'ms / n', 'exponent', 'check', 'steeper passes'];
  const lines = [head, head.map(() => '---'), ...results.map(([name, measured]) => rowsOf(name, measured))];
  const passes = results.map(([name, measured]) => {
    const { n, passes: each } = measured.at(-1);
    const shown = Object.entries(each).filter(([, time]) => time >= 10);
    return `- ${name}, n = ${n}: ${shown.map(([pass, time]) => `${pass} ${Math.round(time)}`).join(', ')}`;
  });
  const counted = results.map(([name]) => `- ${name}: n is the number of ${programs[name].says}`);
  return [
    '# Compile times of growing programs',
    `${showMachine(machine)}. Made by \`npm run bench:compile\`, for ${values.target}.`,
    'Milliseconds of processor time from the text to the generated text, all programs of the model. The exponent is that of n over the three',
    `largest sizes; passes are named whose own is above ${steep}. "check" is the part of it, at the largest size, that \`nnc check\` takes.`,
    '',
    lines.map((row) => `| ${row.join(' | ')} |`).join('\n'),
    '\n## The passes at the largest size, in milliseconds\n',
    passes.join('\n'),
    '\n## The programs\n',
    `${counted.join('\n')}\n`,
  ].join('\n');
}

if (values.one !== undefined) {
  process.stdout.write(JSON.stringify(await measure(values.one)));
} else {
  const names = Object.keys(programs).filter((name) => !values.only || values.only.split(';').includes(name));
  const machine = describeMachine();
  const results = [];
  for (const name of names) {
    const words = ['--one', name, '--sizes', values.sizes, '--target', values.target];
    const { status, stdout, stderr } = spawnSync(process.execPath, [here('compile-times.mjs'), ...words], {
      encoding: 'utf8',
    });
    if (status !== 0) throw new Error(`${name}: ${stderr}`);
    const measured = JSON.parse(stdout);
    results.push([name, measured]);
    console.log(rowsOf(name, measured).join('  '));
    writeFileSync(values.out, report(results, { ...machine, loadAfter: describeMachine().load }));
  }
}
