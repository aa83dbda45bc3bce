// What is the same in every module: the shares of threads, the barrier between them, the loop in which a worker waits for
// programs, the random numbers and the microkernel. The words that threads share lie at the start of memory, a cache line apart.
import type { TileForm } from '../loop-printer.ts';
import { roundConstants, rounds } from '../../runtime/random.ts';
import { fewestLooks, words } from '../../runtime/wasm/words.ts';

/** A thread's first work item; the next thread's is its end. A single item is thread 0's. */
export const partText = `/** Where thread \`thread\`'s share of the work items begins. */
function part(thread: i32, threads: i32, items: i32): i32 {
  return (thread * items + threads - 1) / threads;
}`;

/**
 * A barrier and a waiting worker look for a while, then sleep. A thread that sleeps takes long to wake, but one that looks stands
 * in the way where other processes want the processor: so long as looking is in vain, it is rarely tried.
 *
 * Whoever opens a barrier wakes the sleepers a moment later, when one of them may be asleep at the next barrier already: it is woken
 * for nothing and has to look again. It must not look in `doze` itself. In a function that V8 has compiled with Liftoff, an
 * atomic wait stores eight bytes where its address of four lies, so that the variable before it becomes zero (seen in the machine
 * code of V8 11.3, Node 20): after a wait, no variable of the same function holds.
 */
export const barrierText = `const arrived: usize = ${words.arrived};
const generation: usize = ${words.generation};
const sleeping: usize = ${words.sleeping};
const job: usize = ${words.job};
const program: usize = ${words.program};
const patience: usize = ${words.patience};

/** So many looks are never too many. */
const fewest: i32 = ${fewestLooks};
/** Waits of this thread that are short because a long one was in vain, and how many it will be after the next such one. */
let hasty: i32 = 0;
let lull: i32 = 32;

/** Whether the word at \`pointer\` ceases to be \`value\` while this thread looks. */
function changes(pointer: usize, value: i32, looks: i32): bool {
  for (let i = 0; i < looks; i++) if (atomic.load<i32>(pointer) != value) return true;
  return false;
}

/** Unless the word at \`pointer\` has ceased to be \`value\`, sleeps until woken: now and then for nothing. */
function doze(pointer: usize, value: i32): void {
  atomic.add<i32>(sleeping, 1);
  atomic.wait<i32>(pointer, value, -1);
  atomic.sub<i32>(sleeping, 1);
}

/** Waits for the other threads, which are at work. */
function waitForOthers(now: i32): void {
  if (changes(generation, now, fewest)) return;
  if (hasty > 0) hasty--;
  else if (changes(generation, now, load<i32>(patience))) {
    lull = 32;
    return;
  } else {
    hasty = lull;
    lull = min<i32>(2 * lull, 1024);
  }
  while (atomic.load<i32>(generation) == now) doze(generation, now);
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
  return `/** Runs the programs that thread 0 asks for, until it asks for none. */
export function work(thread: i32, threads: i32): void {
  let seen: i32 = 0;
  while (true) {
    if (!changes(job, seen, load<i32>(patience))) {
      while (atomic.load<i32>(job) == seen) doze(job, seen);
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

/** The generator of src/runtime/random.ts on four lanes. */
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
