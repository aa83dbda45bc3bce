// Whether input holds training back: samples a second with every example shuffled, augmented and normalized as it is needed,
// against the same steps on batches that lie in memory ready to be trained on. The ways take turns within every round, so that
// what else the machine does falls on all of them alike.
//
//   node bench/input.mjs [MODEL.nn ...] [--rounds 9] [--seconds 1] [--augment flip,crop,cutout,noise,brightness] [--json]
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { trainingBatches } from '../dist/train/data/feed/training-batches.js';
import { batches } from '../dist/train/data/feed/batches.js';
import { Prefetcher, workerUrl } from '../dist/train/data/feed/prefetch.js';
import { compileModel } from './compile-model.mjs';

/** At least so much of the speed on data in memory must be left. */
const leastShare = 0.9;
const kinds = {
  flip: { kind: 'flip' },
  crop: { kind: 'crop', pad: 4 },
  cutout: { kind: 'cutout', size: 8 },
  noise: { kind: 'noise', deviation: 0.05 },
  brightness: { kind: 'brightness', amount: 0.2 },
};

const { files, rounds, seconds, augment, json } = readWords(process.argv.slice(2));
const augmentations = augment.map((name) => kinds[name] ?? stop(`no augmentation ${name}`));
const results = [];
for (const file of files) {
  const found = await measure(file);
  results.push(found);
  if (!json) print(found);
}
if (json) console.log(JSON.stringify({ rounds, seconds, augment, results }, undefined, 2));
process.exit(results.every(({ share }) => share >= leastShare) ? 0 : 1);

async function measure(path) {
  const { specification, create } = await compileModel({ path, text: await readFile(path, 'utf8') });
  const model = await create({ seed: 1 });
  const { batch } = specification;
  const split = madeUpExamples(specification, Math.max(64 * batch, 8192));
  const options = { batch, seed: 1 };
  const memory = inMemory(split, options);
  const end = Math.floor(split.count / batch);
  const chosen = trainingBatches(split, { ...options, stepsPerEpoch: end });
  const thread = new Prefetcher(split, options, workerUrl ?? stop('dist/ has no thread that prefetches'));
  const ways = {
    memory: endless(() => memory),
    'between steps': endless((epoch) => batches(split, { ...options, shuffle: true, epoch })),
    thread: endless((epoch) => thread.batches({ epoch, start: 0, end })),
    chosen: endless((epoch) => chosen.batches(epoch, 0)),
  };
  /** @type {Record<string, number[]>} */
  const rates = Object.fromEntries(Object.keys(ways).map((name) => [name, []]));
  for (let round = -1; round < rounds; round++) {
    for (const [name, batchesOf] of Object.entries(ways)) {
      const rate = await samplesPerSecond(model, batchesOf, batch);
      // the first round warms up
      if (round >= 0) rates[name].push(rate);
    }
  }
  // each round's share by itself: what slows a round down slows all of it
  const shareOf = (name) => median(rates[name].map((rate, round) => rate / rates.memory[round]));
  const result = {
    model: basename(path),
    batch,
    rates: Object.fromEntries(Object.entries(rates).map(([name, found]) => [name, median(found)])),
    shares: Object.fromEntries(Object.keys(rates).map((name) => [name, shareOf(name)])),
    share: shareOf('chosen'),
  };
  await thread.close();
  await chosen.close();
  await model.destroy();
  return result;
}

/** Steps for the given time, as the training loop takes them. */
async function samplesPerSecond(model, batchesOf, batch) {
  const began = performance.now();
  let steps = 0;
  let turned = began;
  for (;;) {
    const { value } = await batchesOf.next();
    await model.step(value);
    steps++;
    const now = performance.now();
    if (now - began >= 1000 * seconds) return (1000 * steps * batch) / (now - began);
    if (now - turned < 20) continue;
    await new Promise((done) => setImmediate(done));
    turned = performance.now();
  }
}

async function* endless(epochOf) {
  for (let epoch = 0; ; epoch++) yield* epochOf(epoch);
}

/** Batches without any augmentation, each in arrays of its own. */
function inMemory(split, { batch, seed }) {
  const plain = { ...split, augmentations: [] };
  const found = [];
  for (const arrays of batches(plain, { batch, seed, shuffle: true, epoch: 0 })) {
    found.push(Object.fromEntries(Object.entries(arrays).map(([name, values]) => [name, values.slice()])));
    if (found.length === 64) break;
  }
  return found;
}

/** Pictures of bytes for what the model takes, and labels; numbers do not matter to the time a step takes. */
function madeUpExamples({ inputs, targets }, count) {
  const columns = new Map();
  for (const { name, shape, kind, limit } of [...inputs, ...targets]) {
    const size = shape.reduce((product, length) => product * length, 1);
    if (kind === 'real' && size > 1) {
      const data = Uint8Array.from({ length: count * size }, (_, i) => Math.imul(i, 2654435761) >>> 24);
      const [height, width] = pictureOf(shape);
      const channels = size / (height * width);
      const table = Float32Array.from({ length: 256 * channels }, (_, i) => (i % 256) / 64 - 2);
      columns.set(name, { kind: 'byte', shape, data, table, channels, picture: { height, width } });
    } else {
      const data = Float32Array.from({ length: count * size }, (_, i) => (kind === 'real' ? 0 : i % limit));
      columns.set(name, { kind: 'float', shape, data });
    }
  }
  return { count, columns, augmentations };
}

function pictureOf(shape) {
  if (shape.length >= 2) return shape.slice(-2);
  const side = Math.sqrt(shape[0]);
  return Number.isInteger(side) ? [side, side] : [1, shape[0]];
}

function median(values) {
  return values.toSorted((a, b) => a - b)[values.length >> 1];
}

function print({ model, batch, rates, shares, share }) {
  console.log(`${model}, batch ${batch}, ${augment.join(', ') || 'no augmentation'}:`);
  for (const [name, rate] of Object.entries(rates)) {
    console.log(
      `  ${name.padEnd(14)} ${Math.round(rate).toString().padStart(9)} samples/s  ${(100 * shares[name]).toFixed(1)} %`,
    );
  }
  const verdict = share >= leastShare ? 'within' : 'NOT within';
  console.log(`  what training chooses is ${verdict} ${Math.round(100 * (1 - leastShare))} % of memory`);
}

/** @param {string[]} words */
function readWords(words) {
  /** @type {{ files: string[], rounds: number, seconds: number, augment: string[], json: boolean }} */
  const read = { files: [], rounds: 9, seconds: 1, augment: ['flip', 'crop', 'cutout'], json: false };
  for (let i = 0; i < words.length; i++) {
    const word = words[i];
    if (word === '--rounds') read.rounds = Number(words[++i]);
    else if (word === '--seconds') read.seconds = Number(words[++i]);
    else if (word === '--augment') read.augment = words[++i].split(',').filter((name) => name !== '');
    else if (word === '--json') read.json = true;
    else if (word.startsWith('--')) stop(`no option ${word}`);
    else read.files.push(word);
  }
  if (read.files.length === 0) read.files.push('models/mnist-mlp.nn', 'models/mnist-cnn.nn');
  return read;
}

/**
 * @param {string} reason
 * @returns {never}
 */
function stop(reason) {
  console.error(reason);
  process.exit(2);
}
