// Emits a formula as vector values in the builder's current scope, vectorized along the axis `along` (undefined: every lane holds the
// same value). Reads become loads, broadcasts, shuffles or gathers by their stride along it. Nothing here traps: an over-read stays
// within the padding that `reachOf` in memory.ts reserves.
import { scalarFunctions } from '../../ir/scalar.ts';
import { siteWord, rounds } from '../../runtime/random.ts';
import { constantItem, placeAt, type Item, type LoopBuilder } from './builder.ts';
import type { EmitContext } from './context.ts';
import { addressKey } from '../../ir/linear/key.ts';
import { atomPosition, termsOf } from '../../ir/linear/position.ts';
import type { Address, Condition, Formula } from '../../ir/linear/type.ts';
import { axesOf } from '../../ir/linear/walk.ts';
import { emitPositions } from './positions.ts';
import { emitReduction } from './reduction.ts';
import {
  constantOf,
  convert,
  emitCondition,
  holdsAlways,
  laneIntegers,
  laneOffsets,
  pointerTo,
  stepOf,
  toIntegers,
  type LaneIntegers,
} from './indices.ts';
import { arithmetic, integer, number, typeOf, type Value, type VectorFunction } from '../../ir/loops/type.ts';

export function emitFormula(context: EmitContext, formula: Formula): Item {
  switch (formula.kind) {
    case 'number':
      return { value: { kind: 'number', value: formula.value }, depth: 0 };
    case 'given': {
      const found = context.given.get(formula.name);
      if (!found) throw new Error(`${formula.name} is not given`);
      return found;
    }
    case 'read':
      return emitRead(context, formula);
    case 'position': {
      const lanes = laneIntegers(context, formula.position);
      return context.builder.let(convert(toIntegers(lanes)), 'position');
    }
    case 'apply':
      return emitPositions(context, formula) ?? emitApply(context, formula);
    case 'guard':
      return emitGuard(context, formula.conditions, emitFormula(context, formula.value), formula.otherwise);
    case 'reduce':
      return emitReduction(context, formula, emitFormula);
    case 'random':
      return emitRandom(context, formula);
  }
}

function emitApply(context: EmitContext, formula: Formula & { kind: 'apply' }): Item {
  const [a, b, c] = formula.operands.map((operand) => emitFormula(context, operand));
  if (!a) throw new Error(`${formula.function} without operands`);
  const depth = Math.max(a.depth, b?.depth ?? 0, c?.depth ?? 0);
  const { builder } = context;
  switch (formula.function) {
    case 'less':
    case 'less_equal':
    case 'equal': {
      const mask: Value = {
        kind: 'compare',
        function: formula.function,
        left: a.value,
        right: b?.value ?? a.value,
      };
      return inlineOrHoist(builder, { value: { kind: 'mask_to_float', mask }, depth }, 'flag');
    }
    case 'select': {
      if (!b || !c) throw new Error('select wants three operands');
      const value: Value = { kind: 'select', mask: toMask(a.value), yes: b.value, no: c.value };
      return inlineOrHoist(builder, { value, depth }, 'value');
    }
    default: {
      const operands = [a, b, c].flatMap((item) => (item ? [item.value] : []));
      return inlineOrHoist(
        builder,
        { value: { kind: 'apply', function: formula.function, operands }, depth },
        'value',
      );
    }
  }
}

/** A cheap value of the innermost scope stays inline in the expression that uses it. Others are hoisted, or named at least. */
function inlineOrHoist(builder: LoopBuilder, item: Item, hint: string): Item {
  const cheap = item.value.kind !== 'apply' || isOneInstruction(item.value.function);
  return cheap && item.depth === builder.depth && sizeOf(item.value) < 12 ? item : builder.let(item, hint);
}

const isOneInstruction = (called: VectorFunction) =>
  called === 'multiply_add' || scalarFunctions[called].cost <= 1;

function sizeOf(value: Value): number {
  if (value.kind === 'apply')
    return 1 + value.operands.reduce((total, operand) => total + sizeOf(operand), 0);
  if (value.kind === 'select') return 1 + sizeOf(value.mask) + sizeOf(value.yes) + sizeOf(value.no);
  if (value.kind === 'mask_to_float') return 1 + sizeOf(value.mask);
  if (value.kind === 'compare') return 1 + sizeOf(value.left) + sizeOf(value.right);
  return 1;
}

function toMask(value: Value): Value {
  if (value.kind === 'mask_to_float') return value.mask;
  return { kind: 'compare', function: 'unequal', left: value, right: { kind: 'number', value: 0 } };
}

function emitRead(context: EmitContext, address: Address): Item {
  const known = context.computed.get(addressKey(address));
  if (known) return known;
  const { builder } = context;
  const { buffer, position } = address;
  const base = context.parameters.pointer(buffer);
  let pattern: readonly number[] = laneOffsets(context, stepOf(context, position));
  let pointer = pointerTo(context, base, position);
  const scattered: (readonly Item[])[] = [];
  let constant = constantOf(context, position);
  const advance = (by: Item, scale: number) => {
    if (by.value.kind === 'integer') {
      constant += scale * by.value.value;
      return;
    }
    const elements = arithmetic('multiply', by.value, integer(scale));
    const moved: Value = { kind: 'advance', pointer: pointer.value, elements };
    pointer = builder.let({ value: moved, depth: Math.max(pointer.depth, by.depth) }, `${nameOf(base)}_at`);
  };
  const quotients = termsOf(position, 'quotient')
    .toReversed()
    .map(({ atom, factor }) => ({
      lanes: laneIntegers(context, atomPosition(atom)),
      scale: factor,
    }));
  // Terms of outer scopes first, so that their additions are hoisted out of the inner loops.
  const depthOf = (lanes: LaneIntegers) => (lanes.kind === 'each' ? Infinity : lanes.item.depth);
  for (const { lanes, scale } of quotients.toSorted((a, b) => depthOf(a.lanes) - depthOf(b.lanes))) {
    if (lanes.kind === 'each') scattered.push(lanes.items.map((item) => scaled(builder, item, scale)));
    else advance(lanes.item, scale);
    if (lanes.kind === 'pattern') {
      const { offsets } = lanes;
      pattern = pattern.map((offset, lane) => offset + scale * (offsets[lane] ?? 0));
    }
  }
  for (const { atom, factor } of termsOf(position, 'lookup').toReversed()) {
    const value = emitFormula(context, atom.value);
    const clamped = builder.let(clamp(value, atom.size), 'row');
    const varies = context.along !== undefined && axesOf(atom.value).has(context.along);
    const whole = (lane: number) =>
      builder.let({ value: { kind: 'to_integer', vector: clamped.value, lane }, depth: clamped.depth }, 'id');
    if (varies) scattered.push(pattern.map((_, lane) => scaled(builder, whole(lane), factor)));
    else advance(whole(0), factor);
  }
  return loadLanes(context, pointer, { constant, pattern, scattered });
}

/** Lane l is at constant + pattern[l] + Σ scattered[…][l]. */
interface LanePlaces {
  readonly constant: number;
  readonly pattern: readonly number[];
  readonly scattered: readonly (readonly Item[])[];
}

/** A load, a broadcast, a shuffle of two loads, or a gather. */
function loadLanes(context: EmitContext, pointer: Item, { constant, pattern, scattered }: LanePlaces): Item {
  const { builder, lanes } = context;
  const name = `${nameOf(pointer).replace(/_at.*$/, '')}_value`;
  const vector = (from: number, wanted?: Value): Item => {
    const { place: where, depth } = placeAt(pointer, from);
    const value: Value = { kind: 'load', place: where, splat: false, ...(wanted && { count: wanted }) };
    return builder.let({ value, depth }, name);
  };
  const low = Math.min(...pattern);
  const span = Math.max(...pattern) - low;
  if (scattered.length === 0) {
    if (span === 0) {
      const { place: where, depth } = placeAt(pointer, constant + low);
      return builder.let({ value: { kind: 'load', place: where, splat: true }, depth }, name);
    }
    if (pattern.every((offset, lane) => offset === lane)) return vector(constant, context.count);
    // Stride 2 from an odd element: the odd lanes are shuffled out of the same loads that the even ones use.
    const odd =
      (constant + low) % 2 === 1 && pattern.every((offset, lane) => offset === low + 2 * lane) ? 1 : 0;
    if (span + odd < 2 * lanes) {
      const start = constant + low - odd;
      const left = vector(start);
      const right = span + odd < lanes ? left : vector(start + lanes);
      const value: Value = {
        kind: 'shuffle',
        left: left.value,
        right: right.value,
        lanes: pattern.map((offset) => offset - low + odd),
      };
      return builder.let({ value, depth: left.depth }, name);
    }
  }
  const places = pattern.map((offset, lane) => {
    let at = pointer;
    for (const each of scattered) {
      const by = each[lane] ?? constantItem(0);
      at = {
        value: { kind: 'advance', pointer: at.value, elements: by.value },
        depth: Math.max(at.depth, by.depth),
      };
    }
    return placeAt(at, constant + offset);
  });
  const depth = Math.max(...places.map((each) => each.depth));
  return builder.let({ value: { kind: 'gather', places: places.map((each) => each.place) }, depth }, name);
}

function scaled(builder: LoopBuilder, item: Item, scale: number): Item {
  return builder.arithmetic('multiply', item, constantItem(scale));
}

/** NaN becomes 0: with the bound as first operand, `maximum` would pass NaN on to the conversion, which gives 0 for it. */
function clamp(value: Item, size: number): Item {
  const bounded: Value = {
    kind: 'apply',
    function: 'minimum',
    operands: [{ kind: 'apply', function: 'maximum', operands: [value.value, number(0)] }, number(size - 1)],
  };
  return { value: bounded, depth: value.depth };
}

const nameOf = (item: Item) => (item.value.kind === 'variable' ? item.value.name : 'value');

/** A guarded value is a select under a mask; the mask is hoisted to the outermost scope that fixes the conditions. */
function emitGuard(
  context: EmitContext,
  conditions: readonly Condition[],
  value: Item,
  otherwise: number,
): Item {
  const { builder } = context;
  let scalar: Item = constantItem(1);
  let mask: Item | undefined;
  const both = (found: Item) => {
    mask = mask
      ? {
          value: { kind: 'both', left: mask.value, right: found.value },
          depth: Math.max(mask.depth, found.depth),
        }
      : found;
  };
  for (const condition of conditions) {
    if (holdsAlways(context, condition)) continue;
    const found = emitCondition(context, condition);
    if (typeOf(found.value) === 'integer') scalar = builder.arithmetic('both', scalar, found);
    else both(found);
  }
  if (scalar.value.kind === 'integer') {
    if (scalar.value.value === 0) return { value: number(otherwise), depth: 0 };
  } else both({ value: { kind: 'splat_mask', condition: scalar.value }, depth: scalar.depth });
  if (!mask) return value;
  const named = builder.let(mask, 'inside');
  const selected: Value = { kind: 'select', mask: named.value, yes: value.value, no: number(otherwise) };
  return builder.let({ value: selected, depth: Math.max(named.depth, value.depth) }, 'guarded');
}

function emitRandom(context: EmitContext, formula: Formula & { kind: 'random' }): Item {
  const { builder } = context;
  const key = context.parameters.pointer(formula.key);
  const words = Array.from({ length: rounds }, (_, round) => {
    const { place: where, depth } = placeAt(key, round);
    const word: Value = { kind: 'to_integer', vector: { kind: 'load', place: where, splat: true }, lane: 0 };
    const sum = arithmetic('add', word, integer(siteWord(formula.site, round)));
    return builder.let({ value: sum, depth }, 'word');
  });
  const index = toIntegers(laneIntegers(context, formula.position));
  const value: Value = { kind: 'random', words: words.map((word) => word.value), index: index.value };
  return builder.let({ value, depth: Math.max(index.depth, ...words.map((word) => word.depth)) }, 'uniform');
}
