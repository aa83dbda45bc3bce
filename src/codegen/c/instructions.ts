// Machine-dependent helpers: the few instructions that no vector operator compiles to, and lane shuffles, whose text depends on the lane
// count. Instructions are inline assembly, because the two compilers' intrinsics have different names.
import type { InstructionSet, NativeMachine } from '../../schedule/machine/native.ts';

interface Dialect {
  /** Instruction for r = maximum(a, b) that returns b if either is NaN. */
  readonly maximum?: string;
  readonly minimum?: string;
  readonly sqrt?: string;
  /** Stores the first lanes of x, but not all of them, at `at`. */
  readonly storePart?: string;
  /** Loads the first lanes into r and zeros the others. */
  readonly loadPart?: string;
}

const vex: Dialect = {
  maximum: '__asm__("vmaxps %2, %1, %0" : "=v"(r) : "v"(a), "v"(b));',
  minimum: '__asm__("vminps %2, %1, %0" : "=v"(r) : "v"(a), "v"(b));',
  sqrt: '__asm__("vsqrtps %1, %0" : "=v"(r) : "v"(x));',
};

const dialects: { readonly [set in InstructionSet]: Dialect } = {
  avx512: {
    ...vex,
    storePart: `const unsigned short kept = (unsigned short)((1u << count) - 1u);
  __asm__("vmovups %1, %0%{%2%}" : "+m"(*(loose *)at) : "v"(x), "Yk"(kept));`,
    loadPart: `const unsigned short kept = (unsigned short)((1u << count) - 1u);
  __asm__("vmovups %1, %0%{%2%}%{z%}" : "=v"(r) : "m"(*(const loose *)at), "Yk"(kept));`,
  },
  avx2: {
    ...vex,
    storePart: `ints kept = {0, 1, 2, 3, 4, 5, 6, 7};
  kept = kept < splat_int((int)count);
  __asm__("vmaskmovps %1, %2, %0" : "+m"(*(loose *)at) : "x"(x), "x"(kept));`,
    loadPart: `ints kept = {0, 1, 2, 3, 4, 5, 6, 7};
  kept = kept < splat_int((int)count);
  __asm__("vmaskmovps %1, %2, %0" : "=x"(r) : "m"(*(const loose *)at), "x"(kept));`,
  },
  neon: { sqrt: '__asm__("fsqrt %0.4s, %1.4s" : "=w"(r) : "w"(x));' },
  sse2: { sqrt: '__asm__("sqrtps %1, %0" : "=x"(r) : "x"(x));' },
  none: {},
};

/** Sanitizers do not see memory accesses in inline assembly: for them, lanes are accessed one by one. */
const sanitized = 'defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)';

export function instructionText(name: string, { set, lanes }: NativeMachine): string | undefined {
  const dialect = dialects[set];
  switch (name) {
    case 'maximum':
    case 'minimum':
      return extreme(name, dialect[name]);
    case 'sqrt_of':
      return squareRoot(dialect.sqrt);
    case 'sum_across':
      return across(name, lanes, (a, b) => `${a} + ${b}`);
    case 'maximum_across':
      return across(name, lanes, (a, b) => `maximum(${a}, ${b})`);
    case 'store_part':
      return storePart(dialect.storePart);
    case 'load_part':
      return loadPart(dialect.loadPart);
    case 'store_pairs':
      return storePairs(lanes);
    case 'store_transposed':
      return storeTransposed(lanes);
    default:
      return undefined;
  }
}

function extreme(name: 'maximum' | 'minimum', instruction: string | undefined): string {
  const sign = name === 'maximum' ? '>' : '<';
  const title = `/** The ${name === 'maximum' ? 'larger' : 'smaller'} of two; NaN where one of them is. */`;
  if (instruction === undefined)
    return `${title}
static inline vec ${name}(vec a, vec b) {
  return choose((a ${sign} b) | (a != a), a, b);
}`;
  return `${title}
static inline vec ${name}(vec a, vec b) {
  vec r;
  ${instruction} // b where one of them is NaN
  return choose(a == a, r, a);
}`;
}

function squareRoot(instruction: string | undefined): string {
  if (instruction === undefined)
    return `static vec sqrt_of(vec x) {
  vec r;
  for (int i = 0; i < lanes; i++) r[i] = sqrtf(x[i]);
  return r;
}`;
  return `static inline vec sqrt_of(vec x) {
  vec r;
  ${instruction}
  return r;
}`;
}

/** A horizontal reduction: halves are combined until all lanes hold the result. */
function across(name: string, lanes: number, combined: (a: string, b: string) => string): string {
  const lines: string[] = [];
  for (let half = lanes / 2; half >= 1; half /= 2) {
    const order = Array.from({ length: lanes }, (_, i) => i ^ half).join(', ');
    lines.push(`  x = ${combined('x', `__builtin_shufflevector(x, x, ${order})`)};`);
  }
  return `static inline vec ${name}(vec x) {
${lines.join('\n')}
  return x;
}`;
}

function storePart(instruction: string | undefined): string {
  const plain = `  for (int i = 0; i < lanes; i++) {
    if (i < count) at[i] = x[i];
  }`;
  const body =
    instruction === undefined ? plain : `#if ${sanitized}\n${plain}\n#else\n  ${instruction}\n#endif`;
  return `/** Stores the first lanes, all of them where there are no more. */
static inline void store_part(float *at, vec x, long count) {
  if (count >= lanes) {
    store(at, x);
    return;
  }
${body}
}`;
}

/** Reads only the lanes requested: another thread may be writing the others. */
function loadPart(instruction: string | undefined): string {
  const plain = `  for (int i = 0; i < lanes; i++) r[i] = i < count ? at[i] : 0.0f;`;
  const body =
    instruction === undefined ? plain : `#if ${sanitized}\n${plain}\n#else\n  ${instruction}\n#endif`;
  return `/** The first lanes, zeros behind them. */
static inline vec load_part(const float *at, long count) {
  if (count >= lanes) return load(at);
  vec r;
${body}
  return r;
}`;
}

/** Interleaves two vectors: stores the pairs of lanes i at a constant stride. */
function storePairs(lanes: number): string {
  const half = lanes / 2;
  const order = (from: number) =>
    Array.from({ length: half }, (_, i) => [from + i, lanes + from + i])
      .flat()
      .join(', ');
  const moves = (name: string, from: number) =>
    Array.from(
      { length: half },
      (_, i) => `  memcpy(at + ${from + i} * stride, (const float *)&${name} + ${2 * i}, 8);`,
    );
  return `/** Lane i of both, side by side, at \`at\` + i · \`stride\`. */
static inline void store_pairs(float *at, long stride, vec left, vec right) {
  const vec low = __builtin_shufflevector(left, right, ${order(0)});
  const vec high = __builtin_shufflevector(left, right, ${order(half)});
${[...moves('low', 0), ...moves('high', half)].join('\n')}
}`;
}

/** A transpose in log2(lanes) stages: each interleaves row i with row i + lanes / 2. */
function storeTransposed(lanes: number): string {
  const half = lanes / 2;
  const between = (from: number) =>
    Array.from({ length: half }, (_, i) => [from + i, lanes + from + i])
      .flat()
      .join(', ');
  const lines: string[] = [];
  let rows = Array.from({ length: lanes }, (_, i) => `rows[${i}]`);
  for (let stage = 1; 2 ** stage <= lanes; stage++) {
    const letter = String.fromCharCode(96 + stage);
    const next = rows.map((_, i) => `${letter}${i}`);
    for (let i = 0; i < half; i++) {
      const pair = `${rows[i]}, ${rows[i + half]}`;
      lines.push(`  const vec ${next[2 * i]} = low(${pair}), ${next[2 * i + 1]} = high(${pair});`);
    }
    rows = next;
  }
  rows.forEach((row, i) => lines.push(`  store(at + ${i} * stride, ${row});`));
  return `/** Columns of a block of rows, at equal distances. */
static inline void store_transposed(float *at, long stride, const vec rows[]) {
#define low(a, b) __builtin_shufflevector(a, b, ${between(0)})
#define high(a, b) __builtin_shufflevector(a, b, ${between(half)})
${lines.join('\n')}
#undef low
#undef high
}`;
}
