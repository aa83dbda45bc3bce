// The training step's backward pass as a diagram: the layers of the forward pass on one side, and on the other a box for each layer's
// backward pass, with the gradients of its parameters as lines. Arrows carry cotangents; dotted ones are values that the forward pass
// keeps for the backward pass. It is drawn from the simplified graph: nodes that simplification removed are not shown. Two uses of one
// set of weights are one box, in which their gradients are added.
import type { Span } from '../diagnostics/source.ts';
import type { Compilation } from '../driver/compilation.ts';
import type { Graph, Node, NodeId } from '../ir/graph/type.ts';
import { Boxes, operationBox, reachable, tensorLine } from './boxes.ts';
import type { Diagram } from './diagram.ts';
import { layerTree } from './layer-tree.ts';
import { isOfLoss, lossSpan, lossTitle } from './loss.ts';
import { operationWord } from './operation-words.ts';

const forwardCluster = 'cluster_forward';
const backwardCluster = 'cluster_backward';

/** The compilation must include the program `step`. */
export function gradientDiagram(compilation: Compilation): Diagram {
  const step = compilation.programs.get('step');
  if (!step) throw new Error('the backward pass is drawn from the program `step`');
  return new GradientDrawing(compilation, step.graph).draw();
}

class GradientDrawing {
  /** Leaf layers, by path. */
  private readonly leaves: ReadonlyMap<string, string>;
  private readonly paths: readonly string[];
  /** The parameters by their gradient's node. */
  private readonly gradients: ReadonlyMap<NodeId, Node>;
  private readonly boxes: Boxes;
  private readonly loss: Span | undefined;

  constructor(
    compilation: Compilation,
    private readonly graph: Graph,
  ) {
    this.leaves = new Map(
      layerTree(compilation.training.layers)
        .filter(({ children }) => children.length === 0)
        .map(({ record }) => [record.path, record.layer]),
    );
    this.paths = [...this.leaves.keys()];
    this.loss = lossSpan(compilation);
    const learned = graph.updates.flatMap(({ leaf }) => {
      const node = graph.nodes[leaf];
      return node?.attributes['storage'] === 'parameter' ? [node] : [];
    });
    this.gradients = parameterGradients(graph.nodes, learned);
    this.boxes = new Boxes(graph, compilation.specification.batch, (node) => this.boxOf(node));
  }

  draw(): Diagram {
    const { boxes, graph } = this;
    const loss = graph.outputs.find(({ name }) => name === 'loss')?.value ?? 0;
    const live = reachable(graph, [loss, ...this.gradients.keys()]);
    const steps = graph.nodes.filter(
      (node) => live.has(node.id) && node.phase !== 'update' && boxes.isFed(node.id),
    );
    for (const node of steps) this.addBox(node);
    this.titleLoss();
    this.addGradients();
    for (const node of steps) if (node.operation !== 'input') this.addArrows(node);
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

  private boxOf(node: Node): string | undefined {
    if (node.operation === 'input') return `port_${node.id}`;
    const side = node.phase === 'forward' ? 'layer' : 'gradient';
    const leaf = this.leafOf(node);
    if (leaf !== undefined) return `${side}_${this.paths.indexOf(leaf)}`;
    return isOfLoss(node, this.loss) ? `${side}_loss` : undefined;
  }

  /** The layer of a node; the paths of its scans begin with the layer's path. */
  private leafOf({ origin: { path } }: Node): string | undefined {
    if (this.leaves.has(path)) return path;
    return this.paths.find((leaf) => leaf !== '' && path.startsWith(`${leaf}.`));
  }

  private addBox(node: Node): void {
    const { boxes } = this;
    const forward = node.phase === 'forward';
    const cluster = forward ? forwardCluster : backwardCluster;
    const box = this.boxOf(node);
    if (node.operation === 'input') {
      const kind = node.attributes['role'] === 'target' ? 'target' : 'input';
      const title = String(node.attributes['name']);
      boxes.add({ id: box ?? '', kind, title, lines: [boxes.shapeOf(node)], cluster });
      return;
    }
    if (box === undefined) {
      if (boxes.isPassed(node)) return;
      const lines = node.origin.path === '' ? [] : [node.origin.path];
      const title = operationWord(node);
      boxes.add({ id: operationBox(node.id), kind: 'operation', title, lines, cluster });
      return;
    }
    const leaf = this.leafOf(node) ?? '';
    const kind = forward ? (box === 'layer_loss' ? 'loss' : 'layer') : 'gradient';
    const name = box.endsWith('_loss') ? 'loss' : leaf;
    const lines = leaf === '' ? [] : [this.leaves.get(leaf) ?? ''];
    boxes.add({ id: box, kind, title: forward ? name : `∂ ${name}`, lines, cluster });
  }

  private titleLoss(): void {
    const text = lossTitle(this.loss);
    for (const side of ['layer', 'gradient'] as const) {
      const known = this.boxes.boxes.get(`${side}_loss`);
      if (known) this.boxes.replace({ ...known, title: side === 'layer' ? text : `∂ ${text}` });
    }
  }

  /** Adds a line for each parameter to the box that computes its gradient. */
  private addGradients(): void {
    for (const [value, parameter] of this.gradients) {
      const node = this.boxes.node(value);
      const known = this.boxes.boxes.get(this.boxOf(node) ?? operationBox(value));
      const line = `∂ ${tensorLine(parameter, this.leafOf(node) ?? '')}`;
      if (known) this.boxes.replace({ ...known, lines: [...known.lines, line] });
    }
  }

  private addArrows(node: Node): void {
    const { boxes } = this;
    const box = this.boxOf(node) ?? (boxes.isPassed(node) ? undefined : operationBox(node.id));
    if (box === undefined) return;
    boxes.connect(node, box, ({ phase }) =>
      phase === 'forward' && node.phase === 'backward' ? 'kept' : 'flow',
    );
  }
}

/** The gradient in each parameter's update: the last value of the backward pass that the update reads. */
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
