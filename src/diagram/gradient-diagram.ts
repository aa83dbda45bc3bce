// The training step's backward pass as a diagram: the layers of the forward pass on one side, and for each the box that derives
// through it on the other, with the gradients of its parameters as lines. Arrows carry cotangents; dotted ones are values that the
// forward pass keeps for the backward pass. It is drawn from the derived and simplified graph: what simplification did away with
// is not there. Two uses of one set of weights are one box, in which their gradients meet.
import type { Compilation } from '../driver/compilation.ts';
import type { Node, NodeId } from '../ir/graph/type.ts';
import { Boxes, operationBox, reachable, tensorLine } from './boxes.ts';
import type { Diagram } from './diagram.ts';
import { layerTree } from './layer-tree.ts';
import { operationWord } from './operation-words.ts';

const forwardCluster = 'cluster_forward';
const backwardCluster = 'cluster_backward';

/** The compilation must have its program `step`. */
export function gradientDiagram(compilation: Compilation): Diagram {
  const step = compilation.programs.get('step');
  if (!step) throw new Error('the backward pass is drawn from the program `step`');
  const { graph } = step;
  const leaves = new Map(
    layerTree(compilation.training.layers)
      .filter(({ children }) => children.length === 0)
      .map(({ record }) => [record.path, record.layer]),
  );
  const paths = [...leaves.keys()];
  /** A layer's own scans and scopes lie below its path. */
  const leafOf = (path: string) =>
    leaves.has(path) ? path : paths.find((leaf) => leaf !== '' && path.startsWith(`${leaf}.`));
  const learned = graph.updates.flatMap(({ leaf }) => {
    const node = graph.nodes[leaf];
    return node?.attributes['storage'] === 'parameter' ? [node] : [];
  });
  const gradients = parameterGradients(graph.nodes, learned);
  const loss = graph.outputs.find(({ name }) => name === 'loss')?.value ?? 0;
  const live = reachable(graph, [loss, ...gradients.keys()]);

  const boxOf = (node: Node): string | undefined => {
    if (node.operation === 'input') return `port_${node.id}`;
    const side = node.phase === 'forward' ? 'layer' : 'gradient';
    const leaf = leafOf(node.origin.path);
    if (leaf !== undefined) return `${side}_${paths.indexOf(leaf)}`;
    return node.origin.path === '' && isOfLoss(node, compilation) ? `${side}_loss` : undefined;
  };
  const boxes = new Boxes(graph, compilation.specification.batch, boxOf);
  const steps = graph.nodes.filter(
    (node) => live.has(node.id) && node.phase !== 'update' && boxes.isFed(node.id),
  );
  for (const node of steps) addBox(boxes, node, boxOf(node), leaves, leafOf(node.origin.path) ?? '');
  const text = lossText(compilation);
  for (const side of ['layer', 'gradient'] as const) {
    const known = boxes.boxes.get(`${side}_loss`);
    if (known) boxes.replace({ ...known, title: side === 'layer' ? text : `∂ ${text}` });
  }
  for (const [value, parameter] of gradients) {
    const node = boxes.node(value);
    const box = boxOf(node) ?? operationBox(value);
    const known = boxes.boxes.get(box);
    const owner = leafOf(node.origin.path) ?? '';
    if (known) boxes.replace({ ...known, lines: [...known.lines, `∂ ${tensorLine(parameter, owner)}`] });
  }
  for (const node of steps) {
    if (node.operation === 'input') continue;
    const box = boxOf(node) ?? (boxes.isPassed(node) ? undefined : operationBox(node.id));
    const kept = (source: Node) =>
      source.phase === 'forward' && node.phase === 'backward' ? ('kept' as const) : ('flow' as const);
    if (box !== undefined) boxes.connect(node, box, kept);
  }
  return {
    title: `${graph.name}: backward pass`,
    boxes: [...boxes.boxes.values()],
    clusters: [
      { id: forwardCluster, title: 'forward' },
      { id: backwardCluster, title: 'backward' },
    ],
    arrows: boxes.allArrows(),
  };
}

function addBox(
  boxes: Boxes,
  node: Node,
  box: string | undefined,
  leaves: ReadonlyMap<string, string>,
  leaf: string,
): void {
  const forward = node.phase === 'forward';
  const place = { cluster: forward ? forwardCluster : backwardCluster };
  if (node.operation === 'input') {
    const role = node.attributes['role'];
    const kind = role === 'target' ? 'target' : 'input';
    boxes.add({
      id: box ?? '',
      kind,
      title: String(node.attributes['name']),
      lines: [boxes.shapeOf(node)],
      ...place,
    });
    return;
  }
  if (box === undefined) {
    if (boxes.isPassed(node)) return;
    boxes.add({
      id: operationBox(node.id),
      kind: 'operation',
      title: operationWord(node),
      lines: node.origin.path === '' ? [] : [node.origin.path],
      ...place,
    });
    return;
  }
  const kind = forward ? (box === 'layer_loss' ? 'loss' : 'layer') : 'gradient';
  const name = box.endsWith('_loss') ? 'loss' : leaf;
  boxes.add({
    id: box,
    kind,
    title: forward ? name : `∂ ${name}`,
    lines: leaf === '' ? [] : [leaves.get(leaf) ?? ''],
    ...place,
  });
}

/** The value that each parameter's update takes as its gradient: the last of the backward pass that the update reads. */
function parameterGradients(nodes: readonly Node[], learned: readonly Node[]): ReadonlyMap<NodeId, Node> {
  const named = new Map(
    nodes.flatMap((node) =>
      node.phase === 'backward' && node.origin.name?.startsWith('d_')
        ? [[node.origin.name, node.id] as const]
        : [],
    ),
  );
  return new Map(
    learned.flatMap((parameter) => {
      const found = named.get(`d_${String(parameter.attributes['path'])}`);
      return found === undefined ? [] : [[found, parameter] as const];
    }),
  );
}

function lossItem({ ast, training }: Compilation) {
  const model = ast.declarations.find(
    (declaration) => declaration.kind === 'model' && declaration.name.text === training.graph.name,
  );
  return model?.kind === 'model' ? model.items.find(({ kind }) => kind === 'loss') : undefined;
}

function isOfLoss({ origin: { span } }: Node, compilation: Compilation): boolean {
  const loss = lossItem(compilation)?.span;
  if (!loss || !span) return false;
  return span.source === loss.source && loss.start <= span.start && span.end <= loss.end;
}

function lossText(compilation: Compilation): string {
  const loss = lossItem(compilation)?.span;
  if (!loss) return 'loss';
  return loss.source.text
    .slice(loss.start, loss.end)
    .replace(/^loss\s+/, '')
    .replace(/\s+/g, ' ')
    .slice(0, 60);
}
