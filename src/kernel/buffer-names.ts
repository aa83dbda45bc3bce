// Names for the buffers of a program: readable, unique and deterministic. They say whose value a buffer is (`linear_1.y`,
// `d_linear_1.W`); escaping them for a target is the printers' task.
import type { Graph, Node, NodeId } from '../ir/graph/type.ts';

/** Makes names unique: repeated names are numbered. */
export class UniqueNames {
  private readonly taken = new Map<string, number>();

  take(wanted: string): string {
    let count = this.taken.get(wanted);
    if (count === undefined) {
      this.taken.set(wanted, 1);
      return wanted;
    }
    while (this.taken.has(`${wanted}_${++count}`));
    this.taken.set(wanted, count);
    return this.take(`${wanted}_${count}`);
  }
}

/** The preferred name of each node's value, before clashes are resolved. */
export function wantedNames({ nodes, outputs, updates }: Graph): ReadonlyMap<NodeId, string> {
  const names = new Map(nodes.map((node) => [node.id, nameOf(node)]));
  for (const { name, value } of outputs) {
    if (nodes[value]?.origin.name === undefined) names.set(value, name);
  }
  for (const { leaf, value } of updates) {
    const path = nodes[leaf]?.attributes['path'];
    if (typeof path === 'string') names.set(value, `${path}.new`);
  }
  return names;
}

function nameOf({ origin, operation, phase }: Node): string {
  const whole = origin.name ?? (origin.path === '' ? operation : `${origin.path}.${operation}`);
  return phase === 'backward' && !whole.startsWith('d_') ? `d_${whole}` : whole;
}
