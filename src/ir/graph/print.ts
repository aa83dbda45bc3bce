// A graph as text for people and snapshots: one line per node, by phase, then outputs and updates.
//   %12 linear_1.y: [64, 128] = contraction(%3, %4) {left: [0, 1], right: [2, 1], output: [0, 2]}  // models/x.nn:9
import { positionAt, type Span } from '../../diagnostics/source.ts';
import type { AttributeValue, Graph, Node, Phase, Shape } from './type.ts';

export function printGraph(graph: Graph): string {
  const lines = [`graph ${graph.name}`];
  for (const phase of ['forward', 'backward', 'update'] satisfies Phase[]) {
    const nodes = graph.nodes.filter((node) => node.phase === phase);
    if (nodes.length > 0) lines.push(`${phase}:`, ...nodes.map((node) => `  ${printNode(node)}`));
  }
  if (graph.outputs.length > 0)
    lines.push('outputs:', ...graph.outputs.map(({ name, value }) => `  ${name} = %${value}`));
  if (graph.updates.length > 0)
    lines.push('updates:', ...graph.updates.map(({ leaf, value }) => `  %${leaf} <- %${value}`));
  return `${lines.join('\n')}\n`;
}

export function printNode(node: Node): string {
  const name = node.origin.name ?? node.origin.path;
  const attributes = Object.entries(node.attributes)
    .filter(([key, value]) => value !== undefined && !(key === 'shape' && isShape(value, node.shape)))
    .map(([key, value]) => `${key}: ${printValue(value)}`);
  return [
    `%${node.id}${name && ` ${name}`}: [${node.shape.join(', ')}] = ${node.operation}`,
    `(${node.inputs.map((input) => `%${input}`).join(', ')})`,
    attributes.length > 0 ? ` {${attributes.join(', ')}}` : '',
    printPlaces([node.origin.span, node.origin.library]),
  ].join('');
}

function isShape(value: AttributeValue, shape: Shape): boolean {
  return Array.isArray(value) && value.length === shape.length && shape.every((size, i) => value[i] === size);
}

function printValue(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(printValue).join(', ')}]`;
  if (typeof value === 'number') return Object.is(value, -0) ? '-0' : String(value);
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const fields = Object.entries(value).map(([key, field]) => `${key}: ${printValue(field)}`);
  return `{${fields.join(', ')}}`;
}

function printPlaces(spans: readonly (Span | undefined)[]): string {
  const places = spans.flatMap((span) =>
    span ? [`${span.source.path}:${positionAt(span.source.text, span.start).line}`] : [],
  );
  return places.length > 0 ? `  // ${places.join(', ')}` : '';
}
