// Compares nnc with its peers: `npm run bench:peers`. Every variant runs in a process of its own, in turn, for several rounds,
// so that whatever the machine does meanwhile meets all of them alike; the first turn compares losses with nnc's. Results go to
// bench/results/peers.md and peers.json.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { compileModel } from '../compile-model.mjs';
import { describeMachine } from '../machine.mjs';
import { writeData } from './data.mjs';
import { disturbing, report, summarize } from './report.mjs';
import { listVariants } from './variants.mjs';
import { tolerance, workloads } from './workloads.mjs';

const help = `npm run bench:peers -- [options]
  --workloads w1,w2   which (all by default)
  --peers TEXT,TEXT   only variants whose name holds one of these; nnc always runs
  --rounds N          turns of each variant (3)
  --seconds N         how long a turn measures (2)
  --patience N        seconds to wait, before each turn, for other processes to be quiet (0)
  --quick             one short round: to see that everything runs
  --slow              also what takes minutes: convolutions as shipped, plain JavaScript
  --out FOLDER        where to write (bench/results)
environment
  TORCH_PYTHON        an interpreter with another PyTorch than /usr/bin/python3
  PEERS_NODE          further Node interpreters for the JavaScript peers, separated by colons
  PEERS_DEBUG         show why a peer failed`;

const { values } = parseArgs({
  options: {
    workloads: { type: 'string' },
    peers: { type: 'string' },
    rounds: { type: 'string' },
    seconds: { type: 'string' },
    patience: { type: 'string' },
    quick: { type: 'boolean', default: false },
    slow: { type: 'boolean', default: false },
    out: { type: 'string', default: fileURLToPath(new URL('../results', import.meta.url)) },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) {
  console.log(help);
  process.exit(0);
}

const chosen = values.workloads?.split(',') ?? Object.keys(workloads);
for (const name of chosen) if (!(name in workloads)) fail(`there is no workload ${name}`);
const rounds = positive('rounds', values.quick ? 1 : 3);
const seconds = positive('seconds', values.quick ? 0.3 : 2);
const warmUp = values.quick ? 0.3 : 1;
const patience = values.patience === undefined ? 0 : positive('patience', 0);
const wanted = values.peers?.split(',');
const variants = listVariants({
  nodes: process.env.PEERS_NODE?.split(':').filter(Boolean) ?? [],
  torchPython: process.env.TORCH_PYTHON,
}).filter(
  (row) =>
    (row.peer === 'nnc' && row.family !== 'other') ||
    ((values.slow || !row.slow) && (!wanted || wanted.some((text) => nameOf(row).includes(text)))),
);
if (!existsSync(new URL('node_modules', import.meta.url)))
  console.error('the JavaScript peers are not installed: npm ci --ignore-scripts --prefix bench/peers');

const folder = mkdtempSync(join(tmpdir(), 'nnc-peers-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(1));

const machine = describeMachine();
const turns = [];
for (const workload of chosen) {
  const data = join(folder, `${workload}.safetensors`);
  const path = fileURLToPath(new URL(`../models/${workload}.nn`, import.meta.url));
  const { specification } = await compileModel({ path, text: readFileSync(path, 'utf8') });
  writeData(data, workload, specification);
  const absent = new Set();
  for (let round = 0; round < rounds; round++) {
    for (const row of variants) {
      if (!row.workloads.includes(workload) || absent.has(row.id)) continue;
      const request = { workload, data, threads: row.threads, variant: row.variant, warmUp, seconds };
      const turn = await take(row, { ...request, check: round === 0 && !row.incomparable });
      if (turn.error !== undefined) absent.add(row.id);
      turns.push({ workload, round, ...turn, ...describe(row) });
      const shown = turn.error ?? `${turn.median.toFixed(3)} ms${others(turn)}`;
      console.error(`${workload} ${round + 1}/${rounds} ${nameOf(row)}: ${shown}`);
    }
  }
}

const summary = summarize(turns, { workloads: chosen, tolerance });
const result = {
  machine: { ...machine, loadAfter: describeMachine().load },
  settings: { rounds, seconds, warmUp, tolerance },
  ...summary,
  turns,
};
mkdirSync(values.out, { recursive: true });
const text = report(result);
writeFileSync(join(values.out, 'peers.md'), text);
writeFileSync(join(values.out, 'peers.json'), `${JSON.stringify(result, undefined, 1)}\n`);
console.log(text);

function describe({ family, peer, variant, threads, command, incomparable = false }) {
  const node = command[0] !== process.execPath && family !== 'pytorch' ? command[0] : undefined;
  return { family, peer, variant, threads, incomparable, ...(node && { node }) };
}

function nameOf({ peer, variant, threads }) {
  return `${peer}, ${variant}, ${threads} thread${threads === 1 ? '' : 's'}`;
}

function others({ others: cores }) {
  return cores > disturbing ? ` (others took ${cores.toFixed(1)} cores meanwhile)` : '';
}

/** One process; what it cannot do is an answer too. */
async function take({ command, family }, request) {
  if (!existsSync(command[0])) return { error: `there is no ${command[0]}` };
  await waitForQuiet();
  const before = busySeconds();
  const from = performance.now();
  const child = spawn(command[0], [...command.slice(1), JSON.stringify(request)], {
    stdio: ['ignore', 'pipe', process.env.PEERS_DEBUG ? 'inherit' : 'pipe'],
  });
  const limit = setTimeout(() => child.kill('SIGKILL'), 15 * 60_000);
  let [out, errors] = ['', ''];
  child.stdout?.on('data', (chunk) => (out += chunk));
  child.stderr?.on('data', (chunk) => (errors += chunk));
  const code = await new Promise((resolve) =>
    child.on('close', (status, signal) => resolve(signal ?? status)),
  );
  clearTimeout(limit);
  const line = out.split('\n').findLast((each) => each.startsWith('{'));
  if (line === undefined) return { error: explain(code, errors, family) };
  const answer = JSON.parse(line);
  if (answer.error?.startsWith('Cannot find')) answer.error = 'not installed';
  const elapsed = (performance.now() - from) / 1000;
  const after = busySeconds();
  if (before === undefined || after === undefined || answer.error !== undefined) return answer;
  return { ...answer, others: Math.max(0, (after - before - answer.cpuSeconds) / elapsed) };
}

function explain(code, errors, family) {
  if (/No module named/.test(errors))
    return family === 'pytorch' ? 'PyTorch is not installed' : 'not installed';
  const last = errors.trim().split('\n').at(-1) ?? '';
  return `ended with ${code}${last === '' ? '' : `: ${last.slice(0, 200)}`}`;
}

async function waitForQuiet() {
  const begin = performance.now();
  while (performance.now() - begin < 1000 * patience) {
    const before = busySeconds();
    await new Promise((resolve) => setTimeout(resolve, 500));
    const after = busySeconds();
    if (before === undefined || after === undefined || after - before < 0.1) return;
  }
}

/** Seconds of all processors so far in which something ran; Linux says so. */
function busySeconds() {
  try {
    const [first] = readFileSync('/proc/stat', 'utf8').split('\n');
    const [user, nice, system, , , interrupt, soft] = first.split(/\s+/).slice(1).map(Number);
    return (user + nice + system + interrupt + soft) / 100;
  } catch {
    return undefined;
  }
}

function positive(name, otherwise) {
  if (values[name] === undefined) return otherwise;
  const number = Number(values[name]);
  if (!(number > 0)) fail(`--${name} takes a number above 0, not ${values[name]}`);
  return number;
}

function fail(message) {
  console.error(message);
  process.exit(2);
}
