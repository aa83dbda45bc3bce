// Why a curve bends where it does. From one point of a sweep to the next, time should grow as the arithmetic does; where it does not,
// the reason is counted from the sizes, the caches and the schedule's own thresholds. What none of them explains is said to be
// unexplained.
import { readFileSync } from 'node:fs';
import { multiplyAdds } from './sweeps.mjs';

/** Growth, as a multiple of the arithmetic's, that is taken for proportional. */
const proportional = [0.8, 1.25];

/** Bytes of each cache, smallest first; of a usual processor where the system does not tell. */
export function readCaches() {
  const found = [];
  for (let index = 0; index < 5; index++) {
    const read = (name) =>
      readFileSync(`/sys/devices/system/cpu/cpu0/cache/index${index}/${name}`, 'utf8').trim();
    try {
      // what the first level holds is a tile, whatever the sizes
      if (read('type') === 'Instruction' || read('level') === '1') continue;
      const [, size, unit] = /^(\d+)([KM])$/.exec(read('size')) ?? [];
      found.push({ name: `L${read('level')}`, bytes: Number(size) * (unit === 'M' ? 2 ** 20 : 2 ** 10) });
    } catch {
      break;
    }
  }
  return found.length > 0 ? found : [{ name: 'L2', bytes: 2 ** 20 }, { name: 'L3', bytes: 2 ** 25 }]; // prettier-ignore
}

/** Bytes: of the weights with their momentum; and of all that a step goes through. */
export function footprint({ batch, width, depth }) {
  const weights = 4 * (depth * width * width + 10 * width);
  const activations = 4 * batch * width * (2 * depth + 1);
  return { state: 2 * weights, activations, whole: 3 * weights + activations };
}

/** How many steps a model's schedule has, as the compiler plans them. */
const kernelsOf = ({ depth }) => 4 * depth + 9;

/**
 * A step from one point to the next: { growth, reason }, growth as a multiple of the arithmetic's. A reason is given wherever growth
 * is not proportional.
 */
export function explain(before, after, caches) {
  const growth =
    after.milliseconds / before.milliseconds / (multiplyAdds(after.sizes) / multiplyAdds(before.sizes));
  if (growth >= proportional[0] && growth <= proportional[1]) return { growth, reason: undefined };
  const reason = growth > 1 ? whySlower(before, after, caches) : whyFaster(before, after);
  return { growth, reason: reason ?? 'unexplained' };
}

function whySlower({ sizes: a, threads }, { sizes: b }, caches) {
  const [small, large] = [footprint(a).whole, footprint(b).whole];
  // two threads have two of the caches that a core has for itself
  const room = ({ name, bytes }) => (name === 'L3' ? bytes : bytes * threads);
  const crossed = caches.filter((cache) => small <= room(cache) && large > 0.7 * room(cache)).at(-1);
  if (crossed) return `what a step goes through, ${mebibytes(large)}, no longer fits into ${crossed.name}`;
  const outgrown = caches.filter((cache) => large > room(cache)).at(-1);
  if (outgrown && large / small > 1.5)
    return `more of what a step goes through, ${mebibytes(large)}, lies beyond ${outgrown.name}`;
  if (a.batch < 3 && b.batch >= 3)
    return 'from 3 examples on operands are packed, which pays with more of them';
  return undefined;
}

function whyFaster({ sizes: a, milliseconds, threads }, { sizes: b }) {
  if (b.batch > a.batch) {
    const moved = footprint(a).state;
    if (a.batch < 6)
      return `a tile of the microkernel takes 6 examples: with ${a.batch} it is ${a.batch < 3 ? 'not used' : 'not full'}, and the weights and their momentum, ${mebibytes(moved)}, are read and written once a step whatever the batch`;
    if (a.batch <= 128)
      return `the weights and their momentum, ${mebibytes(moved)}, are packed, read and written once a step whatever the batch`;
  }
  if (milliseconds < 0.5)
    return `a step of ${milliseconds.toFixed(2)} ms is short: what each of its ${kernelsOf(a)} kernels costs to start${threads > 1 ? ', and to wait for the other thread,' : ''} does not grow with it`;
  if (threads > 1 && milliseconds < 5)
    return 'kernels below 20,000 instructions run on one thread; larger ones are shared out, more evenly the more items they have';
  return undefined;
}

const mebibytes = (bytes) =>
  bytes < 2 ** 20 ? `${Math.round(bytes / 1024)} KiB` : `${(bytes / 2 ** 20).toFixed(1)} MiB`;
