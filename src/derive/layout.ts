// The lines of one layer as a page: what it is, its forward pass, its backward pass.
import type { Definition } from '../parser/ast.ts';
import { positionAt } from '../diagnostics/source.ts';
import type { Formula } from './formula.ts';
import { latexNotation, textNotation, type Notation } from './notation.ts';
import { axisName, FormulaPrinter } from './print-formula.ts';
import { printIndexed, wantsIndices } from './print-indexed.ts';
import { readLines, type Line } from './read-lines.ts';
import type { SymbolicLayer } from './symbolic-layer.ts';

export const formats = ['text', 'latex', 'markdown'] as const;
export type Format = (typeof formats)[number];

export interface Derivation {
  readonly layer: SymbolicLayer;
  readonly lines: readonly Line[];
}

export function derive(layer: SymbolicLayer): Derivation {
  return { layer, lines: readLines(layer.graph) };
}

export function printDerivation({ layer, lines }: Derivation, format: Format): string {
  const notation = format === 'text' ? textNotation : latexNotation;
  const forward = lines.filter((line) => !line.backward);
  const backward = lines.filter((line) => line.backward);
  const equation = (line: Line) => printLine(layer, line, notation);
  if (format === 'text') {
    const block = (title: string, given: readonly Line[]) => [
      `  ${title}`,
      ...alignEquations(given.map(equation)).map((text) => `    ${text}`),
    ];
    return [
      headOf(layer.definition),
      `  ${shapesOf(layer)}`,
      ...block('forward', forward),
      ...block('backward', backward),
    ].join('\n');
  }
  const aligned = (given: readonly Line[]) =>
    [
      '\\begin{aligned}',
      ...given.map((line) => `  ${equation(line).join(' &= ')} \\\\`),
      '\\end{aligned}',
    ].join('\n');
  if (format === 'latex')
    return [`% ${headOf(layer.definition)}`, '\\[', aligned([...forward, ...backward]), '\\]'].join('\n');
  return [
    `### ${layer.definition.name.text}`,
    '',
    `\`${headOf(layer.definition)}\``,
    '',
    'Forward:',
    '',
    '$$',
    aligned(forward),
    '$$',
    '',
    'Backward:',
    '',
    '$$',
    aligned(backward),
    '$$',
  ].join('\n');
}

/** `x: [N, D], W: [out, D]`: what the symbols are, the examples along N. */
function shapesOf({ graph, sizes }: SymbolicLayer): string {
  const leaves = graph.nodes.filter(
    ({ operation, attributes }) =>
      operation === 'stored' || (operation === 'input' && attributes['role'] === 'input'),
  );
  const naming = { notation: textNotation, sizes, numbers: [] };
  const show = (name: string, shape: readonly number[]) => {
    const axes = shape.map((size) => axisName(naming, size).replace('batch', 'N'));
    return `${textNotation.name(name)}${axes.length > 0 ? `: [${axes.join(', ')}]` : ''}`;
  };
  const slides = graph.nodes.some(({ operation }) => operation === 'windows' || operation === 'unwindows');
  const note = slides ? '; indices from 0, and what lies outside of an array is 0' : '';
  return leaves.map((node) => show(node.origin.name ?? '', node.shape)).join(', ') + note;
}

/** Left and right of the sign of equality. */
export function printLine(
  { sizes, numbers }: Pick<SymbolicLayer, 'sizes' | 'numbers'>,
  { name, formula }: { readonly name: string; readonly formula: Formula },
  notation: Notation,
): readonly [left: string, right: string] {
  const naming = { notation, sizes, numbers };
  if (wantsIndices(formula, naming)) return printIndexed(name, formula, naming);
  return [notation.name(name), new FormulaPrinter(naming).print(formula)];
}

function alignEquations(equations: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(...equations.map(([left]) => left.length));
  return equations.map(([left, right]) => `${left.padEnd(width)} = ${right}`);
}

/** `Linear(out, bias = true) (x: [..., D]) -> [..., out]   std/dense.nn:4` */
function headOf({ name, hyperParameters, inputs, result, span }: Definition): string {
  const text = (node: { readonly span: { readonly start: number; readonly end: number } }) =>
    span.source.text.slice(node.span.start, node.span.end).replace(/\s+/g, ' ');
  const hyper =
    hyperParameters.length > 0 ? `(${hyperParameters.map((each) => each.name.text).join(', ')})` : '';
  const place = `${span.source.path}:${positionAt(span.source.text, span.start).line}`;
  return `${name.text}${hyper} (${inputs.map(text).join(', ')})${result ? ` -> ${text(result)}` : ''}    ${place}`;
}
