// Rolls up unrolled scans: one loop for the lines common to all positions, and one sum for what is accumulated over the positions. The
// loop is exact: every position is compared with the template, and if one differs there is no loop. At the last position, values from
// beyond it are zero.
import { keyOf, mapParts, number, partsOf, product, sum, type Formula, type Position } from './formula.ts';
import { isBeyond, startOutput, towardsStart, writePlacedName } from './positions.ts';
import type { Line } from './read-lines.ts';
import type { StartNumber } from './symbolic-layer.ts';

export interface Loop {
  readonly scan: string;
  /** The number of positions. */
  readonly count: number;
  /** The lines peeled off at the last position, if it differs from the others. */
  readonly apart: readonly Line[];
  readonly backward: boolean;
  /** Whether the loop runs from the last position to the first. */
  readonly descending: boolean;
  /** The lines of the loop body, in order; steps are relative to its position. */
  readonly lines: readonly Line[];
  /** The initial states. */
  readonly starts: readonly Start[];
}

export interface Start {
  readonly name: string;
  readonly formula: Formula;
}

export type Step = Line | Loop;

export function isLoop(step: Step): step is Loop {
  return 'lines' in step;
}

/** Undefined if the positions are not alike. */
export function roll(
  lines: readonly Line[],
  scans: ReadonlyMap<string, number>,
  starts: readonly StartNumber[],
): readonly Step[] | undefined {
  const groups = new Map<string, Line[]>();
  const items: { readonly first: number; readonly step: Step }[] = [];
  const firsts = new Map<string, number>();
  const named = new Map<string, Line>();
  const outer = new Map<string, Formula>();
  for (const [i, line] of lines.entries()) {
    if (line.name.startsWith(startOutput) || line.name.startsWith(towardsStart)) {
      outer.set(line.name, line.formula);
      continue;
    }
    if (!line.place) {
      items.push({ first: i, step: { ...line, formula: rollSums(withoutBeyond(line.formula)) } });
      continue;
    }
    if (line.place.position === 0) {
      named.set(line.formula.kind === 'symbol' ? line.formula.name : '', line);
      continue;
    }
    const key = JSON.stringify([line.place.scan, line.backward]);
    if (!firsts.has(key)) firsts.set(key, i);
    groups.set(key, [...(groups.get(key) ?? []), line]);
  }
  for (const [key, group] of groups) {
    const [{ place, backward } = { place: undefined, backward: false }] = group;
    if (!place) return undefined;
    const { scan } = place;
    const loop = loopOf(group, scan, scans.get(scan) ?? 0, backward);
    if (!loop) return undefined;
    const own = starts.flatMap((start) => {
      const key = writePlacedName({ scan, position: 0 }, start.name);
      const line = named.get(key);
      if (!line || backward || start.scan !== scan) return [];
      const { shape } = line.formula;
      const formula = start.value === undefined ? outer.get(startOutput + key) : number(start.value, shape);
      return formula ? [{ name: line.name, formula }] : [];
    });
    items.push({ first: firsts.get(key) ?? 0, step: { ...loop, starts: own } });
  }
  for (const { scan, name, value } of starts) {
    if (value !== undefined) continue;
    const key = writePlacedName({ scan, position: 0 }, name);
    const [line, formula] = [named.get(`d_${key}`), outer.get(towardsStart + key)];
    if (line && formula) items.push({ first: lines.length, step: { ...line, formula, backward: true } });
  }
  return inOrder(items.sort((a, b) => a.first - b.first).map(({ step }) => step));
}

function loopOf(lines: readonly Line[], scan: string, count: number, backward: boolean): Loop | undefined {
  const positions = Array.from({ length: count }, (_, i) =>
    lines.filter(({ place }) => place?.position === i + 1),
  );
  const middle = Math.ceil(count / 2);
  const template = (positions[middle - 1] ?? []).map((line) => ({
    ...line,
    formula: relative(line.formula, middle),
  }));
  if (template.length === 0 || count < 3) return undefined;
  const last = new Set(positions.at(-1)?.map(({ name }) => name));
  const absent = new Set(template.flatMap(({ name }) => (last.has(name) ? [] : [name])));
  const unlike = positions.flatMap((found, i) =>
    isAlike(template, found, i + 1, count, absent) ? [] : [i + 1],
  );
  const apart = unlike.length === 0 ? [] : linesApart(template, positions.at(-1) ?? []);
  if (!apart || unlike.some((position) => position !== count)) return undefined;
  const steps = new Set(
    template.flatMap(({ formula }) => stepsOf(formula, new Set(template.map(({ name }) => name)))),
  );
  if (steps.has(-1) && steps.has(1)) return undefined;
  const descending = backward && !steps.has(-1);
  if (apart.length > 0 && !descending) return undefined;
  return { scan, count, apart, backward, descending, lines: template, starts: [] };
}

/** The peeled last position: the template's lines, and the others that it needs. */
function linesApart(template: readonly Line[], found: readonly Line[]): readonly Line[] | undefined {
  const names = new Set([...template, ...found].map(({ name }) => name));
  const above = new Set<string>();
  const isKnown = (formula: Formula): boolean =>
    partsOf(formula).every(isKnown) &&
    (formula.kind !== 'symbol' || !names.has(formula.name) || above.has(formula.name));
  const lines = found.map((line) => ({ ...line, formula: withoutBeyond(line.formula) }));
  const inTurn = lines.every(({ name, formula }) => {
    const known = isKnown(formula);
    above.add(name);
    return known;
  });
  return inTurn && template.every(({ name }) => above.has(name)) ? lines : undefined;
}

/**
 * Whether a position's lines match the template.
 * @param absent lines that the last position lacks because they are zero there
 */
function isAlike(
  template: readonly Line[],
  given: readonly Line[],
  at: number,
  count: number,
  absent: ReadonlySet<string>,
): boolean {
  const found = new Map(given.map((line) => [line.name, line]));
  return (
    template.every((line) => {
      const other = found.get(line.name);
      if (other && keyOf(relative(other.formula, at)) === keyOf(line.formula)) return true;
      const expected = keyOf(withoutSteps(line.formula, at, count, absent));
      if (other) return keyOf(relative(withoutBeyond(other.formula), at)) === expected;
      // an unused value is not computed at the last position
      return at === count && (!line.backward || expected === keyOf(number(0, line.formula.shape)));
    }) && given.every(({ name }) => template.some((line) => line.name === name))
  );
}

/** A formula with its positions relative to one of them. */
function relative(formula: Formula, from: number): Formula {
  const moved = (position: Position) => ('at' in position ? { step: position.at - from } : position);
  const parts = formula.kind === 'over' ? formula : mapParts(formula, (part) => relative(part, from));
  if (parts.kind === 'row') return { ...parts, position: moved(parts.position) };
  return parts.kind === 'symbol' && parts.position ? { ...parts, position: moved(parts.position) } : parts;
}

function withoutBeyond(formula: Formula): Formula {
  return zeroWhere(formula, (each) => each.kind === 'symbol' && isBeyond(each.name));
}

/** The template's formula at a position: values from beyond the last position, and those `absent` there, are zero. */
function withoutSteps(formula: Formula, at: number, count: number, absent: ReadonlySet<string>): Formula {
  return zeroWhere(formula, (each) => {
    if (each.kind !== 'symbol' && each.kind !== 'row') return false;
    if (!each.position || !('step' in each.position)) return false;
    const position = at + each.position.step;
    return position > count || (each.kind === 'symbol' && position === count && absent.has(each.name));
  });
}

const linear: ReadonlySet<string> = new Set([
  'contraction',
  'sum',
  'slice',
  'pad',
  'reshape',
  'broadcast',
  'transpose',
  'unwindows',
]);

/** The formula with some of its parts replaced by zero. */
function zeroWhere(formula: Formula, isZero: (part: Formula) => boolean): Formula {
  if (isZero(formula)) return number(0, formula.shape);
  const changed = mapParts(formula, (part) => zeroWhere(part, isZero));
  const vanishes =
    changed.kind === 'apply' &&
    (linear.has(changed.operation)
      ? changed.operands.some(isNought)
      : changed.operation === 'concat' && changed.operands.every(isNought));
  return vanishes ? number(0, formula.shape) : changed;
}

function isNought(formula: Formula): boolean {
  return formula.kind === 'number' && formula.value === 0;
}

/** Merges terms that differ only in their position into one sum over the positions. */
function rollSums(formula: Formula): Formula {
  const parts = mapParts(formula, rollSums);
  if (parts.kind !== 'sum') return parts;
  const alike = new Map<string, { readonly body: Formula; readonly at: number[] }>();
  const rest: Formula[] = [];
  for (const term of parts.terms) {
    const positions = positionsOf(term);
    if (positions.length === 0) {
      rest.push(term);
      continue;
    }
    const at = Math.max(...positions);
    const body = relative(term, at);
    const known = alike.get(keyOf(body));
    if (known) known.at.push(at);
    else alike.set(keyOf(body), { body, at: [at] });
  }
  const rolled = [...alike.values()].flatMap(({ body, at }): Formula[] => {
    const [first, last] = [Math.min(...at), Math.max(...at)];
    if (at.length >= 3 && last - first + 1 === at.length) return [over(body, first, last)];
    return at.map((position) => absolute(body, position));
  });
  return sum(formula.shape, [...rolled, ...rest]);
}

/** Scales are factored out of the sum. */
function over(body: Formula, first: number, last: number): Formula {
  const { shape } = body;
  const coefficient = body.kind === 'product' ? body.coefficient : 1;
  const bare = coefficient === 1 ? body : product(shape, [body], [number(coefficient, shape)]);
  return product(shape, [number(coefficient, shape), { kind: 'over', body: bare, first, last, shape }]);
}

function absolute(formula: Formula, from: number): Formula {
  const moved = (position: Position) => ('step' in position ? { at: position.step + from } : position);
  const parts = mapParts(formula, (part) => absolute(part, from));
  if (parts.kind === 'row') return { ...parts, position: moved(parts.position) };
  return parts.kind === 'symbol' && parts.position ? { ...parts, position: moved(parts.position) } : parts;
}

function positionsOf(formula: Formula): readonly number[] {
  const own =
    (formula.kind === 'symbol' || formula.kind === 'row') && formula.position && 'at' in formula.position
      ? [formula.position.at]
      : [];
  return [...own, ...partsOf(formula).flatMap(positionsOf)];
}

/** The offsets of the positions at which a formula reads some names. */
function stepsOf(formula: Formula, names: ReadonlySet<string>): readonly number[] {
  const { kind } = formula;
  const own =
    kind === 'symbol' && names.has(formula.name) && formula.position && 'step' in formula.position
      ? [formula.position.step]
      : [];
  return [...own, ...partsOf(formula).flatMap((part) => stepsOf(part, names))];
}

/** The steps in topological order, stable; undefined if they are cyclic. */
function inOrder(steps: readonly Step[]): readonly Step[] | undefined {
  const defined = (step: Step) =>
    isLoop(step) ? [...step.lines, ...step.apart].map(({ name }) => name) : [step.name];
  const owners = new Map<string, Step[]>();
  for (const step of steps)
    for (const name of defined(step)) owners.set(name, [...(owners.get(name) ?? []), step]);
  const done = new Set<Step>();
  while (done.size < steps.length) {
    const next = steps.find((step) => {
      if (done.has(step)) return false;
      const read = isLoop(step)
        ? [...step.lines, ...step.apart, ...step.starts].flatMap(({ formula }) => namesIn(formula))
        : namesIn(step.formula);
      const own = new Set(isLoop(step) ? defined(step) : []);
      return read.every(
        (name) =>
          own.has(name) || (owners.get(name) ?? []).every((owner) => done.has(owner) || owner === step),
      );
    });
    if (!next || (isLoop(next) && !isSelfContained(next))) return undefined;
    done.add(next);
  }
  return [...done];
}

/** Whether each line of a loop reads only earlier lines or earlier iterations. */
function isSelfContained({ lines, descending }: Loop): boolean {
  const above = new Set<string>();
  const names = new Set(lines.map(({ name }) => name));
  const isKnown = (formula: Formula): boolean => {
    if (!partsOf(formula).every(isKnown)) return false;
    if (formula.kind !== 'symbol' || !names.has(formula.name)) return true;
    if (!formula.position || !('step' in formula.position)) return false;
    const { step } = formula.position;
    return step === 0 ? above.has(formula.name) : descending ? step > 0 : step < 0;
  };
  return lines.every(({ name, formula }) => {
    const known = isKnown(formula);
    above.add(name);
    return known;
  });
}

function namesIn(formula: Formula): readonly string[] {
  return [...(formula.kind === 'symbol' ? [formula.name] : []), ...partsOf(formula).flatMap(namesIn)];
}
