// What every peer written in JavaScript shares: it reads the request and the data, computes the losses that are compared, times
// steps, and prints one line of JSON. A peer is a function from the request to `{ version, build }`; `build(data, dropped)`
// gives a fresh model as `step(i)`, which trains on batch i and gives the loss, or a promise of it.
import { existsSync, readFileSync } from 'node:fs';
import { checkedSteps, batches, classes, workloads } from './workloads.mjs';

/** Request: { workload, data, threads, variant, check, warmUp, seconds }, times in seconds. */
export async function serve(prepare) {
  const request = JSON.parse(process.argv[2] ?? '');
  let answer;
  try {
    const { version, build, note } = await prepare(request);
    const data = readData(request.data, workloads[request.workload]);
    const losses = [];
    if (request.check) {
      const step = await build(data, 0);
      for (let i = 0; i < checkedSteps; i++) losses.push(await step(i));
    }
    const step = await build(data, workloads[request.workload].dropped);
    answer = { version, runtime: process.version, note, losses, ...(await measure(step, request)) };
  } catch (error) {
    answer = { error: String(error instanceof Error ? error.message : error).slice(0, 300) };
    if (process.env.PEERS_DEBUG) console.error(error);
  }
  const { user, system } = process.cpuUsage();
  const line = JSON.stringify({ ...answer, cpuSeconds: (user + system) / 1e6 });
  // worker threads of a peer would keep the process alive
  process.stdout.write(`${line}\n`, () => process.exit(0));
}

/** Tensors by name, and the batches: { input, labels, oneHot }. */
function readData(path, { batch, shape }) {
  const file = readFileSync(path);
  const start = 8 + Number(file.readBigUInt64LE(0));
  const header = JSON.parse(file.toString('utf8', 8, start));
  const tensors = new Map();
  for (const [name, { data_offsets: offsets, shape: extents }] of Object.entries(header)) {
    const bytes = file.subarray(start + offsets[0], start + offsets[1]);
    tensors.set(name, { shape: extents, data: new Float32Array(Uint8Array.from(bytes).buffer) });
  }
  const size = shape.reduce((product, extent) => product * extent, batch);
  const [inputs, targets] = [tensors.get('batches.input').data, tensors.get('batches.target').data];
  const list = Array.from({ length: batches }, (_, i) => {
    const labels = Int32Array.from(targets.subarray(i * batch, (i + 1) * batch));
    const oneHot = new Float32Array(batch * classes);
    labels.forEach((label, example) => (oneHot[example * classes + label] = 1));
    return { input: inputs.slice(i * size, (i + 1) * size), labels, oneHot };
  });
  return { tensors, batches: list };
}

/** Stops after `seconds` and five steps; a slow peer after three times as long and one step. */
async function measure(step, { warmUp, seconds }) {
  let taken = 0;
  const run = async (length) => {
    const times = [];
    const begin = performance.now();
    for (let elapsed = 0; elapsed < 3000 * length || times.length === 0;) {
      const from = performance.now();
      const loss = step(taken++ % batches);
      if (loss instanceof Promise) await loss;
      const now = performance.now();
      times.push(now - from);
      elapsed = now - begin;
      if (elapsed >= 1000 * length && times.length >= 5) break;
    }
    return times;
  };
  await run(warmUp);
  const sorted = (await run(seconds)).sort((a, b) => a - b);
  const at = (share) => sorted[Math.round(share * (sorted.length - 1))];
  return {
    median: at(0.5),
    low: at(0.1),
    high: at(0.9),
    steps: sorted.length,
    megabytes: peakMegabytes(),
  };
}

/** Of resident memory. The system's other count, maxRSS, starts at what the process that started this one had. */
function peakMegabytes() {
  const status = existsSync('/proc/self/status') ? readFileSync('/proc/self/status', 'utf8') : '';
  const found = /VmHWM:\s+(\d+) kB/.exec(status);
  return (found ? Number(found[1]) : process.resourceUsage().maxRSS) / 1024;
}

/** The axes of a row-major array in another order, as numpy's transpose. */
export function transpose({ shape, data }, order) {
  const extents = order.map((axis) => shape[axis]);
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((product, size) => product * size, 1));
  const result = new Float32Array(data.length);
  const place = new Array(order.length).fill(0);
  for (let i = 0; i < result.length; i++) {
    let from = 0;
    for (let axis = 0; axis < order.length; axis++) from += place[axis] * strides[order[axis]];
    result[i] = data[from];
    for (let axis = order.length - 1; axis >= 0 && ++place[axis] === extents[axis]; axis--) place[axis] = 0;
  }
  return { shape: extents, data: result };
}
