// Builder shorthands of Winograd convolution: arithmetic of pointers and integers, loads and stores of vectors in scratch memory, and
// separable transforms of tiles.
import { integer, number, type Value, type VectorFunction } from '../../ir/loops/type.ts';
import { constantItem, placeAt, type Item, type LoopBuilder } from '../emit/builder.ts';
import type { Arithmetic, Transform } from './transforms.ts';

export const times = (builder: LoopBuilder, item: Item, by: number): Item =>
  builder.arithmetic('multiply', item, constantItem(by));

export const plus = (builder: LoopBuilder, ...items: readonly Item[]): Item =>
  items.reduce((sum, item) => builder.arithmetic('add', sum, item), constantItem(0));

/** The pointer advanced by so many elements. */
export function advance(builder: LoopBuilder, base: Item, elements: Item, hint: string): Item {
  if (elements.value.kind === 'integer' && elements.value.value === 0) return base;
  const value: Value = { kind: 'advance', pointer: base.value, elements: elements.value };
  return builder.let({ value, depth: Math.max(base.depth, elements.depth) }, hint);
}

/** Loads a vector of scratch memory. It is not hoisted: the memory is overwritten in every iteration. */
export function load(builder: LoopBuilder, pointer: Item, elements: number, hint: string): Item {
  const { place } = placeAt(pointer, elements);
  return builder.let({ value: { kind: 'load', place, splat: false }, depth: builder.depth }, hint);
}

export function store(builder: LoopBuilder, pointer: Item, elements: number, item: Item): void {
  builder.emit({ kind: 'store', place: placeAt(pointer, elements).place, value: item.value });
}

/** Offset of a column's first element in a matrix of panels. `panel`: elements of a panel. */
export function columnOf(
  builder: LoopBuilder,
  column: Item,
  { width, panel }: { readonly width: number; readonly panel: number },
): Item {
  const at = builder.arithmetic('quotient', column, constantItem(width));
  return plus(
    builder,
    times(builder, at, panel),
    builder.arithmetic('remainder', column, constantItem(width)),
  );
}

/** min(most, end − from); a constant where that always is `most`. */
export function upTo(
  builder: LoopBuilder,
  from: Item,
  { most, end }: { readonly most: number; readonly end: number },
  hint: string,
): Item {
  if (end % most === 0) return constantItem(most);
  const left = builder.arithmetic('subtract', constantItem(end), from);
  return builder.let(builder.arithmetic('minimum', left, constantItem(most)), hint);
}

export function comments(builder: LoopBuilder, ...lines: readonly string[]): void {
  for (const text of lines) builder.emit({ kind: 'comment', text });
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

/** A separable transform: of every column, then of every row of the result. */
export interface Separable {
  /** Elements of a column and of a row: before, and after. */
  readonly from: number;
  readonly to: number;
  readonly transform: Transform;
  /** Scratch memory for the from · to vectors between the two passes. */
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
