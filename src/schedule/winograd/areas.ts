// How the Winograd schedule speaks to a builder: places in its scratch memory, and vectors added and scaled.
import { constantItem, placeAt, type Item, type LoopBuilder } from '../emit/builder.ts';
import { integer, number, scratch, type Value, type VectorFunction } from '../../ir/loops/type.ts';
import { aligned } from '../memory.ts';
import type { Arithmetic, Transform } from './transforms.ts';

export const times = (builder: LoopBuilder, item: Item, by: number): Item =>
  builder.arithmetic('multiply', item, constantItem(by));

export const plus = (builder: LoopBuilder, ...items: readonly Item[]): Item =>
  items.reduce((sum, item) => builder.arithmetic('add', sum, item), constantItem(0));

/** The pointer, so many elements on. */
export function advance(builder: LoopBuilder, base: Item, elements: Item, hint: string): Item {
  if (elements.value.kind === 'integer' && elements.value.value === 0) return base;
  const value: Value = { kind: 'advance', pointer: base.value, elements: elements.value };
  return builder.let({ value, depth: Math.max(base.depth, elements.depth) }, hint);
}

/** A vector of scratch memory, read here and now: what it holds changes from turn to turn. */
export function load(builder: LoopBuilder, pointer: Item, elements: number, hint: string): Item {
  const { place } = placeAt(pointer, elements);
  return builder.let({ value: { kind: 'load', place, spread: false }, depth: builder.depth }, hint);
}

export function store(builder: LoopBuilder, pointer: Item, elements: number, item: Item): void {
  builder.emit({ kind: 'store', place: placeAt(pointer, elements).place, value: item.value });
}

export function vectors(builder: LoopBuilder): Arithmetic<Item> {
  const apply = (called: VectorFunction, ...operands: readonly Value[]): Item =>
    builder.let({ value: { kind: 'apply', function: called, operands }, depth: builder.depth }, 't');
  return {
    add: (a, b) => apply('add', a.value, b.value),
    subtract: (a, b) => apply('subtract', a.value, b.value),
    scale: (a, by) => apply('multiply', a.value, number(by)),
    addScaled: (a, b, by) => apply('multiply_add', b.value, number(by), a.value),
  };
}

/** A transform of both axes: of every column, then of every row of what has come of them. */
export interface Separable {
  /** Elements of a column and of a row before, and after. */
  readonly from: number;
  readonly to: number;
  readonly transform: Transform;
  /** Scratch memory for from · to vectors. */
  readonly between: Item;
  readonly read: (row: number, column: Item) => Item;
  readonly write: (row: Item, column: number, value: Item) => void;
}

export function emitSeparable(
  builder: LoopBuilder,
  lanes: number,
  { from, to, transform, between, read, write }: Separable,
): void {
  const arithmetic = vectors(builder);
  builder.loop('column', integer(0), integer(from), 1, (column) => {
    const values = Array.from({ length: from }, (_, i) => read(i, column));
    const at = advance(builder, between, times(builder, column, lanes), 'at');
    transform(values, arithmetic).forEach((value, i) => store(builder, at, i * from * lanes, value));
  });
  builder.loop('line', integer(0), integer(to), 1, (row) => {
    const at = advance(builder, between, times(builder, row, from * lanes), 'at');
    const values = Array.from({ length: from }, (_, j) => load(builder, at, j * lanes, 'd'));
    transform(values, arithmetic).forEach((value, j) => write(row, j, value));
  });
}

/** Says at a routine's head what it does, and where that is told. */
export function explain(builder: LoopBuilder, form: string): void {
  const text = `By Winograd's minimal filtering ${form}: Y = Aᵀ[(G g Gᵀ) ⊙ (Bᵀ d B)] A (Lavin and Gray, CVPR 2016)`;
  builder.emit({ kind: 'comment', text });
}

/** Deals out a thread's scratch memory. */
export class Areas {
  private used = 0;

  constructor(private readonly builder: LoopBuilder) {}

  get bytes(): number {
    return this.used;
  }

  take(elements: number, hint: string): Item {
    const from = this.used;
    this.used += aligned(4 * elements);
    if (from === 0) return { value: scratch, depth: 0 };
    const value: Value = { kind: 'advance', pointer: scratch, elements: integer(from / 4) };
    return this.builder.let({ value, depth: 0 }, hint);
  }
}

/** Elements from one of many like arrays to the next: a cache line more, so that equal places do not meet in one set. */
export const apart = (elements: number): number => Math.ceil(elements / 16) * 16 + 16;

/** The least of what is left of `all` from `from` on and `most`; a constant where that always is `most`. */
export function upTo(builder: LoopBuilder, from: Item, most: number, all: number, hint: string): Item {
  if (all % most === 0) return constantItem(most);
  const left = builder.arithmetic('subtract', constantItem(all), from);
  return builder.let(builder.arithmetic('minimum', left, constantItem(most)), hint);
}
