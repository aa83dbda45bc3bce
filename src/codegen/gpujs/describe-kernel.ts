// What a person is told of a kernel: its formula, where in the `.nn` text it comes from, and the shapes of what it reads.
import { positionAt } from '../../diagnostics/source.ts';
import type { Origin } from '../../ir/graph.ts';
import type { Buffer, BufferId, Kernel, KernelProgram } from '../../ir/kernel.ts';
import { printKernel } from '../../ir/print-kernel.ts';
import { printComment } from '../names.ts';
import { gatherForm } from './scatter.ts';

/** More places than these are only counted. */
const mostPlaces = 4;
const longestFormula = 1200;

export function describeKernel(
  kernel: Kernel,
  reads: readonly BufferId[],
  program: KernelProgram,
): readonly string[] {
  const buffers = new Map(program.buffers.map((buffer) => [buffer.id, buffer]));
  const map = kernel.kind === 'map' ? kernel : gatherForm(kernel, buffers);
  // Without its origin the formula stands alone.
  const formula = printKernel({ ...map, origin: { path: '' } }, program.buffers);
  const shapes = reads.flatMap((id) => describeShape(buffers.get(id)) ?? []);
  return [
    printComment(formula, longestFormula),
    ...describePlaces([kernel.origin, ...kernel.fused]),
    ...(shapes.length > 0 ? [printComment(`Reads ${shapes.join(', ')}.`, longestFormula)] : []),
  ];
}

function describeShape(buffer: Buffer | undefined): string | undefined {
  return buffer && `${buffer.name} [${buffer.shape.join(', ')}]`;
}

function describePlaces(origins: readonly Origin[]): readonly string[] {
  const places = [...new Set(origins.flatMap((origin) => describePlace(origin) ?? []))];
  const shown = places.slice(0, mostPlaces).map((place) => printComment(place, 160));
  const more = places.length - shown.length;
  return more > 0 ? [...shown, `and ${more} more ${more === 1 ? 'place' : 'places'}`] : shown;
}

/** `linear_1, std/dense.nn line 12: return x @ W' + b` */
function describePlace({ span, path }: Origin): string | undefined {
  if (!span) return path === '' ? undefined : path;
  const { source, start } = span;
  // Only the file's name, so that the module is the same wherever it is compiled.
  const file = source.library ? source.path : (source.path.split(/[\\/]/).at(-1) ?? source.path);
  const { line } = positionAt(source.text, start);
  const text = source.text.split('\n')[line - 1]?.trim() ?? '';
  return `${path === '' ? '' : `${path}, `}${file} line ${line}: ${text}`;
}
