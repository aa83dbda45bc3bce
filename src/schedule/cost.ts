// What a formula costs, in instructions an element, with the lanes along one axis or another.
import { factorOf } from '../ir/linear/position.ts';
import type { Address, Formula, Position } from '../ir/linear/type.ts';
import { axesOf } from '../ir/linear/walk.ts';
import { scalarFunctions, type ScalarFunction } from '../ir/scalar.ts';
import { mostUnrolled } from './reductions.ts';
import { elementsOf } from '../ir/stages/walk.ts';

/** What one element costs, with the lanes along an axis (none: one element at a time). */
export function costAlong(formula: Formula, along: string | undefined, lanes: number): number {
  const share = along === undefined ? 1 : 1 / lanes;
  switch (formula.kind) {
    case 'number':
    case 'given':
      return 0;
    case 'read':
      return share * readCost(formula.position, along, lanes);
    case 'position':
      return 2 * share;
    case 'random':
      return 40 * share;
    case 'apply':
      return (
        instructionsOf(formula.function) * share +
        formula.operands.reduce((total, operand) => total + costAlong(operand, along, lanes), 0)
      );
    case 'guard':
      return formula.conditions.length * share + costAlong(formula.value, along, lanes);
    case 'reduce':
      return reductionCost(formula, along, lanes);
  }
}

/** Division and square root overlap with loads and stores, so that they count as one instruction here. */
function instructionsOf(called: ScalarFunction): number {
  const { cost } = scalarFunctions[called];
  return cost > scalarFunctions.divide.cost ? cost : 1;
}

function reductionCost(
  { reducer, axes, value }: Formula & { readonly kind: 'reduce' },
  along: string | undefined,
  lanes: number,
): number {
  const share = along === undefined ? 1 : 1 / lanes;
  const count = elementsOf(axes);
  const plain = count * (costAlong(value, along, lanes) + share);
  if (along !== undefined || reducer === 'argmax' || count <= mostUnrolled) return plain;
  // With the lanes along the reduction, which are combined at the end.
  const vectorized = axes
    .filter((axis) => axis.size >= lanes)
    .map((axis) => count * (costAlong(value, axis.id, lanes) + 1 / lanes) + 3 * lanes);
  return Math.min(plain, ...vectorized);
}

/** Of a vector: one load, a broadcast, a shuffle of two loads, or a gather. */
function readCost(position: Position, along: string | undefined, lanes: number): number {
  if (along === undefined) return 1;
  const atoms = position.terms.map(({ atom }) => atom);
  if (atoms.some((atom) => atom.kind === 'lookup' && axesOf(atom.value).has(along))) return 3 * lanes;
  const quotient = atoms.some((atom) => atom.kind === 'quotient' && factorOf(atom.of, along) !== 0);
  const step = Math.abs(factorOf(position, along));
  if (quotient) return step === 0 ? 2 : 2 * lanes;
  return step <= 1 ? 1 : step === 2 ? 2 : 1.5 * lanes;
}

/** What storing one element costs. */
export function storeCost(output: Address, along: string | undefined, lanes: number): number {
  if (along === undefined) return 1;
  return factorOf(output.position, along) === 1 ? 1 / lanes : 1;
}
