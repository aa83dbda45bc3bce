// Walks over formulas, and substitution, the one way to rewrite them: axes replaced by positions.
import type { Axis, BufferId } from '../stages/type.ts';
import { atomPosition, axisPosition, combine, plus } from './position.ts';
import type { Atom, Formula, Computation, Position } from './type.ts';

/** The operands of a formula; of a guard and a reduction, the value. What a position looks up is no operand. */
export function operandsOf(formula: Formula): readonly Formula[] {
  switch (formula.kind) {
    case 'apply':
      return formula.operands;
    case 'guard':
    case 'reduce':
      return [formula.value];
    default:
      return [];
  }
}

/** The positions directly in a formula. */
export function ownPositions(formula: Formula): readonly Position[] {
  switch (formula.kind) {
    case 'read':
    case 'position':
    case 'random':
      return [formula.position];
    case 'guard':
      return formula.conditions.map(({ position }) => position);
    default:
      return [];
  }
}

/** The atoms of a position, including those inside quotients. */
export function* atomsOf(position: Position): Generator<Atom> {
  for (const { atom } of position.terms) {
    yield atom;
    if (atom.kind === 'quotient') yield* atomsOf(atom.of);
  }
}

/** Every node of a formula, itself first, including those that positions look up. */
export function nodesOf(formula: Formula): readonly Formula[] {
  const nodes: Formula[] = [];
  const visit = (node: Formula) => {
    nodes.push(node);
    for (const position of ownPositions(node)) {
      for (const atom of atomsOf(position)) if (atom.kind === 'lookup') visit(atom.value);
    }
    for (const operand of operandsOf(node)) visit(operand);
  };
  visit(formula);
  return nodes;
}

/** Every position in a formula, including those inside quotients. */
export function positionsOf(formula: Formula): readonly Position[] {
  return nodesOf(formula).flatMap(ownPositions).flatMap(withDivided);
}

function withDivided(position: Position): readonly Position[] {
  const divided = [...atomsOf(position)].flatMap((atom) => (atom.kind === 'quotient' ? [atom.of] : []));
  return [position, ...divided];
}

/** Every position in computations, including those of their outputs. */
export function positionsOfComputations(computations: readonly Computation[]): readonly Position[] {
  return computations.flatMap(({ formula, output }) => [
    ...positionsOf(formula),
    ...withDivided(output.position),
  ]);
}

/** The buffers that a formula reads. */
export function buffersReadBy(formula: Formula): Set<BufferId> {
  const buffers = new Set<BufferId>();
  for (const node of nodesOf(formula)) {
    if (node.kind === 'read') buffers.add(node.buffer);
    if (node.kind === 'random') buffers.add(node.key);
  }
  return buffers;
}

/**
 * The free axes of a formula: those its value depends on, not a reduction's own.
 * @param ofPart the axes of an operand or of what is looked up, where they are known already
 */
export function axesOf(
  formula: Formula,
  ofPart: (part: Formula) => ReadonlySet<string> = axesOf,
): ReadonlySet<string> {
  const axes = new Set(operandsOf(formula).flatMap((operand) => [...ofPart(operand)]));
  for (const position of ownPositions(formula)) {
    for (const axis of axesOfPosition(position, ofPart)) axes.add(axis);
  }
  if (formula.kind === 'reduce') for (const { id } of formula.axes) axes.delete(id);
  return axes;
}

export function axesOfPosition(
  position: Position,
  ofPart: (part: Formula) => ReadonlySet<string> = axesOf,
): ReadonlySet<string> {
  const axes = new Set<string>();
  for (const atom of atomsOf(position)) {
    if (atom.kind === 'axis') axes.add(atom.axis);
    if (atom.kind === 'lookup') for (const axis of ofPart(atom.value)) axes.add(axis);
  }
  return axes;
}

/** The formula with each operand, and what its positions look up, replaced. */
export function mapOperands(formula: Formula, change: (part: Formula) => Formula): Formula {
  return mapParts(formula, change, (position) => mapLookups(position, change));
}

function mapLookups(position: Position, change: (part: Formula) => Formula): Position {
  const looksUp = position.terms.some(({ atom }) => atom.kind === 'lookup');
  if (!looksUp) return position;
  const terms = position.terms.map(({ atom, factor }) =>
    atom.kind === 'lookup' ? { atom: { ...atom, value: change(atom.value) }, factor } : { atom, factor },
  );
  return { ...position, terms };
}

function mapParts(
  formula: Formula,
  operand: (operand: Formula) => Formula,
  at: (position: Position) => Position,
): Formula {
  switch (formula.kind) {
    case 'number':
    case 'given':
      return formula;
    case 'read':
    case 'position':
    case 'random':
      return { ...formula, position: at(formula.position) };
    case 'apply':
      return { ...formula, operands: formula.operands.map(operand) };
    case 'guard': {
      const conditions = formula.conditions.map((each) => ({ ...each, position: at(each.position) }));
      return { ...formula, conditions, value: operand(formula.value) };
    }
    case 'reduce':
      return { ...formula, value: operand(formula.value) };
    default:
      return formula satisfies never;
  }
}

/** Positions for axes, by axis id; all are substituted at once. */
export type Substitution = ReadonlyMap<string, Position>;

export function substitute(formula: Formula, by: Substitution): Formula {
  return mapParts(
    formula,
    (operand) => substitute(operand, by),
    (position) => substituteIn(position, by),
  );
}

export function substituteIn(position: Position, by: Substitution): Position {
  const parts = position.terms.map(({ atom, factor }): readonly [Position, number] => {
    switch (atom.kind) {
      case 'axis':
        return [by.get(atom.axis) ?? atomPosition(atom), factor];
      case 'quotient':
        return [atomPosition({ ...atom, of: substituteIn(atom.of, by) }), factor];
      case 'lookup':
        return [atomPosition({ ...atom, value: substitute(atom.value, by) }), factor];
      default:
        return atom satisfies never;
    }
  });
  return combine(parts, position.constant);
}

/** The computation with its formula and output position rewritten; its own axes are left to the caller. */
export function substituteComputation(computation: Computation, by: Substitution): Computation {
  const { buffer, position } = computation.output;
  return {
    ...computation,
    output: { buffer, position: substituteIn(position, by) },
    formula: substitute(computation.formula, by),
  };
}

/** The axis advanced by a constant. */
export function further({ id }: Axis, by: number): Substitution {
  return new Map([[id, plus(axisPosition(id), by)]]);
}

/** Renames axes one to one. */
export function renaming(from: readonly Axis[], to: readonly Axis[]): Substitution {
  return new Map(from.map(({ id }, i) => [id, axisPosition(to[i]?.id ?? id)]));
}
