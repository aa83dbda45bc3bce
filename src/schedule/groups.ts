// Gathers the kernels of a program into groups that run as one loop: a contraction or a map, and the kernels over the same domain
// that read its results element by element.
import type { Axis, BufferId, KernelProgram, ScatterKernel } from '../ir/stages/type.ts';
import type { Buffers } from '../ir/linear/build.ts';
import { addressKey } from '../ir/linear/key.ts';
import type { Formula, Point } from '../ir/linear/type.ts';
import { buffersReadBy, nodesOf, renaming, substitutePoint } from '../ir/linear/walk.ts';
import { productOf, slice } from './product.ts';
import type { Group } from './type.ts';
import { elementsOf } from '../ir/stages/walk.ts';

export interface Grouping {
  readonly groups: readonly Group[];
  /** Elements of the buffers that the schedule adds to the program's. */
  readonly partial: ReadonlyMap<BufferId, number>;
}

/** Kernels over as few elements as this share a loop even if they have nothing to do with one another. */
const smallDomain = 4096;

/**
 * @param program its kernels say what they are: see `recognize`
 * @param filtered whether filters' gradients may be computed by Winograd's filtering, where slices pay with more outputs
 */
export function groupKernels(program: KernelProgram, buffers: Buffers, filtered: boolean): Grouping {
  const grouper = new Grouper();
  const partial = new Map<BufferId, number>();
  let free = Math.max(-1, ...program.buffers.map((buffer) => buffer.id)) + 1;
  for (const kernel of program.kernels) {
    if (kernel.kind === 'scatter_add') {
      grouper.append(scatterGroup(kernel, buffers), buffers.owner(kernel.output));
      continue;
    }
    const point = buffers.point(kernel);
    const product = productOf(kernel, point, buffers);
    if (!product) {
      grouper.add(point);
      continue;
    }
    const sliced = slice(product, free, filtered);
    if (sliced) partial.set(free++, sliced.elements);
    const head = sliced?.product ?? product;
    grouper.append({ kind: 'contraction', product: head, points: [...head.points] });
    if (sliced) grouper.append({ kind: 'map', points: [sliced.sum] });
  }
  return { groups: grouper.groups, partial };
}

class Grouper {
  readonly groups: Group[] = [];
  /** The group that writes a buffer, by its number. */
  private readonly producers = new Map<BufferId, number>();

  append(group: Group, output?: BufferId): void {
    this.groups.push(group);
    for (const point of group.points) this.producers.set(point.output.buffer, this.groups.length - 1);
    if (output !== undefined) this.producers.set(output, this.groups.length - 1);
  }

  /** Puts the point into the first group that it may join, else into one of its own. */
  add(point: Point): void {
    const reads = buffersReadBy(point.formula);
    // It cannot run before the group that computes what it reads.
    const earliest = Math.max(0, ...[...reads].map((buffer) => this.producers.get(buffer) ?? 0));
    for (let i = earliest; i < this.groups.length; i++) {
      const group = this.groups[i];
      const joined = group && group.kind !== 'scatter' ? join(group, point, reads) : undefined;
      if (!joined || !group || group.kind === 'scatter') continue;
      group.points.push(joined);
      this.producers.set(point.output.buffer, i);
      return;
    }
    this.append({ kind: 'map', points: [point] });
  }
}

/** The point as it would be in the group; nothing where it may not be. */
function join(
  { kind, points }: Group & { readonly kind: 'map' | 'contraction' },
  point: Point,
  reads: ReadonlySet<BufferId>,
): Point | undefined {
  const [head] = points;
  if (!head || !sameDomain(head.axes, point.axes)) return undefined;
  const renamed = { ...substitutePoint(point, renaming(point.axes, head.axes)), axes: head.axes };
  if (!readsElementByElement(renamed, points)) return undefined;
  const related = points.some((other) => reads.has(other.output.buffer) || sharesReads(other, reads));
  if (kind === 'contraction' && (!related || hasReduction(renamed.formula))) return undefined;
  return related || elementsOf(head.axes) <= smallDomain ? renamed : undefined;
}

function sharesReads(point: Point, reads: ReadonlySet<BufferId>): boolean {
  for (const buffer of buffersReadBy(point.formula)) if (reads.has(buffer)) return true;
  return false;
}

function sameDomain(a: readonly Axis[], b: readonly Axis[]): boolean {
  return a.length === b.length && a.every((axis, i) => axis.size === b[i]?.size);
}

/** Whether the point reads what the others write only at its own element. */
function readsElementByElement(point: Point, others: readonly Point[]): boolean {
  const places = new Map(others.map((other) => [other.output.buffer, addressKey(other.output)]));
  for (const node of nodesOf(point.formula)) {
    if (node.kind === 'random' && places.has(node.key)) return false;
    if (node.kind !== 'read') continue;
    const place = places.get(node.buffer);
    if (place !== undefined && addressKey(node) !== place) return false;
  }
  return true;
}

function hasReduction(formula: Formula): boolean {
  for (const node of nodesOf(formula)) if (node.kind === 'reduce') return true;
  return false;
}

function scatterGroup(kernel: ScatterKernel, buffers: Buffers): Group {
  const [rows = 1] = buffers.get(kernel.output).shape;
  const scatter = {
    name: kernel.name,
    ids: buffers.owner(kernel.ids),
    values: buffers.owner(kernel.values),
    output: buffers.owner(kernel.output),
    rows,
    width: buffers.elements(kernel.output) / rows,
    count: buffers.elements(kernel.ids),
  };
  return { kind: 'scatter', kernel, points: [], scatter };
}
