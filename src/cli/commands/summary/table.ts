// `nnc summary`'s description of a compiled model: data first, then its table.
import { printable } from '../../../diagnostics/printable.ts';
import type { Compilation } from '../../../compile.ts';
import type { StoredTensor } from '../../../runtime/specification.ts';
import { elementCount, showShape } from '../../../runtime/tensor.ts';
import type { MemoryUse } from '../../../runtime/memory-use.ts';
import { showBytes, showCount, showMany } from '../../../train/progress/text.ts';
import { showMemoryUse } from '../../memory-text.ts';

export interface ModelDescription {
  readonly model: string;
  readonly source: string;
  readonly batch: number;
  readonly inputs: readonly ShapedName[];
  readonly targets: readonly ShapedName[];
  readonly outputs: readonly ShapedName[];
  /** In the order of the `.nn` text. */
  readonly parameters: readonly { readonly path: string; readonly shape: readonly number[] }[];
  readonly buffers: readonly { readonly path: string; readonly shape: readonly number[] }[];
  readonly layers: readonly LayerDescription[];
  /** `multiplyAdds`: for one example's forward pass. */
  readonly totals: { readonly parameters: number; readonly buffers: number; readonly multiplyAdds: number };
}

/** A model's memory use, by its memory plan. */
export interface PlannedMemory {
  /** Where it runs: `on wasm`. */
  readonly place: string;
  readonly threads: number;
  readonly use: MemoryUse;
  /** Total bytes. */
  readonly total: number;
}

export interface ShapedName {
  readonly name: string;
  /** Per example. */
  readonly shape: readonly number[];
}

export interface LayerDescription {
  /** Empty for what stands in the model itself. */
  readonly path: string;
  readonly layer: string;
  /** Per example. */
  readonly outputShape: readonly number[];
  /** Its own, without those of nested layers. */
  readonly parameters: number;
  readonly multiplyAdds: number;
  /** Nesting depth. */
  readonly level: number;
  /** Whether it is another call that shares its weights. */
  readonly shared: boolean;
}

export function describeModel({ specification, layers }: Compilation): ModelDescription {
  const tensors = (wanted: StoredTensor['storage']) =>
    specification.stored
      .filter(({ storage }) => storage === wanted)
      .map(({ path, shape }) => ({ path, shape }));
  const ports = (given: readonly ShapedName[]) => given.map(({ name, shape }) => ({ name, shape }));
  const elements = (given: readonly { readonly shape: readonly number[] }[]) =>
    given.reduce((sum, { shape }) => sum + elementCount(shape), 0);
  const parameters = tensors('parameter');
  const buffers = tensors('buffer');
  return {
    model: specification.name,
    source: specification.source,
    batch: specification.batch,
    inputs: ports(specification.inputs),
    targets: ports(specification.targets),
    outputs: ports(specification.outputs),
    parameters,
    buffers,
    layers: layers.map(({ path, layer, outputShape, parameters: count, multiplyAdds }, i) => ({
      path,
      layer,
      outputShape,
      parameters: count,
      multiplyAdds,
      level: new Set(layers.map((other) => other.path).filter((other) => path.startsWith(`${other}.`))).size,
      shared: layers.findIndex((other) => other.path === path) < i,
    })),
    totals: {
      parameters: elements(parameters),
      buffers: elements(buffers),
      multiplyAdds: layers.reduce((sum, layer) => sum + layer.multiplyAdds, 0),
    },
  };
}

export function showModel(model: ModelDescription, memory: PlannedMemory): string {
  const rows = model.layers.map(({ path, layer, outputShape, parameters, multiplyAdds, level, shared }) => [
    `${'  '.repeat(level)}${path === '' ? '(model)' : path}`,
    shared ? `${layer} (shared)` : layer,
    showShape(outputShape),
    showCount(parameters),
    showCount(multiplyAdds),
  ]);
  const { totals } = model;
  const named = (given: readonly ShapedName[]) =>
    given.map(({ name, shape }) => `${name} ${showShape(shape)}`).join(', ');
  return [
    `${model.model} (${printable(model.source)})`,
    `  ${named(model.inputs)} → ${named(model.outputs)}`,
    '',
    showTable(['path', 'layer', 'output', 'parameters', 'multiply-adds'], rows, [
      'total',
      '',
      '',
      showCount(totals.parameters),
      showCount(totals.multiplyAdds),
    ]),
    '',
    `learned    ${showCount(totals.parameters)} parameters (${showBytes(4 * totals.parameters)})`,
    ...(totals.buffers > 0
      ? [
          `buffers    ${showCount(totals.buffers)} numbers that training updates without a gradient (${showBytes(4 * totals.buffers)})`,
        ]
      : []),
    `memory ${memory.place}, batch ${model.batch}, ${showMany(memory.threads, 'thread')}: ${showBytes(memory.total)} (${showMemoryUse(memory.use)})`,
  ].join('\n');
}

/** Right-aligns numbers, from the fourth column on. */
function showTable(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  foot: readonly string[],
): string {
  const widths = head.map((_, column) =>
    Math.max(...[head, ...rows, foot].map((row) => row[column]?.length ?? 0)),
  );
  const line = (row: readonly string[]) =>
    row
      .map((cell, column) =>
        column < 3 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join('  ')
      .trimEnd();
  const rule = '─'.repeat(widths.reduce((sum, width) => sum + width + 2, -2));
  return [line(head), rule, ...rows.map(line), rule, line(foot)].join('\n');
}
