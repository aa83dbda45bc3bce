// Lays out the lines of a layer: its head, forward pass and backward pass.
import type { Definition } from '../parser/ast.ts';
import { positionAt } from '../diagnostics/source.ts';
import { partsOf, type Formula, type Position } from './formula.ts';
import { axisName, positionName, type Naming } from './naming.ts';
import { latexNotation, positionLetter, textNotation } from './notation.ts';
import { scansOf } from './positions.ts';
import { FormulaPrinter } from './print-formula.ts';
import { printIndexed, type PrintedLine } from './print-indexed.ts';
import { readLines, type Line } from './read-lines.ts';
import { isLoop, roll, type Loop, type Step } from './roll.ts';
import type { SymbolicLayer } from './symbolic-layer.ts';
import { wantsIndices } from './wants-indices.ts';

export const formats = ['text', 'latex', 'markdown'] as const;
export type Format = (typeof formats)[number];

export interface Derivation {
  readonly layer: SymbolicLayer;
  readonly steps: readonly Step[];
}

/** A scan is printed as a loop if its positions are alike, else unrolled. */
export function derive(layer: SymbolicLayer): Derivation {
  const { positioned } = layer;
  const rolled =
    positioned && roll(readLines(positioned.graph), scansOf(positioned.graph), positioned.starts);
  return { layer, steps: rolled ?? readLines(layer.graph) };
}

export function printDerivation({ layer, steps }: Derivation, format: Format): string {
  const notation = format === 'text' ? textNotation : latexNotation;
  const forward = steps.filter((step) => !step.backward);
  const backward = steps.filter((step) => step.backward);
  const counts = new Set(steps.flatMap((step) => (isLoop(step) ? [step.count] : [])));
  const [positions] = counts;
  const naming = { ...layer, notation, ...(positions !== undefined && { positions }) };
  const row = (line: Line, turn?: Position) => printLine(naming, line, turn).join(' &= ');
  if (format === 'text') {
    const block = (title: string, given: readonly Step[]) => [`  ${title}`, ...textSteps(given, naming)];
    return [
      headOf(layer.definition),
      `  ${shapesOf(layer)}${positionNote(steps, naming)}`,
      ...block('forward', forward),
      ...block('backward', backward),
    ].join('\n');
  }
  const aligned = (given: readonly Step[]) =>
    [
      '\\begin{aligned}',
      ...given
        .flatMap((step) => {
          if (!isLoop(step)) return [row(step)];
          const turns = step.lines.map((line) => row(line, { step: 0 }));
          return [...step.apart.map((line) => row(line)), `& ${loopHead(step, naming)}`, ...turns];
        })
        .map((text) => `  ${text} \\\\`),
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

/** `x: [N, D], W: [out, D]`: the shapes of symbols, with examples along N. */
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

/** Explains `h_t`. */
function positionNote(steps: readonly Step[], naming: Naming): string {
  const loop = steps.find(isLoop);
  const name = (loop?.starts[0] ?? loop?.lines[0])?.name;
  if (!loop || name === undefined) return '';
  const placed = textNotation.placed(name, positionLetter);
  return `; ${placed} is ${textNotation.name(name)} at position ${positionLetter} of 1, …, ${axisName(naming, loop.count)}`;
}

/** Equations, one per line; those of a loop are indented below its head. */
function textSteps(steps: readonly Step[], naming: Naming): readonly string[] {
  const texts: string[] = [];
  let block: Line[] = [];
  const indented = (lines: readonly Line[], indent: string, turn?: Position) =>
    alignEquations(lines.map((line) => printLine(naming, line, turn))).map((text) => indent + text);
  const flush = () => {
    texts.push(...indented(block, '    '));
    block = [];
  };
  for (const step of steps) {
    if (isLoop(step)) {
      block.push(...step.apart);
      flush();
      texts.push(`    ${loopHead(step, naming)}`, ...indented(step.lines, '      ', { step: 0 }));
    } else block.push(step);
  }
  flush();
  return texts;
}

/** `for t = 1, …, T, where h_0 = 0` */
function loopHead({ count, apart, descending, lines, starts }: Loop, naming: Naming): string {
  const { notation } = naming;
  const size = axisName(naming, count);
  /** A neighbor of the last position: `T+1`, or a number such as `7`. */
  const next = (step: 1 | -1) =>
    size === String(count) ? String(count + step) : `${size}${step > 0 ? '+' : notation.minus}1`;
  const printer = new FormulaPrinter(naming);
  const known = starts.map(
    ({ name, formula }) => `${notation.placed(name, '0')} = ${printer.print(formula)}`,
  );
  if (!descending) return notation.loop('1', size, known, false);
  if (apart.length > 0) return notation.loop(next(-1), '1', [], true);
  // the derivatives that a position passes to the previous one
  const names = new Set(lines.map(({ name }) => name));
  const later = lines
    .flatMap(({ formula }) => laterNames(formula))
    .filter((name) => names.has(name) || name.startsWith('∂'));
  const beyond = [...new Set(later)].map((name) => `${notation.placed(name, next(1))} = 0`);
  return notation.loop(size, '1', beyond, true);
}

function laterNames(formula: Formula): readonly string[] {
  const named = formula.kind === 'row' ? formula.of : formula;
  const position = 'position' in formula ? formula.position : undefined;
  const own =
    named.kind === 'symbol' && position && 'step' in position && position.step > 0 ? [named.name] : [];
  return [...own, ...partsOf(formula).flatMap(laterNames)];
}

/** The two sides of an equation. */
export function printLine(
  naming: Naming,
  line: PrintedLine,
  turn?: Position,
): readonly [left: string, right: string] {
  const { notation } = naming;
  const { name, formula, place } = line;
  const position = turn ?? (place && { at: place.position });
  const written = position && positionName(naming, position);
  if (wantsIndices(formula, naming)) return printIndexed(line, naming, written);
  const left = written === undefined ? notation.name(name) : notation.placed(name, written);
  return [left, new FormulaPrinter(naming).print(formula)];
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
