// Makes boxes and arrows from a graph whose nodes are assigned to boxes. A node that depends on no input (a parameter's view, a constant)
// is no step of the model: its stored tensors are lines of the boxes that read them. Views are skipped: the arrow starts at the box that
// computed the value, and shows the view's shape.
import type { Graph, Node, NodeId } from '../ir/graph/type.ts';
import type { Arrow, Box } from './diagram.ts';
import { isUnseen } from './operation-words.ts';

export class Boxes {
  readonly boxes = new Map<string, Box>();
  private readonly arrows = new Map<string, Arrow>();
  private readonly fed: readonly boolean[];
  private readonly leaves = new Map<NodeId, readonly Node[]>();
  private readonly identities: { readonly value: NodeId; readonly first: NodeId; readonly box: string }[] =
    [];

  /**
   * @param batch the batch size, which is omitted from shapes
   * @param boxOf the box of a node, or undefined for a box of its own; called only for nodes that depend on an input
   */
  constructor(
    readonly graph: Graph,
    private readonly batch: number,
    private readonly boxOf: (node: Node) => string | undefined,
  ) {
    const fed: boolean[] = [];
    for (const { id, operation, inputs } of graph.nodes)
      fed[id] = operation === 'input' || inputs.some((input) => fed[input]);
    this.fed = fed;
  }

  node(id: NodeId): Node {
    const found = this.graph.nodes[id];
    if (!found) throw new Error(`no node ${id}`);
    return found;
  }

  add(box: Box): void {
    if (!this.boxes.has(box.id)) this.boxes.set(box.id, box);
  }

  replace(box: Box): void {
    this.boxes.set(box.id, box);
  }

  /** Whether the node's value depends on an input. */
  isFed(id: NodeId): boolean {
    return this.fed[id] ?? false;
  }

  /** Whether the node has no box. */
  isPassed(node: Node): boolean {
    return (
      this.boxOf(node) === undefined &&
      isUnseen(
        node,
        node.inputs.map((id) => this.graph.nodes[id]),
      )
    );
  }

  /** A layer without computation (Identity), between the value and the nodes from `first` on. */
  pass(value: NodeId, first: NodeId, box: string): void {
    for (const from of this.sources(value, box, first)) this.arrow(from, box, this.shapeOf(this.node(value)));
    this.identities.push({ value, first, box });
  }

  /** The boxes that computed a value, as starts of arrows to `own`, which contains the node `reader`. */
  sources(id: NodeId, own: string | undefined, reader: NodeId): readonly string[] {
    const node = this.node(id);
    if (!this.isFed(id)) return [];
    const between = this.identities.findLast(({ value, first }) => value === id && first <= reader);
    if (between) return [between.box];
    const box = this.boxOf(node);
    if (box !== undefined) return box === own ? [] : [box];
    if (this.isPassed(node))
      return [...new Set(node.inputs.flatMap((input) => this.sources(input, own, reader)))];
    return [operationBox(id)];
  }

  arrow(from: string, to: string, label: string, kind: Arrow['kind'] = 'flow'): void {
    if (from === to || !this.boxes.has(from) || !this.boxes.has(to)) return;
    this.arrows.set(JSON.stringify([from, to, label, kind]), { from, to, label, kind });
  }

  /** Adds arrows into a box from the boxes that computed the node's inputs. */
  connect(node: Node, to: string, kind: (source: Node) => Arrow['kind'] = () => 'flow'): void {
    for (const id of node.inputs) {
      const read = this.node(id);
      for (const from of this.sources(id, to, node.id)) this.arrow(from, to, this.shapeOf(read), kind(read));
    }
  }

  /** `[16, 28, 28]`: per example, if the value has examples. */
  shapeOf({ id, shape }: Node): string {
    const batched = this.isFed(id) && shape[0] === this.batch;
    const own = batched ? shape.slice(1) : shape;
    return own.length === 0 ? 'scalar' : `[${own.join(', ')}]`;
  }

  /** The stored tensors that a node reads, directly or through nodes that depend on no input. */
  storedBehind(node: Node): readonly Node[] {
    const known = this.leaves.get(node.id);
    if (known) return known;
    const found = node.inputs.flatMap((id): readonly Node[] => {
      const input = this.node(id);
      if (input.operation === 'stored') return [input];
      return this.isFed(id) ? [] : this.storedBehind(input);
    });
    const once = [...new Set(found)];
    this.leaves.set(node.id, once);
    return once;
  }

  allArrows(): Arrow[] {
    return [...this.arrows.values()];
  }
}

export function operationBox(id: NodeId): string {
  return `operation_${id}`;
}

/** `W [16, 1, 3, 3]`, with the path relative to the owner. */
export function tensorLine(tensor: Node, owner: string): string {
  const path = String(tensor.attributes['path']);
  const short = owner !== '' && path.startsWith(`${owner}.`) ? path.slice(owner.length + 1) : path;
  const kind =
    tensor.attributes['storage'] === 'parameter' ? '' : ` (${String(tensor.attributes['storage'])})`;
  return `${short} [${tensor.shape.join(', ')}]${kind}`;
}

/** The nodes that any of the values depends on, and these values. */
export function reachable(graph: Graph, values: readonly NodeId[]): ReadonlySet<NodeId> {
  const found = new Set(values);
  for (let id = graph.nodes.length - 1; id >= 0; id--)
    if (found.has(id)) for (const input of graph.nodes[id]?.inputs ?? []) found.add(input);
  return found;
}
