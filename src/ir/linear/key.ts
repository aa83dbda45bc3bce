// Canonical keys: equal for equal formulas and positions, whatever the order of a position's terms.
import type { Address, Atom, Condition, Formula, Position } from './type.ts';
import { operandsOf } from './walk.ts';

/** The key of an operand, or of what a position looks up, within a formula's key. */
type PartKey = (part: Formula) => string;

export function addressKey({ buffer, position }: Address): string {
  return `b${buffer}[${positionKey(position)}]`;
}

export function positionKey({ constant, terms }: Position, partKey: PartKey = formulaKey): string {
  const parts = terms.map(({ atom, factor }) => `${factor}*${atomKey(atom, partKey)}`);
  return [constant, ...parts.sort()].join('+');
}

export function atomKey(atom: Atom, partKey: PartKey = formulaKey): string {
  switch (atom.kind) {
    case 'axis':
      return atom.axis;
    case 'quotient':
      return `(${positionKey(atom.of, partKey)}/${atom.divisor})`;
    case 'lookup':
      return `<${partKey(atom.value)}:${atom.size}>`;
    default:
      return atom satisfies never;
  }
}

export function formulaKey(formula: Formula, partKey: PartKey = formulaKey): string {
  const parts = operandsOf(formula)
    .map((operand) => partKey(operand))
    .join();
  switch (formula.kind) {
    case 'number':
      return `#${Object.is(formula.value, -0) ? '-0' : formula.value}`;
    case 'given':
      return `$${formula.name}`;
    case 'position':
      return `@${positionKey(formula.position, partKey)}`;
    case 'read':
      return `b${formula.buffer}[${positionKey(formula.position, partKey)}]`;
    case 'random':
      return `?${formula.key}.${formula.site}[${positionKey(formula.position, partKey)}]`;
    case 'apply':
      return `${formula.function}(${parts})`;
    case 'guard': {
      const conditions = formula.conditions.map((condition) => conditionKey(condition, partKey));
      return `if(${conditions.join('&')}:${parts}:${formula.otherwise})`;
    }
    case 'reduce':
      return `${formula.reducer}{${formula.axes.map(({ id, size }) => `${id}<${size}`).join()}}(${parts})`;
    default:
      return formula satisfies never;
  }
}

function conditionKey(condition: Condition, partKey: PartKey): string {
  const position = positionKey(condition.position, partKey);
  if (condition.kind === 'divisible') return `${condition.modulus}|${position}`;
  return `${position}<${condition.limit}${condition.known ?? ''}`;
}
