// Groups the kernels of a program into loop nests (loop fusion): a contraction or a map, with the kernels over the same domain that read
// its results element by element.
import type { Axis, BufferId, KernelProgram, ScatterKernel } from '../ir/stages/type.ts';
import type { Buffers } from '../ir/linear/build.ts';
import { addressKey } from '../ir/linear/key.ts';
import type { Formula, Computation } from '../ir/linear/type.ts';
import { buffersReadBy, nodesOf, renaming, substituteComputation } from '../ir/linear/walk.ts';
import { contractionOf, slice } from './contraction/form.ts';
import type { Group } from './type.ts';
import { elementsOf } from '../ir/stages/walk.ts';

export interface Grouping {
  readonly groups: readonly Group[];
  /** The buffers that the schedule adds for partial sums, with their numbers of elements. */
  readonly partial: ReadonlyMap<BufferId, number>;
}

/** Kernels over at most this many elements share a loop nest even if they have no buffer in common. */
const smallDomain = 4096;

/**
 * @param program with its patterns recognized: see `recognize`
 * @param winograd whether filter gradients may be computed by Winograd convolution, for which slicing pays with more outputs too
 */
export function groupKernels(program: KernelProgram, buffers: Buffers, winograd: boolean): Grouping {
  const grouper = new Grouper();
  const partial = new Map<BufferId, number>();
  let free = Math.max(-1, ...program.buffers.map((buffer) => buffer.id)) + 1;
  for (const kernel of program.kernels) {
    if (kernel.kind === 'scatter_add') {
      grouper.append(scatterGroup(kernel, buffers), buffers.owner(kernel.output));
      continue;
    }
    const computation = buffers.computation(kernel);
    const contraction = contractionOf(kernel, computation, buffers);
    if (!contraction) {
      grouper.add(computation);
      continue;
    }
    const sliced = slice(contraction, free, winograd);
    if (sliced) partial.set(free++, sliced.elements);
    const head = sliced?.contraction ?? contraction;
    grouper.append({ kind: 'contraction', contraction: head, computations: [...head.computations] });
    if (sliced) grouper.append({ kind: 'map', computations: [sliced.sum] });
  }
  return { groups: grouper.groups, partial };
}

/** Group numbers, ascending. */
class GroupList {
  private readonly numbers: number[] = [];

  add(group: number): void {
    const at = this.positionOf(group);
    if (this.numbers[at] !== group) this.numbers.splice(at, 0, group);
  }

  /** The first group number at or after this one; Infinity where there is none. */
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
 * The groups so far, and which of them a computation may join: it joins the first that qualifies. Candidates are looked up by domain and by the
 * buffers that they touch, so that the time does not grow with the number of unrelated groups.
 */
class Grouper {
  readonly groups: Group[] = [];
  /** The group that writes a buffer, by its number. */
  private readonly producers = new Map<BufferId, number>();
  /** By kind, domain and buffer: the groups over that domain whose computations read or write the buffer. */
  private readonly touching = new Map<string, GroupList>();
  /** The maps over each small domain. */
  private readonly small = new Map<string, GroupList>();
  /** Of each group, by buffer, the key of the address that it writes. */
  private readonly places: Map<BufferId, string>[] = [];

  append(group: Group, output?: BufferId): void {
    const number = this.groups.push(group) - 1;
    this.places.push(new Map());
    if (output !== undefined) this.producers.set(output, number);
    const [head] = group.computations;
    if (group.kind === 'map' && head && elementsOf(head.axes) <= smallDomain)
      listAt(this.small, domainKey(head.axes)).add(number);
    for (const computation of group.computations)
      this.note(computation, number, buffersReadBy(computation.formula));
  }

  /** Adds the computation to the first group that it may join, else to a new one. */
  add(computation: Computation): void {
    const reads = buffersReadBy(computation.formula);
    for (const number of this.candidates(computation, reads)) {
      const group = this.groups[number];
      const [head] = group?.computations ?? [];
      if (!group || group.kind === 'scatter' || !head) continue;
      const joined = {
        ...substituteComputation(computation, renaming(computation.axes, head.axes)),
        axes: head.axes,
      };
      if (!readsElementByElement(joined, this.places[number] ?? new Map())) continue;
      group.computations.push(joined);
      this.note(joined, number, reads);
      return;
    }
    this.append({ kind: 'map', computations: [computation] });
  }

  /**
   * The groups that the computation might join, in order: those over its domain that share a buffer with it, and the maps over the same small
   * domain. A computation with a reduction joins no contraction. None runs before the producers of what the computation reads.
   */
  private *candidates(computation: Computation, reads: ReadonlySet<BufferId>): Generator<number> {
    const kinds = hasReduction(computation.formula) ? (['map'] as const) : (['map', 'contraction'] as const);
    const lists = kinds.flatMap((kind) =>
      [...reads].flatMap((buffer) => this.touching.get(touchKey(kind, computation.axes, buffer)) ?? []),
    );
    const small = this.small.get(domainKey(computation.axes));
    if (small) lists.push(small);
    let next = Math.max(0, ...[...reads].map((buffer) => this.producers.get(buffer) ?? 0));
    for (;;) {
      next = Math.min(...lists.map((list) => list.from(next)));
      if (next === Infinity) return;
      yield next++;
    }
  }

  private note(computation: Computation, number: number, reads: ReadonlySet<BufferId>): void {
    const { buffer } = computation.output;
    this.producers.set(buffer, number);
    this.places[number]?.set(buffer, addressKey(computation.output));
    const group = this.groups[number];
    const [head] = group?.computations ?? [];
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

/** Whether the computation reads each buffer that its group writes only at the element that it computes itself. */
function readsElementByElement(computation: Computation, places: ReadonlyMap<BufferId, string>): boolean {
  for (const node of nodesOf(computation.formula)) {
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
  return { kind: 'scatter', kernel, computations: [], scatter };
}
