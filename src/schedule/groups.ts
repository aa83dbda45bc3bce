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

/** Groups by their numbers, ascending. */
class GroupList {
  private readonly numbers: number[] = [];

  add(group: number): void {
    const at = this.positionOf(group);
    if (this.numbers[at] !== group) this.numbers.splice(at, 0, group);
  }

  /** The first group from this one on. */
  from(group: number): number {
    return this.numbers[this.positionOf(group)] ?? Infinity;
  }

  private positionOf(group: number): number {
    let [low, high] = [0, this.numbers.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.numbers[middle] ?? Infinity) < group) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/**
 * Groups, and which of them a point may join. A point joins the first that it can: the groups that it has anything to do with are found by
 * their domain and by the buffers that they touch, so that the time does not grow with the number of the others.
 */
class Grouper {
  readonly groups: Group[] = [];
  /** The group that writes a buffer, by its number. */
  private readonly producers = new Map<BufferId, number>();
  /** By kind, domain and buffer: the groups over that domain whose points read or write the buffer. */
  private readonly touching = new Map<string, GroupList>();
  /** By domain, where it is small: the maps over it. */
  private readonly small = new Map<string, GroupList>();
  /** Of each group, by buffer, the place that it writes. */
  private readonly places: Map<BufferId, string>[] = [];

  append(group: Group, output?: BufferId): void {
    const number = this.groups.push(group) - 1;
    this.places.push(new Map());
    if (output !== undefined) this.producers.set(output, number);
    const [head] = group.points;
    if (group.kind === 'map' && head && elementsOf(head.axes) <= smallDomain)
      listAt(this.small, domainKey(head.axes)).add(number);
    for (const point of group.points) this.note(point, number, buffersReadBy(point.formula));
  }

  /** Puts the point into the first group that it may join, else into one of its own. */
  add(point: Point): void {
    const reads = buffersReadBy(point.formula);
    for (const number of this.candidates(point, reads)) {
      const group = this.groups[number];
      const [head] = group?.points ?? [];
      if (!group || group.kind === 'scatter' || !head) continue;
      const joined = { ...substitutePoint(point, renaming(point.axes, head.axes)), axes: head.axes };
      if (!readsElementByElement(joined, this.places[number] ?? new Map())) continue;
      group.points.push(joined);
      this.note(joined, number, reads);
      return;
    }
    this.append({ kind: 'map', points: [point] });
  }

  /**
   * The groups over the point's domain that share a buffer with it, and maps over small domains without that, in order. A contraction takes
   * no other reduction. None runs before the groups that compute what the point reads.
   */
  private *candidates(point: Point, reads: ReadonlySet<BufferId>): Generator<number> {
    const kinds = hasReduction(point.formula) ? (['map'] as const) : (['map', 'contraction'] as const);
    const lists = kinds.flatMap((kind) =>
      [...reads].flatMap((buffer) => this.touching.get(touchKey(kind, point.axes, buffer)) ?? []),
    );
    const small = this.small.get(domainKey(point.axes));
    if (small) lists.push(small);
    let next = Math.max(0, ...[...reads].map((buffer) => this.producers.get(buffer) ?? 0));
    for (;;) {
      next = Math.min(...lists.map((list) => list.from(next)));
      if (next === Infinity) return;
      yield next++;
    }
  }

  private note(point: Point, number: number, reads: ReadonlySet<BufferId>): void {
    const { buffer } = point.output;
    this.producers.set(buffer, number);
    this.places[number]?.set(buffer, addressKey(point.output));
    const group = this.groups[number];
    const [head] = group?.points ?? [];
    if (!group || !head) return;
    for (const touched of [buffer, ...reads])
      listAt(this.touching, touchKey(group.kind, head.axes, touched)).add(number);
  }
}

function listAt(lists: Map<string, GroupList>, key: string): GroupList {
  const found = lists.get(key) ?? new GroupList();
  lists.set(key, found);
  return found;
}

function domainKey(axes: readonly Axis[]): string {
  return axes.map((axis) => axis.size).join('×');
}

function touchKey(kind: Group['kind'], axes: readonly Axis[], buffer: BufferId): string {
  return `${kind} ${domainKey(axes)} ${buffer}`;
}

/** Whether the point reads what its group writes, each buffer at its place, only at its own element. */
function readsElementByElement(point: Point, places: ReadonlyMap<BufferId, string>): boolean {
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
