// Emits a planned scatter-add: each work item clears its columns of the output, then adds the values in the order of the ids.
import { first, integer, last, number, type Place, type Value } from '../../ir/loops/type.ts';
import { constantItem, type Item, type LoopBuilder } from '../emit/builder.ts';
import { finishRoutine, newContext } from '../emit/context.ts';
import type { ScatterPlan, Scheduled } from '../type.ts';

export function emitScatter(plan: ScatterPlan): Scheduled {
  const context = newContext(plan.lanes, []);
  const { builder, parameters } = context;
  const [ids, values, output] = [plan.ids, plan.values, plan.output].map((id) => parameters.pointer(id));
  if (!ids || !values || !output) throw new Error('a scatter-add without buffers');
  builder.loop('item', first, last, 1, (item) => {
    builder.loop('row', integer(0), integer(plan.rows), 1, (row) => {
      eachColumn(builder, plan, item, (column) => {
        const place = placeOf(builder, plan, { base: output, row: row.value, column });
        builder.emit({ kind: 'store', place, value: number(0), ...stored(column) });
      });
    });
    builder.loop('i', integer(0), integer(plan.count), 1, (i) => {
      const row = rowOfId(builder, plan, ids, i);
      eachColumn(builder, plan, item, (column) => {
        const place = placeOf(builder, plan, { base: output, row: row.value, column });
        const added = placeOf(builder, plan, { base: values, row: i.value, column });
        const operands: Value[] = [place, added].map((at) => ({ kind: 'load', place: at, splat: false }));
        const value: Value = { kind: 'apply', function: 'add', operands };
        builder.emit({ kind: 'store', place, value, ...stored(column) });
      });
    });
  });
  return { ...finishRoutine(context, 0), items: plan.items, cost: plan.cost };
}

/** A vector of columns: the first of them, and their number where the vector may be partial. */
interface Column {
  readonly first: Item;
  readonly count: Value | undefined;
}

const stored = ({ count }: Column) => count && { count };

function eachColumn(
  builder: LoopBuilder,
  { lanes, width, vectors, vectorsPerItem }: ScatterPlan,
  item: Item,
  body: (column: Column) => void,
): void {
  const from = builder.arithmetic('multiply', item, constantItem(vectorsPerItem));
  const next = builder.arithmetic('add', from, constantItem(vectorsPerItem));
  const end = builder.arithmetic('minimum', next, constantItem(vectors));
  builder.loop('vector', from.value, end.value, 1, (vector) => {
    const column = builder.let(builder.arithmetic('multiply', vector, constantItem(lanes)), 'column');
    const left = builder.let(builder.arithmetic('subtract', constantItem(width), column), 'left');
    body({ first: column, count: width % lanes === 0 ? undefined : left.value });
  });
}

/** The row id of an element, clamped to the rows of the output. NaN becomes 0. */
function rowOfId(builder: LoopBuilder, { rows }: ScatterPlan, ids: Item, element: Item): Item {
  const pointer: Value = { kind: 'advance', pointer: ids.value, elements: element.value };
  const id: Value = { kind: 'load', place: { pointer, offset: 0 }, splat: true };
  const positive: Value = { kind: 'apply', function: 'maximum', operands: [id, number(0)] };
  const bounded: Value = { kind: 'apply', function: 'minimum', operands: [positive, number(rows - 1)] };
  return builder.let({ value: { kind: 'to_integer', vector: bounded, lane: 0 }, depth: builder.depth }, 'id');
}

function placeOf(
  builder: LoopBuilder,
  { width }: ScatterPlan,
  { base, row, column }: { readonly base: Item; readonly row: Value; readonly column: Column },
): Place {
  const start: Value = { kind: 'arithmetic', operator: 'multiply', left: row, right: integer(width) };
  const elements: Value = { kind: 'arithmetic', operator: 'add', left: start, right: column.first.value };
  const pointer: Value = { kind: 'advance', pointer: base.value, elements };
  return { pointer: builder.let({ value: pointer, depth: builder.depth }, 'at').value, offset: 0 };
}
