// The helper functions of kernels. A module contains those that its kernels call, as text that gpu.js translates like a kernel: numbers
// in, one number out, float32 arithmetic only, and no name that JavaScript's Math, GLSL or WGSL defines. All arguments and results are
// declared as floats: otherwise gpu.js would infer integers from the first call.
import { roundConstants } from '../../runtime/random.ts';

const texts = {
  quotient: {
    calls: [],
    text: `
/**
 * floor(position / size), exactly, for integers below 2^24. A GPU divides with an error of a few units
 * in the last place, so that position / size may come out just below the integer that it is.
 */
function quotient(position: number, size: number): number {
  const near = Math.floor(position / size);
  const rest = position - near * size;
  if (rest < 0) {
    return near - 1;
  }
  if (rest >= size) {
    return near + 1;
  }
  return near;
}`,
  },
  remainder: {
    calls: ['quotient'],
    text: `
/** position mod size, exactly, for integers below 2^24. */
function remainder(position: number, size: number): number {
  return position - size * quotient(position, size);
}`,
  },
  roundDown: {
    calls: [],
    text: `
/** The greatest integer that is not above x. */
function roundDown(x: number): number {
  return Math.floor(x);
}`,
  },
  power: {
    calls: [],
    text: `
/** x ^ y. A GPU knows positive bases only; a negative one needs an integer y, and its sign alternates. */
function power(x: number, y: number): number {
  if (x >= 0) {
    return Math.pow(x, y);
  }
  const even = Math.floor(y / 2) * 2;
  if (even === y) {
    return Math.pow(-x, y);
  }
  if (even + 1 === y) {
    return -Math.pow(-x, y);
  }
  return Math.sqrt(x);
}`,
  },
  sigmoid: {
    calls: [],
    text: `
/** 1 / (1 + e^-x) */
function sigmoid(x: number): number {
  return 1 / (1 + Math.exp(-x));
}`,
  },
  hyperbolicTangent: {
    calls: [],
    text: `
/**
 * tanh x = 1 - 2 / (e^2x + 1), and near 0, where that would cancel, x - x^3/3 + 2x^5/15. Some GPUs' own tanh
 * is NaN for large x.
 */
function hyperbolicTangent(x: number): number {
  const square = x * x;
  if (square < 0.01) {
    return x * (1 - square * (1 / 3 - (square * 2) / 15));
  }
  return 1 - 2 / (Math.exp(2 * x) + 1);
}`,
  },
  softplus: {
    calls: [],
    text: `
/**
 * log(1 + e^x) = max(x, 0) + log(1 + z) with z = e^-|x|; where 1 + z would round z away, the logarithm's
 * series.
 */
function softplus(x: number): number {
  const z = Math.exp(-Math.abs(x));
  if (z < 0.01) {
    return Math.max(x, 0) + z * (1 - z * (0.5 - z / 3));
  }
  return Math.max(x, 0) + Math.log(1 + z);
}`,
  },
  errorFunction: {
    calls: [],
    text: `
/** erf x = x P(x^2) / Q(x^2) for |x| < 4, to a few units in the last place; beyond, it is 1 or -1. */
function errorFunction(x: number): number {
  const within = Math.min(Math.max(x, -4), 4);
  const s = within * within;
  let p = -2.72614225801306e-10;
  p = p * s + 2.77068142495902e-8;
  p = p * s - 2.10102402082508e-6;
  p = p * s - 5.69250639462346e-5;
  p = p * s - 7.34990630326855e-4;
  p = p * s - 2.95459980854025e-3;
  p = p * s - 1.60960333262415e-2;
  let q = -1.45660718464996e-5;
  q = q * s - 2.13374055278905e-4;
  q = q * s - 1.68282697438203e-3;
  q = q * s - 7.37332916720468e-3;
  q = q * s - 1.42647390514189e-2;
  return (within * p) / q;
}`,
  },
  arctangentNear: {
    calls: [],
    text: `
/** atan x for |x| <= tan(pi/8) */
function arctangentNear(x: number): number {
  const s = x * x;
  return x + x * s * (((0.0805374449538 * s - 0.138776856032) * s + 0.199777106478) * s - 0.333329491539);
}`,
  },
  arctangent: {
    calls: ['arctangentNear'],
    text: `
/** atan x: an angle above pi/8 is pi/4 and a rest, one above 3pi/8 pi/2 less a rest. */
function arctangent(x: number): number {
  const size = Math.abs(x);
  if (size > 2.414213562373095) {
    return Math.sign(x) * (1.5707963267948966 - arctangentNear(1 / size));
  }
  if (size > 0.4142135623730951) {
    return Math.sign(x) * (0.7853981633974483 + arctangentNear((size - 1) / (size + 1)));
  }
  return arctangentNear(x);
}`,
  },
  hyperbolicSine: {
    calls: [],
    text: `
/** sinh x = (e^x - e^-x) / 2, with e^x as a square, which overflows later; near 0, where that would cancel, its series. */
function hyperbolicSine(x: number): number {
  const s = x * x;
  if (s < 1) {
    return x * (1 + s * (1 / 6 + s * (1 / 120 + s * (1 / 5040 + s / 362880))));
  }
  const root = Math.exp(Math.abs(x) / 2);
  return Math.sign(x) * (root * (root / 2) - 0.5 / root / root);
}`,
  },
  hyperbolicCosine: {
    calls: [],
    text: `
/** cosh x = (e^x + e^-x) / 2, with e^x as a square, which overflows later. */
function hyperbolicCosine(x: number): number {
  const root = Math.exp(Math.abs(x) / 2);
  return root * (root / 2) + 0.5 / root / root;
}`,
  },
  logarithmOnePlus: {
    calls: [],
    text: `
/** log(1 + x); near 0, where 1 + x would round x away, 2 artanh s with s = x / (2 + x). */
function logarithmOnePlus(x: number): number {
  if (Math.abs(x) < 0.25) {
    const s = x / (2 + x);
    const q = s * s;
    return 2 * s * (1 + q * (1 / 3 + q * (1 / 5 + q * (1 / 7 + q / 9))));
  }
  return Math.log(1 + x);
}`,
  },
  exponentialLessOne: {
    calls: [],
    text: `
/** e^x - 1; near 0, where that would cancel, its series. */
function exponentialLessOne(x: number): number {
  if (Math.abs(x) < 0.5) {
    return x * (1 + (x / 2) * (1 + (x / 3) * (1 + (x / 4) * (1 + (x / 5) * (1 + (x / 6) * (1 + (x / 7) * (1 + x / 8)))))));
  }
  return Math.exp(x) - 1;
}`,
  },
  roundToEven: {
    calls: [],
    text: `
/** The integer nearest to x, of two the even one. */
function roundToEven(x: number): number {
  const down = Math.floor(x);
  const rest = x - down;
  if (rest < 0.5) {
    return down;
  }
  if (rest > 0.5) {
    return down + 1;
  }
  return 2 * Math.floor((down + 1) / 2);
}`,
  },
  mixWord: {
    calls: [],
    text: `
/** One round of the hash behind \`draw\`: every number stays below 2^24, where float32 is exact. */
function mixWord(word: number, other: number, key: number, constant: number): number {
  const t = (other + key) % 4096;
  const u = t * ((2 * t + constant) % 4096);
  return (word + Math.floor(u / 64)) % 4096;
}`,
  },
  draw: {
    calls: ['mixWord'],
    text: `
/**
 * A number in [0, 1) for an index below 2^24: a Feistel network over the index' two 12-bit halves, keyed by
 * the step and by the place in the model. The same index and keys give the same number everywhere
 * (\`uniform\` in nnc/runtime).
 */
function draw(
  index: number,
  key0: number,
  key1: number,
  key2: number,
  key3: number,
  key4: number,
  key5: number,
): number {
  const low = index % 4096;
  const high = Math.floor(index / 4096) % 4096;
  const word0 = mixWord(low, high, key0, ${roundConstants[0]});
  const word1 = mixWord(high, word0, key1, ${roundConstants[1]});
  const word2 = mixWord(word0, word1, key2, ${roundConstants[2]});
  const word3 = mixWord(word1, word2, key3, ${roundConstants[3]});
  const word4 = mixWord(word2, word3, key4, ${roundConstants[4]});
  const word5 = mixWord(word3, word4, key5, ${roundConstants[5]});
  return (4096 * word4 + word5) / 16777216;
}`,
  },
} as const satisfies Record<string, { readonly calls: readonly string[]; readonly text: string }>;

export type HelperName = keyof typeof texts;

export const helperNames = Object.keys(texts) as readonly HelperName[];

/** The helper's function, with its comment. */
export function helperText(name: HelperName): string {
  return texts[name].text.trim();
}

/** The helpers and their callees, in a fixed order. */
export function withCallees(names: Iterable<HelperName>): readonly HelperName[] {
  const all = new Set<HelperName>();
  const visit = (name: HelperName): void => {
    texts[name].calls.forEach(visit);
    all.add(name);
  };
  for (const name of names) visit(name);
  return helperNames.filter((name) => all.has(name));
}
