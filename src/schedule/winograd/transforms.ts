// Winograd's minimal filtering: a row of `tile` outputs of a filter of three taps from tile + 2 products instead of 3 · tile,
//   y = Aᵀ[(G g) ⊙ (Bᵀ d)],   in two dimensions   Y = Aᵀ[(G g Gᵀ) ⊙ (Bᵀ d B)] A,
// and the same for the filter's gradient, three outputs of a "filter" of `tile` taps (the output's gradient) over the same data.
// S. Winograd, Arithmetic Complexity of Computations, SIAM 1980; A. Lavin and S. Gray, Fast Algorithms for Convolutional
// Neural Networks, CVPR 2016. Each matrix is a short program over whatever can be added and scaled: numbers in a test, vectors
// of the schedule. Tiles of 2 interpolate at 0, ±1 and ∞ and round no worse than a plain sum; tiles of 4 at 0, ±a, ±b and ∞, and
// their errors are two to three times as large.
// The error scales with a tile's largest values, not with the output's own, and an infinity or NaN spoils the whole tile.

/** What a transform is computed with. */
export interface Arithmetic<T> {
  readonly add: (a: T, b: T) => T;
  readonly subtract: (a: T, b: T) => T;
  readonly scale: (a: T, by: number) => T;
  /** a + by · b */
  readonly addScaled: (a: T, b: T, by: number) => T;
}

export type Transform = <T>(values: readonly T[], arithmetic: Arithmetic<T>) => readonly T[];

export interface Winograd {
  /** Outputs of a tile along one axis. */
  readonly tile: number;
  /** Products of a tile along one axis: tile + 2, the inputs that it reads. */
  readonly products: number;
  /** Bᵀ d */
  readonly data: Transform;
  /** G g, three taps */
  readonly filter: Transform;
  /** Aᵀ m, to `tile` outputs */
  readonly output: Transform;
  /** G g, `tile` taps: the output's gradient */
  readonly gradient: Transform;
  /** Aᵀ m, to three outputs: the filter's gradient */
  readonly taps: Transform;
  /** The transforms' formulas, for people. */
  readonly formulas: {
    readonly [transform in 'data' | 'filter' | 'output' | 'gradient' | 'taps']: readonly string[];
  };
}

/** F(2, 3) and F(3, 2). */
const two: Winograd = {
  tile: 2,
  products: 4,
  data(values, { add, subtract }) {
    const [d0, d1, d2, d3] = some(values, 4);
    return [subtract(d0, d2), add(d1, d2), subtract(d2, d1), subtract(d1, d3)];
  },
  filter(values, { add, subtract, scale }) {
    const [g0, g1, g2] = some(values, 3);
    const [even, odd] = [scale(add(g0, g2), 0.5), scale(g1, 0.5)];
    return [g0, add(even, odd), subtract(even, odd), g2];
  },
  output(values, { add, subtract }) {
    const [m0, m1, m2, m3] = some(values, 4);
    return [add(m0, add(m1, m2)), subtract(subtract(m1, m2), m3)];
  },
  gradient(values, { add, subtract, scale }) {
    const [g0, g1] = some(values, 2);
    const [even, odd] = [scale(g0, 0.5), scale(g1, 0.5)];
    return [g0, add(even, odd), subtract(even, odd), g1];
  },
  taps(values, { add, subtract }) {
    const [m0, m1, m2, m3] = some(values, 4);
    const sum = add(m1, m2);
    return [add(m0, sum), subtract(m1, m2), subtract(sum, m3)];
  },
  formulas: {
    data: ['d0 − d2, d1 + d2, d2 − d1, d1 − d3'],
    filter: ['g0, (g0 + g1 + g2)/2, (g0 − g1 + g2)/2, g2'],
    output: ['m0 + m1 + m2, m1 − m2 − m3'],
    gradient: ['g0, (g0 + g1)/2, (g0 − g1)/2, g1'],
    taps: ['m0 + m1 + m2, m1 − m2, m1 + m2 − m3'],
  },
};

// The second pair of points of F(4, 3): ±a and ±b. With the textbooks' 1 and 2 errors are four times as large as with these, found by
// trying pairs whose powers up to ab² are exact in binary.
const [a, b] = [5 / 8, 3 / 2] as const;
const [aa, bb] = [a * a, b * b] as const;
/** The divisors of G's rows: the derivative of x (x² − a²) (x² − b²) at each point. */
const [atZero, atA, atB] = [aa * bb, 2 * aa * (aa - bb), 2 * bb * (bb - aa)] as const;

/** F(4, 3) and F(3, 4). */
const four: Winograd = {
  tile: 4,
  products: 6,
  data(values, { addScaled }) {
    const [d0, d1, d2, d3, d4, d5] = some(values, 6);
    const [nearEven, nearOdd] = [addScaled(d4, d2, -bb), addScaled(d3, d1, -bb)];
    const [farEven, farOdd] = [addScaled(d4, d2, -aa), addScaled(d3, d1, -aa)];
    return [
      addScaled(addScaled(d4, d2, -aa - bb), d0, aa * bb),
      addScaled(nearEven, nearOdd, a),
      addScaled(nearEven, nearOdd, -a),
      addScaled(farEven, farOdd, b),
      addScaled(farEven, farOdd, -b),
      addScaled(addScaled(d5, d3, -aa - bb), d1, aa * bb),
    ];
  },
  filter(values, { scale, addScaled }) {
    const [g0, g1, g2] = some(values, 3);
    const [near, far] = [addScaled(g0, g2, aa), addScaled(g0, g2, bb)];
    const [nearEven, farEven] = [scale(near, 1 / atA), scale(far, 1 / atB)];
    return [
      scale(g0, 1 / atZero),
      addScaled(nearEven, g1, a / atA),
      addScaled(nearEven, g1, -a / atA),
      addScaled(farEven, g1, b / atB),
      addScaled(farEven, g1, -b / atB),
      g2,
    ];
  },
  output(values, { add, subtract, scale, addScaled }) {
    const [m0, m1, m2, m3, m4, m5] = some(values, 6);
    const [near, nearOdd, far, farOdd] = [add(m1, m2), subtract(m1, m2), add(m3, m4), subtract(m3, m4)];
    return [
      add(m0, add(near, far)),
      addScaled(scale(nearOdd, a), farOdd, b),
      addScaled(scale(near, aa), far, bb),
      addScaled(addScaled(m5, nearOdd, a * aa), farOdd, b * bb),
    ];
  },
  gradient(values, { scale, addScaled }) {
    const [g0, g1, g2, g3] = some(values, 4);
    const near = scale(addScaled(g0, g2, aa), 1 / atA);
    const far = scale(addScaled(g0, g2, bb), 1 / atB);
    const [nearOdd, farOdd] = [addScaled(g1, g3, aa), addScaled(g1, g3, bb)];
    return [
      scale(g0, 1 / atZero),
      addScaled(near, nearOdd, a / atA),
      addScaled(near, nearOdd, -a / atA),
      addScaled(far, farOdd, b / atB),
      addScaled(far, farOdd, -b / atB),
      g3,
    ];
  },
  taps(values, { add, subtract, scale, addScaled }) {
    const [m0, m1, m2, m3, m4, m5] = some(values, 6);
    const [near, far] = [add(m1, m2), add(m3, m4)];
    return [
      add(m0, add(near, far)),
      addScaled(scale(subtract(m1, m2), a), subtract(m3, m4), b),
      addScaled(addScaled(m5, near, aa), far, bb),
    ];
  },
  formulas: {
    data: [
      'a²b² d0 − (a² + b²) d2 + d4, d4 − b² d2 ± a (d3 − b² d1),',
      'd4 − a² d2 ± b (d3 − a² d1), a²b² d1 − (a² + b²) d3 + d5, with a = 5/8, b = 3/2',
    ],
    filter: [
      'g0 / a²b², (g0 ± a g1 + a² g2) / 2a²(a² − b²),',
      '(g0 ± b g1 + b² g2) / 2b²(b² − a²), g2, with a = 5/8, b = 3/2',
    ],
    output: [
      'm0 + (m1 + m2) + (m3 + m4), a (m1 − m2) + b (m3 − m4),',
      'a² (m1 + m2) + b² (m3 + m4), a³ (m1 − m2) + b³ (m3 − m4) + m5, with a = 5/8, b = 3/2',
    ],
    gradient: [
      'g0 / a²b², (g0 ± a g1 + a² g2 ± a³ g3) / 2a²(a² − b²),',
      '(g0 ± b g1 + b² g2 ± b³ g3) / 2b²(b² − a²), g3, with a = 5/8, b = 3/2',
    ],
    taps: [
      'm0 + (m1 + m2) + (m3 + m4), a (m1 − m2) + b (m3 − m4),',
      'a² (m1 + m2) + b² (m3 + m4) + m5, with a = 5/8, b = 3/2',
    ],
  },
};

export const winograds: readonly Winograd[] = [two, four];

/** The transforms of tiles of so many outputs along each axis. */
export function winogradOf(tile: number): Winograd {
  const found = winograds.find((each) => each.tile === tile);
  if (!found) throw new Error(`no transforms of tiles of ${tile}`);
  return found;
}

type Six<T> = readonly [T, T, T, T, T, T];

/** The first values, to destructure; those past the length repeat the last one and are unused. */
function some<T>(values: readonly T[], length: number): Six<T> {
  if (values.length !== length) throw new Error(`a transform of ${length} values was given ${values.length}`);
  const at = (i: number): T => {
    const value = values[Math.min(i, length - 1)];
    if (value === undefined) throw new Error('a transform of no values');
    return value;
  };
  return [at(0), at(1), at(2), at(3), at(4), at(5)];
}
