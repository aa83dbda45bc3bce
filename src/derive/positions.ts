// Elaboration with distinct positions of a scan, which can be rolled up again. A node of position t of `scan_1` has the path `scan_1[t]`,
// counted from 1, and the text's `h` is `scan_1[t].h` there. A scan's initial states, and the derivatives of its final ones, are separate
// symbols: otherwise the first and last positions would be simplified differently.
import { Elaborator } from '../elaborate/elaborator.ts';
import type { Mode } from '../elaborate/context.ts';
import type { Tensors } from '../elaborate/values/tensors.ts';
import type { TensorValue, Value } from '../elaborate/values/values.ts';
import type { Span } from '../diagnostics/source.ts';
import type { Graph, Node, NodeId } from '../ir/graph/type.ts';

/** A position of a scan. */
export interface Place {
  readonly scan: string;
  /** From 1; 0 for the initial state. */
  readonly position: number;
}

/** An initial state of a scan. */
export interface Start {
  readonly scan: string;
  readonly name: string;
  /** Its symbol. */
  readonly leaf: Node;
  readonly batched: boolean;
  /** Its value; a number if it is constant. */
  readonly value: Node | number;
}

/** A value at either end of a scan, with the symbol of its derivative. */
export interface End {
  readonly state: Node;
  readonly cotangent: Node;
}

/** Prefix of symbols for derivatives from beyond the last position, which are zero. */
const beyond = '∂L/∂beyond:';

/** Prefix of outputs for a scan's initial states and their derivatives. */
export const startOutput = 'start:';
export const towardsStart = '∂L/∂start:';

export function isBeyond(name: string): boolean {
  return name.startsWith(beyond);
}

/** The position of a node of the forward or backward pass. */
export function placeOf({ origin: { path } }: Node): Place | undefined {
  const [, scan, position] = /^(.*)\[(\d+)\]$/s.exec(path) ?? [];
  return scan === undefined ? undefined : { scan, position: Number(position) };
}

/** The text's name at a position; `cotangent` for its derivative. */
export interface PlacedName {
  readonly place: Place;
  readonly base: string;
  readonly cotangent: boolean;
}

export function placedName({ origin: { name = '' } }: Node): PlacedName | undefined {
  const [, d, scan, position, base] = /^(d_)?(.*)\[(\d+)\]\.(.+)$/s.exec(name) ?? [];
  if (scan === undefined || base === undefined) return undefined;
  return { place: { scan, position: Number(position) }, base, cotangent: d !== undefined };
}

export function writePlacedName({ scan, position }: Place, base: string): string {
  return `${scan}[${position}].${base}`;
}

/** The scans of a graph, with their number of positions. */
export function scansOf(graph: Graph): ReadonlyMap<string, number> {
  const scans = new Map<string, number>();
  for (const node of graph.nodes) {
    const place = placeOf(node);
    if (place) scans.set(place.scan, Math.max(place.position, scans.get(place.scan) ?? 0));
  }
  return scans;
}

function isOf(start: Start, scan: string, name: string): boolean {
  return start.scan === scan && start.name === name;
}

export class PositionedElaborator extends Elaborator {
  readonly starts: Start[] = [];
  /** Whether every state has the same batching at the first position as at the others: per example, or one for all. */
  fits = true;
  private place: Place | undefined;
  private readonly last = new Map<string, ReadonlyMap<string, Value>>();

  /** @param ofEach whether initial states are made per example, even if their values are not */
  constructor(
    tensors: Tensors,
    mode: Mode,
    private readonly ofEach: boolean,
  ) {
    super(tensors, mode);
  }

  /** A nested scan is part of the outer scan's positions. */
  override atPosition(
    scan: string,
    position: number,
    states: Map<string, Value>,
    body: () => TensorValue,
  ): TensorValue {
    if (this.place) return body();
    this.place = { scan, position: position + 1 };
    const { builder } = this.tensors;
    const first = builder.size;
    try {
      const result = body();
      for (const [name, state] of states) {
        if (state.kind !== 'tensor') continue;
        if (
          position === 0 &&
          this.starts.some((start) => isOf(start, scan, name) && start.batched !== state.batched)
        )
          this.fits = false;
        if (state.node.id < first) continue;
        states.set(name, { ...state, node: this.nameState(state.node.id, name, this.place) });
      }
      for (let id = first; id < builder.size; id++) this.placeName(id, this.place);
      this.last.set(scan, new Map(states));
      return result;
    } finally {
      this.place = undefined;
    }
  }

  override firstState(name: string, state: TensorValue): TensorValue {
    const { place } = this;
    if (place?.position !== 1) return state;
    const { builder, batch } = this.tensors;
    const { origin } = builder;
    const batched = state.batched || this.ofEach;
    const shape = state.batched || !batched ? state.node.shape : [batch, ...state.node.shape];
    const first = writePlacedName({ scan: place.scan, position: 0 }, name);
    builder.origin = { path: `${place.scan}[0]` };
    const leaf = builder.rename(builder.input(first, 'target', shape), first);
    builder.origin = origin;
    const known = this.numberOf(state.node.id);
    const example = batched ? shape.slice(1) : shape;
    const full = () => this.tensors.broadcastTo(state, example, state.labels, batched).node;
    this.starts.push({ scan: place.scan, name, leaf, batched, value: known ?? full() });
    return this.tensors.of(leaf, batched, state.labels);
  }

  /**
   * The scans' final states, whose derivatives are zero, and initial states that are no numbers. Called once, after elaboration.
   */
  ends(): readonly End[] {
    const { builder } = this.tensors;
    builder.origin = { path: '' };
    const first = this.starts.flatMap(({ scan, name, value }) => {
      if (typeof value === 'number') return [];
      const cotangent = `d_${writePlacedName({ scan, position: 0 }, name)}`;
      const leaf = builder.input(cotangent, 'target', value.shape);
      return [{ state: value, cotangent: builder.rename(leaf, cotangent) }];
    });
    const last = [...this.last].flatMap(([scan, states]) =>
      [...states].flatMap(([name, state]) => {
        if (state.kind !== 'tensor') return [];
        const cotangent = `${beyond}${scan}.${name}`;
        const leaf = builder.input(cotangent, 'target', state.node.shape);
        return [{ state: state.node, cotangent: builder.rename(leaf, cotangent) }];
      }),
    );
    return [...first, ...last];
  }

  override locate(span: Span): void {
    super.locate(span);
    const { builder } = this.tensors;
    if (this.place)
      builder.origin = { ...builder.origin, path: `${this.place.scan}[${this.place.position}]` };
  }

  private nameState(id: NodeId, name: string, place: Place): Node {
    const { builder } = this.tensors;
    const node = builder.node(id);
    return node.origin.name === undefined ? builder.rename(node, writePlacedName(place, name)) : node;
  }

  /** Renames the text's `scan_1.i` to `scan_1[t].i`. */
  private placeName(id: NodeId, place: Place): void {
    const { builder } = this.tensors;
    const node = builder.node(id);
    const { name } = node.origin;
    if (name?.startsWith(`${place.scan}.`) && node.operation !== 'stored')
      builder.rename(node, writePlacedName(place, name.slice(place.scan.length + 1)));
  }

  /** The number that all elements of a node equal. */
  private numberOf(id: NodeId): number | undefined {
    const { operation, inputs, attributes } = this.tensors.builder.node(id);
    if (operation === 'constant') return Number(attributes['value']);
    return operation === 'broadcast' && inputs[0] !== undefined ? this.numberOf(inputs[0]) : undefined;
  }
}
