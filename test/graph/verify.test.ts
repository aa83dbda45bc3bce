import { describe, expect, test } from 'vitest';
import { GraphBuilder } from '../../src/graph/builder.ts';
import { verifyGraph } from '../../src/graph/verify.ts';
import type { Graph, Node } from '../../src/ir/graph/type.ts';

function sound(): Graph {
  const builder = new GraphBuilder('m');
  const x = builder.input('x', 'input', [2, 3]);
  const w = builder.stored('w', 'parameter', [2, 3], { kind: 'fill', value: 0 });
  builder.origin = { path: 'layer_1', name: 'layer_1.y' };
  const y = builder.add(x, w);
  builder.output('y', y);
  builder.update(w, y);
  return builder.finish();
}

const change = (graph: Graph, id: number, changes: Partial<Node>): Graph => ({
  ...graph,
  nodes: graph.nodes.map((node) => (node.id === id ? { ...node, ...changes } : node)),
});

const duplicateLeaf = (graph: Graph): Graph => {
  const [x] = graph.nodes;
  return { ...graph, nodes: [...graph.nodes, ...(x ? [{ ...x, id: graph.nodes.length }] : [])] };
};

const breaches: readonly (readonly [string, (graph: Graph) => Graph, string])[] = [
  ['an id', (graph) => change(graph, 2, { id: 7 }), '%7 layer_1.y (add) stands at position 2'],
  [
    'the order',
    (graph) => change(graph, 2, { inputs: [0, 2] }),
    '%2 layer_1.y (add) reads %2, which does not stand before it',
  ],
  ['a shape', (graph) => change(graph, 2, { shape: [3, 2] }), 'has shape [3, 2], but its rule gives [2, 3]'],
  [
    'a rule',
    (graph) => change(graph, 1, { shape: [4], attributes: { shape: [4] } }),
    'has no shape: [2, 3] and [4] differ',
  ],
  ['an operation', (graph) => change(graph, 2, { operation: 'dropout' }), 'no primitive is called dropout'],
  [
    'a phase',
    (graph) => change(graph, 0, { phase: 'backward' }),
    'is of phase forward, but reads %0 of phase backward',
  ],
  ['a leaf', duplicateLeaf, '%3 (input) is the input x, as %0 is'],
  [
    'an output',
    (graph) => ({ ...graph, outputs: [{ name: 'z', value: 9 }] }),
    'the output z is %9, which does not exist',
  ],
  [
    'a name',
    (graph) => ({ ...graph, outputs: [...graph.outputs, ...graph.outputs] }),
    'two outputs are called y',
  ],
  [
    'an update’s leaf',
    (graph) => ({ ...graph, updates: [{ leaf: 0, value: 2 }] }),
    '%0 (input) is updated, but is not stored',
  ],
  [
    'an update twice',
    (graph) => ({ ...graph, updates: [...graph.updates, ...graph.updates] }),
    '%1 (stored) is updated twice',
  ],
  [
    'an update’s value',
    (graph) => ({ ...graph, updates: [{ leaf: 1, value: 9 }] }),
    'an update of %1 by %9, which does not exist',
  ],
];

describe('verifyGraph', () => {
  test('passes a sound graph', () => {
    expect(() => verifyGraph(sound())).not.toThrow();
  });

  test.each(breaches)('names the node where %s is wrong', (_, breach, message) => {
    expect(() => verifyGraph(breach(sound()))).toThrow(message);
  });

  test('compares an update’s shape with its leaf', () => {
    const builder = new GraphBuilder('m');
    const w = builder.stored('w', 'state', [2], { kind: 'fill', value: 0 });
    builder.update(w, builder.constant(0, [3]));
    expect(() => verifyGraph(builder.finish())).toThrow('%0 (stored) is [2], but its update %1 is [3]');
  });
});
