// The scatter-add: rows of values added up at the rows that ids name. Each work item owns some columns of the output and walks all
// ids in order, so that no two threads write one place and the order of addition is fixed.
import type { ScatterKernel } from '../ir/stages/type.ts';
import type { Machine } from './machine/machine.ts';
import { constantItem, LoopBuilder, type Item } from './emit/builder.ts';
import type { Buffers } from '../ir/formula.ts';
import { first, integer, last, number, type Place, type Statement, type Value } from '../ir/loops/type.ts';
import type { Scheduled } from './map.ts';
import { Parameters } from './emit/points.ts';

/** Vectors of columns that one work item owns. */
const columns = 4;

export function scheduleScatter(kernel: ScatterKernel, buffers: Buffers, { lanes }: Machine): Scheduled {
  const [rows = 1] = buffers.get(kernel.output).shape;
  const elements = buffers.elements(kernel.ids);
  const width = buffers.elements(kernel.output) / rows;
  const vectors = Math.ceil(width / lanes);
  const items = Math.ceil(vectors / columns);
  const builder = new LoopBuilder();
  const parameters = new Parameters();
  const [ids, values, output] = [kernel.ids, kernel.values, kernel.output].map((id) =>
    parameters.pointer(buffers.owner(id)),
  );
  if (!ids || !values || !output) throw new Error('a scatter-add without buffers');

  const at = (base: Item, row: Value, column: Item): Place => {
    const start: Value = { kind: 'arithmetic', operator: 'multiply', left: row, right: integer(width) };
    const elements: Value = { kind: 'arithmetic', operator: 'add', left: start, right: column.value };
    const pointer: Value = { kind: 'advance', pointer: base.value, elements };
    return { pointer: builder.let({ value: pointer, depth: builder.depth }, 'at').value, offset: 0 };
  };
  const eachColumn = (item: Item, body: (column: Item, count: Value | undefined) => void) => {
    const from = builder.arithmetic('multiply', item, constantItem(columns));
    const end = builder.arithmetic(
      'minimum',
      builder.arithmetic('add', from, constantItem(columns)),
      constantItem(vectors),
    );
    builder.loop('vector', from.value, end.value, 1, (vector) => {
      const column = builder.let(builder.arithmetic('multiply', vector, constantItem(lanes)), 'column');
      const left = builder.let(builder.arithmetic('subtract', constantItem(width), column), 'left');
      body(column, width % lanes === 0 ? undefined : left.value);
    });
  };
  const store = (place: Place, value: Value, count: Value | undefined): Statement => ({
    kind: 'store',
    place,
    value,
    ...(count && { count }),
  });

  builder.loop('item', first, last, 1, (item) => {
    builder.loop('row', integer(0), integer(rows), 1, (row) => {
      eachColumn(item, (column, count) =>
        builder.emit(store(at(output, row.value, column), number(0), count)),
      );
    });
    builder.loop('i', integer(0), integer(elements), 1, (i) => {
      const pointer: Value = { kind: 'advance', pointer: ids.value, elements: i.value };
      const id: Value = { kind: 'load', place: { pointer, offset: 0 }, spread: true };
      const bounded: Value = {
        kind: 'apply',
        function: 'minimum',
        operands: [{ kind: 'apply', function: 'maximum', operands: [id, number(0)] }, number(rows - 1)],
      };
      const row = builder.let(
        { value: { kind: 'whole', vector: bounded, lane: 0 }, depth: builder.depth },
        'id',
      );
      eachColumn(item, (column, count) => {
        const place = at(output, row.value, column);
        const sum: Value = {
          kind: 'apply',
          function: 'add',
          operands: [
            { kind: 'load', place, spread: false },
            { kind: 'load', place: at(values, i.value, column), spread: false },
          ],
        };
        builder.emit(store(place, sum, count));
      });
    });
  });
  return {
    routine: { parameters: parameters.buffers.length, body: builder.body, scratch: 0 },
    buffers: parameters.buffers,
    items,
    cost: elements * vectors * 3,
  };
}
