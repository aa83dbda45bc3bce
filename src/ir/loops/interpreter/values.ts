// Values as closures. The closure of a lane-wise value fills an array and returns a bit mask of undefined lanes; masks are 1 and 0. A
// single integer or pointer is a number, and NaN where it is undefined.
import { uniformByWords } from '../../../runtime/random.ts';
import { scalar } from '../../scalar.ts';
import { elementSize, type Place, type Value, type VectorFunction } from '../type.ts';
import { baseOf } from '../walk.ts';
import { bitsOf, floatOf, withSign } from './floats.ts';
import { integerOperation, laneOperations, toInteger } from './integers.ts';
import { LoopFault, type Memory, type Region } from './memory.ts';

export type Run<T> = () => T;

export interface Lanes {
  readonly out: Float64Array;
  /** Fills `out`; returns the bit mask of undefined lanes. */
  readonly run: Run<number>;
}

/** The state that the closures of a routine share: variables and pointers. */
export interface Frame {
  readonly lanes: number;
  readonly memory: Memory;
  /** The regions of `$0`, `$1`, …, then scratch memory. */
  regions: readonly Region[];
  /** Integers and pointers; pointers count elements. */
  readonly numbers: number[];
  /** The bit mask of undefined lanes of each vector variable. */
  readonly undefinedLanes: number[];
  /**
   * Emulates float32 where present: floats are rounded, and multiply-add is rounded twice, as on a machine without fused products; gives
   * the result of a function that has a body in loop form.
   */
  readonly functions?: (called: VectorFunction, operand: Lanes) => Lanes | undefined;
}

export type Slot =
  /** `base`: for a pointer, the region it points into. */
  | { readonly kind: 'number'; readonly index: number; readonly base: number }
  | { readonly kind: 'lanes'; readonly index: number; readonly out: Float64Array };

export interface Address {
  readonly base: number;
  readonly at: Run<number>;
}

/** Compiles values to closures, given the slots of the variables in scope. */
export class ValueCompiler {
  private readonly allUndefined: number;

  constructor(
    private readonly frame: Frame,
    private readonly slotOf: (name: string) => Slot,
  ) {
    this.allUndefined = frame.lanes === 32 ? -1 : 2 ** frame.lanes - 1;
  }

  /** The element address of a place. */
  address({ pointer, offset }: Place): Address {
    const at = this.number(pointer);
    const elements = offset / elementSize;
    return { base: this.regionOf(pointer), at: elements === 0 ? at : () => at() + elements };
  }

  /** The index of the region that a pointer points into. */
  regionOf(pointer: Value): number {
    const base = baseOf(pointer);
    const slot = base.kind === 'variable' ? this.slotOf(base.name) : undefined;
    if (slot?.kind !== 'number' || slot.base < 0) throw new Error('a pointer to no buffer');
    return slot.base;
  }

  /** An integer or a pointer. */
  number(value: Value): Run<number> {
    const { numbers } = this.frame;
    switch (value.kind) {
      case 'integer': {
        const constant = value.value;
        return () => constant;
      }
      case 'variable': {
        const { index } = this.slotOf(value.name);
        return () => numbers[index] ?? NaN;
      }
      case 'arithmetic':
        return integerOperation(value.operator, this.number(value.left), this.number(value.right));
      case 'advance': {
        const [pointer, elements] = [this.number(value.pointer), this.number(value.elements)];
        return () => pointer() + elements();
      }
      case 'to_integer': {
        const { out, run } = this.lanes(value.vector);
        const { lane } = value;
        return () => ((run() >> lane) & 1 ? NaN : toInteger(out[lane] ?? NaN));
      }
      default:
        throw new Error(`${value.kind} is no integer and no pointer`);
    }
  }

  lanes(value: Value): Lanes {
    switch (value.kind) {
      case 'variable': {
        const slot = this.slotOf(value.name);
        if (slot.kind !== 'lanes') throw new Error(`${value.name} has no lanes`);
        const { undefinedLanes } = this.frame;
        const { index, out } = slot;
        return { out, run: () => undefinedLanes[index] ?? 0 };
      }
      case 'number':
        return this.constant(() => this.rounded(value.value));
      case 'sequence':
        return this.constant((lane) => value.values[lane] ?? NaN);
      case 'lanes':
        return this.constant((lane) => Number(value.set[lane]));
      case 'load':
        return value.splat ? this.broadcast(value.place) : this.load(value.place, value.count);
      case 'gather':
        return this.gather(value.places);
      case 'shuffle':
        return this.shuffle(value);
      case 'apply':
        return this.apply(value.function, value.operands);
      case 'select':
        return this.select(value);
      // a mask is 1 and 0, and integers are numbers
      case 'mask_to_float':
        return this.lanes(value.mask);
      case 'convert':
        return this.lanes(value.integers);
      case 'reduce_lanes':
        return this.reduceLanes(value);
      case 'random':
        return this.random(value);
      case 'compare':
        return this.compare(value);
      case 'inside': {
        const { limit } = value;
        return this.each([value.integers], (x) => Number(x >= 0 && x < limit));
      }
      case 'zero':
        return this.each([value.integers], (x) => Number(x === 0));
      case 'both':
        return this.each([value.left, value.right], (a, b) => a * b);
      case 'lanewise':
        return this.each([value.left, value.right], laneOperations[value.operator]);
      case 'bits':
        return this.each([value.vector], bitsOf);
      case 'from_bits':
        return this.each([value.integers], floatOf);
      case 'with_sign':
        return this.each([value.size, value.sign], withSign);
      case 'splat_mask':
        return this.splat(this.number(value.condition));
      case 'splat':
        return this.splat(this.number(value.integer));
      case 'pack':
        return this.pack(value.values.map((each) => this.number(each)));
      default:
        throw new Error(`${value.kind} has no lanes`);
    }
  }

  /** A number rounded to the machine's precision. */
  private rounded(value: number): number {
    return this.frame.functions ? Math.fround(value) : value;
  }

  private array(): Float64Array {
    return new Float64Array(this.frame.lanes);
  }

  private constant(valueOf: (lane: number) => number): Lanes {
    return { out: this.array().map((_, lane) => valueOf(lane)), run: () => 0 };
  }

  /** Applies a lane-wise function of one to three operands. */
  private each(operands: readonly Value[], evaluate: (a: number, b: number, c: number) => number): Lanes {
    const out = this.array();
    const [a, b, c] = operands.map((operand) => this.lanes(operand));
    if (!a) throw new Error('a function without operands');
    const [x, y, z] = [a.out, b?.out ?? a.out, c?.out ?? a.out];
    const [runB, runC] = [b?.run ?? none, c?.run ?? none];
    return {
      out,
      run: () => {
        const undefinedLanes = a.run() | runB() | runC();
        for (let i = 0; i < out.length; i++) out[i] = evaluate(x[i] ?? NaN, y[i] ?? NaN, z[i] ?? NaN);
        return undefinedLanes;
      },
    };
  }

  private apply(called: VectorFunction, operands: readonly Value[]): Lanes {
    const [a, b] = operands;
    const { functions } = this.frame;
    if (functions && a) {
      const own = functions(called, this.lanes(a));
      if (own) return own;
      const { fround } = Math;
      if (called === 'multiply_add') return this.each(operands, (x, y, z) => fround(fround(x * y) + z));
      const evaluate = scalar[called];
      return this.each(operands, (x, y, z) => fround(evaluate(x, y, z)));
    }
    // the most frequent ones are inlined, without a call per lane
    if ((called === 'add' || called === 'multiply') && a && b) {
      const [left, right, out] = [this.lanes(a), this.lanes(b), this.array()];
      const [x, y] = [left.out, right.out];
      if (called === 'add')
        return {
          out,
          run: () => {
            const undefinedLanes = left.run() | right.run();
            for (let i = 0; i < out.length; i++) out[i] = (x[i] ?? NaN) + (y[i] ?? NaN);
            return undefinedLanes;
          },
        };
      return {
        out,
        run: () => {
          const undefinedLanes = left.run() | right.run();
          for (let i = 0; i < out.length; i++) out[i] = (x[i] ?? NaN) * (y[i] ?? NaN);
          return undefinedLanes;
        },
      };
    }
    return this.each(operands, called === 'multiply_add' ? (x, y, z) => x * y + z : scalar[called]);
  }

  private compare({ function: called, left, right }: Value & { kind: 'compare' }): Lanes {
    const unequal = (a: number, b: number) => Number(a !== b);
    return this.each([left, right], called === 'unequal' ? unequal : scalar[called]);
  }

  private select(value: Value & { kind: 'select' }): Lanes {
    const out = this.array();
    const [mask, yes, no] = [this.lanes(value.mask), this.lanes(value.yes), this.lanes(value.no)];
    return {
      out,
      run: () => {
        const [m, y, n] = [mask.run(), yes.run(), no.run()];
        let set = 0;
        for (let i = 0; i < out.length; i++) {
          const chosen = mask.out[i] === 1;
          if (chosen) set |= 1 << i;
          out[i] = (chosen ? yes.out[i] : no.out[i]) ?? NaN;
        }
        return m | (set & y) | (~set & n);
      },
    };
  }

  private shuffle(value: Value & { kind: 'shuffle' }): Lanes {
    const out = this.array();
    const [left, right] = [this.lanes(value.left), this.lanes(value.right)];
    const { lanes } = value;
    const count = out.length;
    return {
      out,
      run: () => {
        const [l, r] = [left.run(), right.run()];
        let undefinedLanes = 0;
        for (let i = 0; i < count; i++) {
          const from = lanes[i] ?? 0;
          const lane = from % count;
          out[i] = (from < count ? left.out[lane] : right.out[lane]) ?? NaN;
          if (((from < count ? l : r) >> lane) & 1) undefinedLanes |= 1 << i;
        }
        return undefinedLanes;
      },
    };
  }

  private reduceLanes({ reducer, vector }: Value & { kind: 'reduce_lanes' }): Lanes {
    const out = this.array();
    const { out: from, run } = this.lanes(vector);
    const combine = reducer === 'sum' ? scalar.add : scalar.maximum;
    return {
      out,
      run: () => {
        const undefinedLanes = run();
        out.fill(from.reduce((left, right) => combine(left, right, 0)));
        return undefinedLanes === 0 ? 0 : this.allUndefined;
      },
    };
  }

  private random({ words, index }: Value & { kind: 'random' }): Lanes {
    const out = this.array();
    const [key, at] = [words.map((word) => this.number(word)), this.lanes(index)];
    return {
      out,
      run: () => {
        const undefinedLanes = at.run();
        const drawn = key.map((word) => word());
        for (let i = 0; i < out.length; i++)
          out[i] = uniformByWords(at.out[i] ?? NaN, (round) => drawn[round] ?? NaN);
        return drawn.some((word) => Number.isNaN(word)) ? this.allUndefined : undefinedLanes;
      },
    };
  }

  private splat(run: Run<number>): Lanes {
    const out = this.array();
    return {
      out,
      run: () => {
        const value = run();
        out.fill(value);
        return Number.isNaN(value) ? this.allUndefined : 0;
      },
    };
  }

  private pack(values: readonly Run<number>[]): Lanes {
    const out = this.array();
    return {
      out,
      run: () => {
        let undefinedLanes = 0;
        for (let i = 0; i < out.length; i++) {
          const value = values[i]?.() ?? NaN;
          out[i] = value;
          if (Number.isNaN(value)) undefinedLanes |= 1 << i;
        }
        return undefinedLanes;
      },
    };
  }

  private load(place: Place, count: Value | undefined): Lanes {
    const { frame } = this;
    const out = this.array();
    const { base, at } = this.address(place);
    const read = (wanted: number) => frame.memory.read(regionAt(frame, base), at(), wanted, out);
    if (!count) return { out, run: () => read(out.length) };
    const wanted = this.count(count);
    return {
      out,
      run: () => {
        const lanes = wanted();
        out.fill(NaN, lanes);
        const beyond = lanes < 32 ? -1 << lanes : 0;
        return read(lanes) | (this.allUndefined & beyond);
      },
    };
  }

  /** How many lanes are wanted: none where a count is below 1, all of them where it exceeds their number. */
  count(count: Value): Run<number> {
    const { lanes } = this.frame;
    const run = this.number(count);
    return () => {
      const wanted = run();
      if (Number.isNaN(wanted)) throw new LoopFault('a count of lanes is undefined');
      return Math.max(0, Math.min(lanes, wanted));
    };
  }

  private broadcast(place: Place): Lanes {
    const { frame } = this;
    const out = this.array();
    const { base, at } = this.address(place);
    return {
      out,
      run: () => {
        const isUndefined = frame.memory.readLane(regionAt(frame, base), at(), 0, out);
        out.fill(out[0] ?? NaN);
        return isUndefined ? this.allUndefined : 0;
      },
    };
  }

  private gather(places: readonly Place[]): Lanes {
    const { frame } = this;
    const out = this.array();
    const addresses = places.map((place) => this.address(place));
    return {
      out,
      run: () => {
        let undefinedLanes = 0;
        addresses.forEach(({ base, at }, lane) => {
          if (frame.memory.readLane(regionAt(frame, base), at(), lane, out)) undefinedLanes |= 1 << lane;
        });
        return undefinedLanes;
      },
    };
  }
}

export function regionAt(frame: Frame, base: number): Region {
  const region = frame.regions[base];
  if (!region) throw new Error(`no buffer is given for parameter ${base}`);
  return region;
}

const none = () => 0;
