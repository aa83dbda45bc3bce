// Describes a kernel to people: its formula, its places in the `.nn` text, and the shapes of the buffers it reads.
import { positionAt, type Span } from '../diagnostics/source.ts';
import { Buffers } from '../ir/linear/build.ts';
import type { Origin } from '../ir/graph/type.ts';
import type { Buffer, BufferId, Kernel, KernelProgram } from '../ir/stages/type.ts';
import { printKernel } from '../ir/stages/print.ts';
import { buffersOf, buffersRead } from '../ir/stages/walk.ts';
import { gatherForm } from './structure/gather-form.ts';
import { printComment } from './names.ts';

/** At most this many places are listed; the others are only counted. */
const mostPlaces = 4;
const longestFormula = 1200;

export function describeKernel(
  kernel: Kernel,
  reads: readonly BufferId[],
  program: KernelProgram,
): readonly string[] {
  const buffers = buffersOf(program);
  const map = kernel.kind === 'map' ? kernel : gatherForm(kernel, new Buffers(program));
  // Without an origin, `printKernel` prints the formula alone.
  const formula = printKernel({ ...map, origin: { path: '' } }, program.buffers);
  const named = buffersRead(map).flatMap((id) => buffers.get(id) ?? []);
  const shapes = reads.flatMap((root) =>
    named.filter(({ id, alias }) => (alias ?? id) === root).map((buffer) => describeShape(buffer, buffers)),
  );
  return [
    printComment(formula, longestFormula),
    ...describePlaces([kernel.origin, ...kernel.fused]),
    ...(shapes.length > 0 ? [printComment(`Reads ${shapes.join(', ')}.`, longestFormula)] : []),
  ];
}

/** `x [64, 10]`, or `y as x [64, 10]` where x is the array y under another shape. */
function describeShape({ name, shape, alias }: Buffer, buffers: ReadonlyMap<BufferId, Buffer>): string {
  const root = alias === undefined ? undefined : buffers.get(alias);
  return `${root ? `${root.name} as ` : ''}${name} [${shape.join(', ')}]`;
}

/** Lines of the `.nn` text, each once, with the layers that they made. */
function describePlaces(origins: readonly Origin[]): readonly string[] {
  const places = new Map<string, { readonly text: string; readonly paths: Set<string> }>();
  for (const { span, path } of origins) {
    const [at, text] = span ? placeOf(span) : ['', ''];
    const place = places.get(at) ?? { text, paths: new Set() };
    if (path !== '') place.paths.add(path);
    places.set(at, place);
  }
  const lines = [...places].flatMap(([at, { text, paths }]) => {
    const named = [...paths].slice(0, mostPlaces).join(', ') + (paths.size > mostPlaces ? ', …' : '');
    const line = [named, at].filter((part) => part !== '').join(': ');
    return line === '' ? [] : [printComment(text === '' ? line : `${line}: ${text}`, 240)];
  });
  const more = lines.length - mostPlaces;
  return more > 0 ? [...lines.slice(0, mostPlaces), `and ${more} more`] : lines;
}

/** The place of a span and the line there: `mnist-mlp.nn line 7`. */
function placeOf({ source, start }: Span): readonly [place: string, text: string] {
  // Only the file's name, so that the module is the same wherever it is compiled.
  const file = source.library ? source.path : (source.path.split(/[\\/]/).at(-1) ?? source.path);
  const { line } = positionAt(source.text, start);
  const [code = ''] = (source.text.split('\n')[line - 1] ?? '').split('//');
  return [`${file} line ${line}`, code.trim()];
}
