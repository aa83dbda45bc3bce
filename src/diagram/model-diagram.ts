// The model's forward pass as a diagram at the level of its layers: a box for each layer that calls no other, a cluster for one
// that does, small boxes for what is computed between them (a residual's sum), arrows with the shapes of one example. A set of
// weights that is used twice is drawn twice and tied. With a layer chosen, the diagram is that layer's inside, down to its
// primitives where it calls no other layer.
import { fail } from '../diagnostics/diagnostic.ts';
import type { Span } from '../diagnostics/source.ts';
import { suggest } from '../diagnostics/suggest.ts';
import type { Compilation } from '../driver/compilation.ts';
import type { Node, NodeId } from '../ir/graph/type.ts';
import { Boxes, operationBox, reachable, tensorLine } from './boxes.ts';
import type { Cluster, Diagram } from './diagram.ts';
import { layerTree, ownerOf, type Application } from './layer-tree.ts';
import { operationWord } from './operation-words.ts';

export interface DiagramOptions {
  /** A layer's path (`conv_block_1`) or its definition's name (`ConvBlock`, the first of that name). */
  readonly layer?: string;
}

/** More boxes than this are drawn by their outermost layers alone: nobody reads a larger sheet. */
const mostBoxes = 250;

/** @throws DiagnosticError when there is no layer as the one asked for */
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

/** @param deepest layers at a deeper level are part of the one around them */
function draw(
  { training, ast }: Compilation,
  all: readonly Application[],
  chosen: Application | undefined,
  deepest: number,
): Diagram {
  const { graph, batch } = training;
  const shown = all.filter(({ level }) => level <= deepest && level >= (chosen ? chosen.level : 0));
  const isLeaf = (each: Application) =>
    each !== chosen && (each.children.length === 0 || each.level >= deepest);
  const numbers = new Map(shown.map((each, i) => [each, i]));
  const boxName = (each: Application) => `layer_${numbers.get(each) ?? 0}`;

  const losses: readonly Span[] = ast.declarations.flatMap((declaration) =>
    declaration.kind === 'model' && declaration.name.text === graph.name
      ? declaration.items.flatMap((item) => (item.kind === 'loss' ? [item.span] : []))
      : [],
  );
  const ofLoss = ({ origin: { path, span } }: Node) =>
    path === '' && losses.some((loss) => span !== undefined && within(span, loss));
  const owner = new Map<NodeId, Application | undefined>();
  const ownerAt = (id: NodeId) => {
    if (!owner.has(id)) owner.set(id, ownerOf(shown, id));
    return owner.get(id);
  };
  const boxOf = (node: Node): string | undefined => {
    if (node.operation === 'input') return `port_${node.id}`;
    const found = ownerAt(node.id);
    if (chosen && !(chosen.record.first <= node.id && node.id < chosen.record.end)) return `given_${node.id}`;
    if (found && isLeaf(found)) return boxName(found);
    return !found && ofLoss(node) ? 'loss' : undefined;
  };

  const ends = chosen
    ? [chosen.record.output.node.id]
    : [
        ...training.outputValues.values(),
        ...graph.outputs.flatMap(({ name, value }) => (name === 'loss' ? [value] : [])),
      ];
  const live = reachable(graph, ends);
  const boxes = new Boxes(graph, batch, boxOf);
  const inside = (id: NodeId) => !chosen || (chosen.record.first <= id && id < chosen.record.end);
  const steps = graph.nodes.filter(
    ({ id, operation }) => live.has(id) && operation !== 'input' && inside(id) && boxes.isFed(id),
  );
  const clusterOf = (each: Application | undefined): { readonly cluster?: string } =>
    each && !isLeaf(each) && each !== chosen ? { cluster: `cluster_${numbers.get(each) ?? 0}` } : {};

  for (const node of graph.nodes) {
    if (node.operation !== 'input' || !live.has(node.id) || chosen) continue;
    const name = String(node.attributes['name']);
    const kind = node.attributes['role'];
    if (kind === 'input' || kind === 'target')
      boxes.add({ id: `port_${node.id}`, kind, title: name, lines: [`${kind} ${boxes.shapeOf(node)}`] });
  }
  if (chosen) addGiven(boxes, steps, inside);
  const first = new Map<string, string>();
  for (const each of shown) {
    if (!isLeaf(each) || !inside(each.record.output.node.id) || (chosen && !isBelow(each, chosen))) continue;
    if (!live.has(each.record.output.node.id)) continue;
    const { path, layer, first: from, end } = each.record;
    const tensors = new Set(
      graph.nodes.slice(from, end).flatMap((node) => (live.has(node.id) ? boxes.storedBehind(node) : [])),
    );
    const again = first.get(path);
    boxes.add({
      id: boxName(each),
      kind: 'layer',
      title: path,
      lines: [layer, ...[...tensors].map((tensor) => tensorLine(tensor, path))],
      ...clusterOf(each.parent),
    });
    if (again === undefined) first.set(path, boxName(each));
    else if (tensors.size > 0) boxes.arrow(again, boxName(each), 'the same weights', 'shared');
  }
  for (const node of steps) {
    const box = boxOf(node);
    if (box === 'loss') boxes.add({ id: box, kind: 'loss', title: lossText(losses), lines: ['loss'] });
    if (box !== undefined || boxes.isPassed(node)) continue;
    const lines = boxes.storedBehind(node).map((tensor) => tensorLine(tensor, chosen?.record.path ?? ''));
    boxes.add({
      id: operationBox(node.id),
      kind: 'operation',
      title: operationWord(node),
      lines,
      ...clusterOf(ownerAt(node.id)),
    });
  }
  for (const each of shown) {
    const { first: from, end, output } = each.record;
    if (from === end && boxes.boxes.has(boxName(each))) boxes.pass(output.node.id, from, boxName(each));
  }
  for (const node of steps) {
    const box = boxOf(node) ?? (boxes.isPassed(node) ? undefined : operationBox(node.id));
    if (box !== undefined) boxes.connect(node, box);
  }
  addOutputs(boxes, chosen ? new Map([['output', ends[0] ?? 0]]) : training.outputValues);

  const clusters = shown.flatMap((each): Cluster[] => {
    const own = clusterOf(each).cluster;
    if (own === undefined) return [];
    const parent = clusterOf(each.parent).cluster;
    const title = `${each.record.path} · ${each.record.layer}`;
    return [{ id: own, title, ...(parent !== undefined && { parent }) }];
  });
  const title = chosen ? `${chosen.record.path} · ${chosen.record.layer}` : graph.name;
  return {
    title,
    boxes: [...boxes.boxes.values()],
    clusters: occupied(clusters, boxes),
    arrows: boxes.allArrows(),
  };
}

function isBelow(each: Application, chosen: Application): boolean {
  for (let at: Application | undefined = each.parent; at; at = at.parent) if (at === chosen) return true;
  return false;
}

/** What flows into the chosen layer from outside. */
function addGiven(boxes: Boxes, steps: readonly Node[], inside: (id: NodeId) => boolean): void {
  for (const id of new Set(steps.flatMap((node) => node.inputs))) {
    if (inside(id) || !boxes.isFed(id)) continue;
    const node = boxes.node(id);
    const port = node.operation === 'input';
    const title = node.origin.name ?? (node.origin.path || operationWord(node));
    boxes.add({
      id: `${port ? 'port' : 'given'}_${id}`,
      kind: 'input',
      title,
      lines: [boxes.shapeOf(node)],
    });
  }
}

function addOutputs(boxes: Boxes, values: ReadonlyMap<string, NodeId>): void {
  for (const [name, id] of values) {
    const box = `output_${[...values.keys()].indexOf(name)}`;
    boxes.add({ id: box, kind: 'output', title: name, lines: [`output ${boxes.shapeOf(boxes.node(id))}`] });
    for (const from of boxes.sources(id, undefined, Infinity))
      boxes.arrow(from, box, boxes.shapeOf(boxes.node(id)));
  }
}

function occupied(clusters: readonly Cluster[], boxes: Boxes): Cluster[] {
  const used = new Set([...boxes.boxes.values()].flatMap(({ cluster }) => cluster ?? []));
  for (const { id, parent } of [...clusters].reverse()) if (used.has(id) && parent) used.add(parent);
  return clusters.filter(({ id }) => used.has(id));
}

function lossText(losses: readonly Span[]): string {
  const [loss] = losses;
  return loss
    ? loss.source.text
        .slice(loss.start, loss.end)
        .replace(/^loss\s+/, '')
        .replace(/\s+/g, ' ')
        .slice(0, 60)
    : '';
}

function within(inner: Span, outer: Span): boolean {
  return inner.source === outer.source && outer.start <= inner.start && inner.end <= outer.end;
}
