// The parts common to all modules: the threads' shares, the barrier, the loop in which a worker waits for programs, the random numbers
// and the microkernel. Words shared by threads are at the start of memory, each on its own cache line.
import type { TileForm } from '../loop-printer.ts';
import { roundConstants, rounds } from '../../runtime/random.ts';
import { shortSpins, words } from '../../runtime/wasm/words.ts';

/** A thread's first work item; the next thread's is its end. A single item is thread 0's. */
export const partText = `/** Where thread \`thread\`'s share of the work items begins. */
function part(thread: i32, threads: i32, items: i32): i32 {
  return (thread * items + threads - 1) / threads;
}`;

/**
 * A thread that waits spins, then sleeps. Waking takes long, but spinning takes time from other processes that want the processor.
 * So the spin at a barrier is long, unless the last long one was in vain: then the next `backOff` waits spin shortly.
 *
 * | shortWaits | the barrier opens        | then                                                     |
 * | ---------- | ------------------------ | -------------------------------------------------------- |
 * | any        | within a short spin      | unchanged                                                |
 * | > 0        | later                    | sleep; shortWaits − 1                                    |
 * | 0          | within a long spin       | backOff = 32                                             |
 * | 0          | later                    | sleep; shortWaits = backOff; backOff doubles, up to 1024 |
 *
 * The thread that opens a barrier notifies the sleepers a moment later. By then one of them may sleep at the next barrier: it wakes
 * although its word has not changed, and must wait again. That loop must not be in `sleep` itself: in a function compiled by V8's
 * Liftoff an atomic wait stores eight bytes over its four-byte address, which zeroes the variable before it (seen in the machine code
 * of V8 11.3, Node 20). After a wait no variable of the same function can be trusted.
 */
export const barrierText = `const arrived: usize = ${words.arrived};
const generation: usize = ${words.generation};
const sleeping: usize = ${words.sleeping};
const job: usize = ${words.job};
const program: usize = ${words.program};
const longSpins: usize = ${words.longSpins};

const shortSpins: i32 = ${shortSpins};
/** The next waits of this thread that spin shortly, because a long spin was in vain; and how many after the next in vain. */
let shortWaits: i32 = 0;
let backOff: i32 = 32;

/** Spins until the word at \`pointer\` is no longer \`value\`; false if it still is after so many reads. */
function spin(pointer: usize, value: i32, spins: i32): bool {
  for (let i = 0; i < spins; i++) if (atomic.load<i32>(pointer) != value) return true;
  return false;
}

/** Sleeps until notified, unless the word at \`pointer\` is no longer \`value\`; may wake while it still is. */
function sleep(pointer: usize, value: i32): void {
  atomic.add<i32>(sleeping, 1);
  atomic.wait<i32>(pointer, value, -1);
  atomic.sub<i32>(sleeping, 1);
}

/** Waits until the other threads have come to the barrier. */
function waitForOthers(now: i32): void {
  if (spin(generation, now, shortSpins)) return;
  if (shortWaits > 0) shortWaits--;
  else if (spin(generation, now, load<i32>(longSpins))) {
    backOff = 32;
    return;
  } else {
    shortWaits = backOff;
    backOff = min<i32>(2 * backOff, 1024);
  }
  while (atomic.load<i32>(generation) == now) sleep(generation, now);
}

function wake(pointer: usize): void {
  if (atomic.load<i32>(sleeping) > 0) atomic.notify(pointer, -1);
}

/** No thread leaves before all have come. */
function barrier(threads: i32): void {
  if (threads == 1) return;
  const now = atomic.load<i32>(generation);
  if (atomic.add<i32>(arrived, 1) == threads - 1) {
    atomic.store<i32>(arrived, 0);
    atomic.add<i32>(generation, 1);
    wake(generation);
  } else waitForOthers(now);
}`;

export const loneBarrierText = `/** Without shared memory there is one thread. */
function barrier(threads: i32): void {}`;

/** The start-up test, run as the program after the last: a product and a sum in every thread. */
export function checkText(fused: boolean): string {
  const [a, b, c] = ['f32x4.splat(7.0)', 'f32x4.splat(<f32>(thread + 1))', 'f32x4.splat(1.0)'];
  const value = fused ? `f32x4.relaxed_madd(${a}, ${b}, ${c})` : `f32x4.add(f32x4.mul(${a}, ${b}), ${c})`;
  return `/** What the runtime checks before it trusts the engine and its threads. */
function check(thread: i32, threads: i32): void {
  const sums = i32x4.trunc_sat_f32x4_s(${value});
  store<i32>(${words.check} + (<usize>thread << 6), i32x4.extract_lane(sums, 3));
}`;
}

export function workText(names: readonly string[]): string {
  const programs = [...names, 'check'];
  const cases = programs.map((name, i) => `    if (next == ${i}) ${name}(thread, threads);`);
  return `/** A worker: runs the programs that thread 0 announces, until it announces none. */
export function work(thread: i32, threads: i32): void {
  let seen: i32 = 0;
  while (true) {
    if (!spin(job, seen, load<i32>(longSpins))) {
      while (atomic.load<i32>(job) == seen) sleep(job, seen);
    }
    seen = atomic.load<i32>(job);
    const next = atomic.load<i32>(program);
    if (next < 0) return;
${cases.join('\n')}
    barrier(threads);
  }
}

/** Runs a program on all threads; only thread 0 calls this. */
export function run(index: i32, threads: i32): void {
  atomic.store<i32>(program, index);
  atomic.add<i32>(job, 1);
  wake(job);
  if (index < 0) return;
${programs.map((name, i) => `  if (index == ${i}) ${name}(0, threads);`).join('\n')}
  barrier(threads);
}`;
}

export function loneWorkText(names: readonly string[]): string {
  const programs = [...names, 'check'];
  const cases = programs.map((name, i) => `  if (index == ${i}) ${name}(0, 1);`);
  return `/** Runs a program. */
export function run(index: i32, threads: i32): void {
${cases.join('\n')}
}`;
}

/** The generator of src/runtime/random.ts, on four lanes. */
export const uniformText = `/** Numbers in [0, 1): a Feistel network of two 12-bit halves of the index, keyed by one word a round. */
function uniform(index: v128, ${Array.from({ length: rounds }, (_, i) => `k${i}: i32`).join(', ')}): v128 {
  const mask = i32x4.splat(4095);
  let l = v128.and(index, mask);
  let r = v128.and(i32x4.shr_u(index, 12), mask);
  let t: v128, u: v128, next: v128;
${roundConstants
  .map(
    (constant, i) => `  t = v128.and(i32x4.add(r, i32x4.splat(k${i})), mask);
  u = i32x4.mul(t, v128.and(i32x4.add(i32x4.add(t, t), i32x4.splat(${constant})), mask));
  next = v128.and(i32x4.add(l, i32x4.shr_u(u, 6)), mask);
  l = r;
  r = next;`,
  )
  .join('\n')}
  return f32x4.mul(f32x4.convert_i32x4_s(i32x4.add(i32x4.shl(l, 12), r)), f32x4.splat(${2 ** -24}));
}`;

/** c = [c +] Σ over depth of a panel's column times the other panel's row; sums stay in registers. */
export function tileText(name: string, { rows, vectors, stride, step }: TileForm, fused: boolean): string {
  const each = (line: (row: number, vector: number) => string) =>
    Array.from({ length: rows }, (_, row) =>
      Array.from({ length: vectors }, (__, vector) => line(row, vector)).join(' '),
    ).join('\n');
  const multiplyAdd = (a: string, b: string, c: string) =>
    fused ? `f32x4.relaxed_madd(${a}, ${b}, ${c})` : `f32x4.add(f32x4.mul(${a}, ${b}), ${c})`;
  return `/** The microkernel: a ${rows} × ${4 * vectors} tile of sums. */
function ${name}(a: usize, b: usize, depth: i32, c: usize, accumulate: i32): void {
${each((row, vector) => `  let c${row}${vector} = f32x4.splat(0.0);`)}
  if (accumulate) {
${each((row, vector) => `    c${row}${vector} = v128.load(c, ${16 * (row * vectors + vector)});`)}
  }
  const end = a + <usize>depth * ${4 * stride};
  while (a < end) {
${Array.from({ length: vectors }, (_, vector) => `    const b${vector} = v128.load(b, ${16 * vector});`).join('\n')}
    let x: v128;
${Array.from(
  { length: rows },
  (_, row) =>
    `    x = v128.load_splat<f32>(a, ${4 * step * row}); ` +
    Array.from(
      { length: vectors },
      (__, vector) => `c${row}${vector} = ${multiplyAdd('x', `b${vector}`, `c${row}${vector}`)};`,
    ).join(' '),
).join('\n')}
    a += ${4 * stride};
    b += ${16 * vectors};
  }
${each((row, vector) => `  v128.store(c, c${row}${vector}, ${16 * (row * vectors + vector)});`)}
}`;
}
