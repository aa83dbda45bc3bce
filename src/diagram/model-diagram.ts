// The model's forward pass as a diagram of layers: a box for each leaf layer, a cluster for each that calls others, small boxes for
// operations between them (a residual's sum), arrows with the shapes per example. Shared weights are drawn at each use, with an arrow
// between the uses. If a layer is selected, the diagram shows its inside, down to primitives if it is a leaf.
import { fail } from '../diagnostics/diagnostic.ts';
import type { Span } from '../diagnostics/source.ts';
import { suggest } from '../diagnostics/suggest.ts';
import type { Compilation } from '../driver/compilation.ts';
import type { Node, NodeId } from '../ir/graph/type.ts';
import { Boxes, operationBox, reachable, tensorLine } from './boxes.ts';
import type { Cluster, Diagram } from './diagram.ts';
import { layerTree, ownerOf, type Application } from './layer-tree.ts';
import { isOfLoss, lossSpan, lossTitle } from './loss.ts';
import { operationWord } from './operation-words.ts';

export interface DiagramOptions {
  /** A layer's path (`conv_block_1`) or its definition's name (`ConvBlock`, the first of that name). */
  readonly layer?: string;
}

/** Above this number of boxes only the outermost layers are drawn, for readability. */
const mostBoxes = 250;

/** @throws DiagnosticError if the selected layer does not exist */
export function modelDiagram(compilation: Compilation, options: DiagramOptions = {}): Diagram {
  const applications = layerTree(compilation.training.layers);
  const chosen = options.layer === undefined ? undefined : findLayer(applications, options.layer);
  if (chosen) return draw(compilation, applications, chosen, Infinity);
  const whole = draw(compilation, applications, undefined, Infinity);
  return whole.boxes.length > mostBoxes ? draw(compilation, applications, undefined, 0) : whole;
}

function findLayer(applications: readonly Application[], wanted: string): Application {
  const paths = applications.map(({ record }) => record.path);
  const found =
    applications.find(({ record }) => record.path === wanted) ??
    applications.find(({ record }) => record.layer === wanted);
  if (found) return found;
  const meant = suggest(wanted, [...paths, ...applications.map(({ record }) => record.layer)]);
  const some = [...new Set(paths)].slice(0, 12).join(', ');
  const help = meant === undefined ? `Its layers are ${some || 'none'}.` : `Did you mean \`${meant}\`?`;
  return fail('layer.unknown', undefined, { name: wanted, help });
}

/** The contents of a drawing: all applications of layers that may get a box, and the selected one. */
interface Scene {
  readonly shown: readonly Application[];
  readonly chosen: Application | undefined;
  /** Deeper layers are drawn as part of the enclosing one. */
  readonly deepest: number;
}

function draw(
  compilation: Compilation,
  all: readonly Application[],
  chosen: Application | undefined,
  deepest: number,
): Diagram {
  const shown = all.filter(({ level }) => level <= deepest && level >= (chosen ? chosen.level : 0));
  return new ModelDrawing(compilation.training, { shown, chosen, deepest }, lossSpan(compilation)).draw();
}

/** A drawing: nodes are assigned to boxes first, then boxes are made, then arrows. */
class ModelDrawing {
  private readonly boxes: Boxes;
  /** Nodes that the drawn results depend on. */
  private readonly live: ReadonlySet<NodeId>;
  private readonly outputs: ReadonlyMap<string, NodeId>;
  /** Live nodes that compute something from an input. */
  private readonly steps: readonly Node[];
  private readonly numbers: ReadonlyMap<Application, number>;
  private readonly owners = new Map<NodeId, Application | undefined>();

  constructor(
    private readonly training: Compilation['training'],
    private readonly scene: Scene,
    private readonly loss: Span | undefined,
  ) {
    const { graph, batch } = training;
    const { chosen, shown } = scene;
    this.numbers = new Map(shown.map((each, i) => [each, i]));
    this.boxes = new Boxes(graph, batch, (node) => this.boxOf(node));
    this.outputs = chosen ? new Map([['output', chosen.record.output.node.id]]) : training.outputValues;
    const losses = chosen ? [] : graph.outputs.flatMap(({ name, value }) => (name === 'loss' ? [value] : []));
    this.live = reachable(graph, [...this.outputs.values(), ...losses]);
    this.steps = graph.nodes.filter(
      ({ id, operation }) =>
        this.live.has(id) && operation !== 'input' && this.isInside(id) && this.boxes.isFed(id),
    );
  }

  draw(): Diagram {
    const { boxes, scene, training } = this;
    if (scene.chosen) this.addIncoming();
    else this.addPorts();
    this.addLayers();
    this.addOperations();
    this.addArrows();
    this.addOutputs();
    const { chosen } = scene;
    return {
      title: chosen ? titleOf(chosen) : training.graph.name,
      boxes: [...boxes.boxes.values()],
      clusters: occupied(this.clusters(), boxes),
      arrows: boxes.allArrows(),
    };
  }

  // Assignment of nodes to boxes and clusters.

  private boxOf(node: Node): string | undefined {
    if (node.operation === 'input') return `port_${node.id}`;
    if (!this.isInside(node.id)) return `incoming_${node.id}`;
    const owner = this.ownerAt(node.id);
    if (owner && this.isLeaf(owner)) return this.layerBox(owner);
    return !owner && isOfLoss(node, this.loss) ? 'loss' : undefined;
  }

  private layerBox(application: Application): string {
    return `layer_${this.numbers.get(application) ?? 0}`;
  }

  private clusterOf(application: Application | undefined): { readonly cluster?: string } {
    if (!application || application === this.scene.chosen || this.isLeaf(application)) return {};
    return { cluster: `cluster_${this.numbers.get(application) ?? 0}` };
  }

  /** Whether a layer is drawn as one box. */
  private isLeaf(application: Application): boolean {
    const { chosen, deepest } = this.scene;
    return application !== chosen && (application.children.length === 0 || application.level >= deepest);
  }

  private isInside(id: NodeId): boolean {
    const record = this.scene.chosen?.record;
    return !record || (record.first <= id && id < record.end);
  }

  private ownerAt(id: NodeId): Application | undefined {
    if (!this.owners.has(id)) this.owners.set(id, ownerOf(this.scene.shown, id));
    return this.owners.get(id);
  }

  // Boxes.

  private addPorts(): void {
    for (const node of this.training.graph.nodes) {
      if (node.operation !== 'input' || !this.live.has(node.id)) continue;
      const name = String(node.attributes['name']);
      const kind = node.attributes['role'];
      const lines = [`${String(kind)} ${this.boxes.shapeOf(node)}`];
      if (kind === 'input' || kind === 'target')
        this.boxes.add({ id: `port_${node.id}`, kind, title: name, lines });
    }
  }

  /** The selected layer's inputs. */
  private addIncoming(): void {
    for (const id of new Set(this.steps.flatMap((node) => node.inputs))) {
      if (this.isInside(id) || !this.boxes.isFed(id)) continue;
      const node = this.boxes.node(id);
      const port = node.operation === 'input';
      const title = node.origin.name ?? (node.origin.path || operationWord(node));
      const lines = [this.boxes.shapeOf(node)];
      this.boxes.add({ id: `${port ? 'port' : 'incoming'}_${id}`, kind: 'input', title, lines });
    }
  }

  private addLayers(): void {
    const firstUse = new Map<string, string>();
    const { chosen, shown } = this.scene;
    for (const each of shown) {
      const { path, layer, first, end, output } = each.record;
      const { id } = output.node;
      if (!this.isLeaf(each) || !this.isInside(id) || !this.live.has(id)) continue;
      if (chosen && !isBelow(each, chosen)) continue;
      const tensors = new Set(
        this.training.graph.nodes
          .slice(first, end)
          .flatMap((node) => (this.live.has(node.id) ? this.boxes.storedBehind(node) : [])),
      );
      const box = this.layerBox(each);
      const lines = [layer, ...[...tensors].map((tensor) => tensorLine(tensor, path))];
      this.boxes.add({ id: box, kind: 'layer', title: path, lines, ...this.clusterOf(each.parent) });
      const before = firstUse.get(path);
      if (before === undefined) firstUse.set(path, box);
      else if (tensors.size > 0) this.boxes.arrow(before, box, 'the same weights', 'shared');
    }
  }

  /** The loss, and operations between layers. */
  private addOperations(): void {
    const owner = this.scene.chosen?.record.path ?? '';
    for (const node of this.steps) {
      const box = this.boxOf(node);
      if (box === 'loss')
        this.boxes.add({ id: box, kind: 'loss', title: lossTitle(this.loss), lines: ['loss'] });
      if (box !== undefined || this.boxes.isPassed(node)) continue;
      const lines = this.boxes.storedBehind(node).map((tensor) => tensorLine(tensor, owner));
      this.boxes.add({
        id: operationBox(node.id),
        kind: 'operation',
        title: operationWord(node),
        lines,
        ...this.clusterOf(this.ownerAt(node.id)),
      });
    }
  }

  private addOutputs(): void {
    [...this.outputs].forEach(([name, id], i) => {
      const box = `output_${i}`;
      const shape = this.boxes.shapeOf(this.boxes.node(id));
      this.boxes.add({ id: box, kind: 'output', title: name, lines: [`output ${shape}`] });
      for (const from of this.boxes.sources(id, undefined, Infinity)) this.boxes.arrow(from, box, shape);
    });
  }

  private clusters(): Cluster[] {
    return this.scene.shown.flatMap((each): Cluster[] => {
      const { cluster: id } = this.clusterOf(each);
      if (id === undefined) return [];
      const { cluster: parent } = this.clusterOf(each.parent);
      return [{ id, title: titleOf(each), ...(parent !== undefined && { parent }) }];
    });
  }

  // Arrows.

  private addArrows(): void {
    for (const each of this.scene.shown) {
      const { first, end, output } = each.record;
      const box = this.layerBox(each);
      if (first === end && this.boxes.boxes.has(box)) this.boxes.pass(output.node.id, first, box);
    }
    for (const node of this.steps) {
      const box = this.boxOf(node) ?? (this.boxes.isPassed(node) ? undefined : operationBox(node.id));
      if (box !== undefined) this.boxes.connect(node, box);
    }
  }
}

function titleOf({ record }: Application): string {
  return `${record.path} · ${record.layer}`;
}

function isBelow(each: Application, chosen: Application): boolean {
  for (let at: Application | undefined = each.parent; at; at = at.parent) if (at === chosen) return true;
  return false;
}

function occupied(clusters: readonly Cluster[], boxes: Boxes): Cluster[] {
  const used = new Set([...boxes.boxes.values()].flatMap(({ cluster }) => cluster ?? []));
  for (const { id, parent } of [...clusters].reverse()) if (used.has(id) && parent) used.add(parent);
  return clusters.filter(({ id }) => used.has(id));
}
