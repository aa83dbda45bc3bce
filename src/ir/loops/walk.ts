// Walks over the loop form: the values of a statement, the operands of a value, and copies with some of them replaced.
import type { Place, Statement, Value } from './type.ts';

/** The places that a value reads. */
export function placesRead(value: Value): readonly Place[] {
  if (value.kind === 'load') return [value.place];
  return value.kind === 'gather' ? value.places : [];
}

/** The places that a statement itself writes; a tile's sums are no place, but an operand. */
export function placesWritten(statement: Statement): readonly Place[] {
  switch (statement.kind) {
    case 'store':
      return [statement.place];
    case 'scatter':
    case 'pairs':
    case 'transpose':
      return statement.places;
    default:
      return [];
  }
}

/** The operands of a value, including those of its places, in order. */
export function operandsOf(value: Value): readonly Value[] {
  switch (value.kind) {
    case 'variable':
    case 'integer':
    case 'number':
    case 'lanes':
    case 'sequence':
      return [];
    case 'arithmetic':
    case 'compare':
    case 'both':
    case 'lanewise':
    case 'shuffle':
      return [value.left, value.right];
    case 'to_integer':
    case 'reduce_lanes':
    case 'bits':
      return [value.vector];
    case 'advance':
      return [value.pointer, value.elements];
    case 'load':
      return value.count ? [value.place.pointer, value.count] : [value.place.pointer];
    case 'gather':
      return value.places.map((place) => place.pointer);
    case 'apply':
      return value.operands;
    case 'select':
      return [value.mask, value.yes, value.no];
    case 'mask_to_float':
      return [value.mask];
    case 'convert':
    case 'from_bits':
    case 'inside':
    case 'zero':
      return [value.integers];
    case 'with_sign':
      return [value.size, value.sign];
    case 'random':
      return [...value.words, value.index];
    case 'splat_mask':
      return [value.condition];
    case 'splat':
      return [value.integer];
    case 'pack':
      return value.values;
    default:
      return value satisfies never;
  }
}

/** The values of a statement, including those of its places, but not those of nested statements. */
export function valuesOf(statement: Statement): readonly Value[] {
  switch (statement.kind) {
    case 'comment':
      return [];
    case 'let':
    case 'assign':
      return [statement.value];
    case 'for':
      return [statement.from, statement.to];
    case 'if':
      return [statement.condition];
    case 'store':
    case 'scatter':
      return [
        ...placesWritten(statement).map((place) => place.pointer),
        statement.value,
        ...(statement.count ? [statement.count] : []),
      ];
    case 'pairs':
      return [...statement.places.map((place) => place.pointer), statement.left, statement.right];
    case 'transpose':
      return [...statement.places.map((place) => place.pointer), ...statement.rows];
    case 'tile':
      return [statement.a, statement.b, statement.depth, statement.c, statement.accumulate];
    default:
      return statement satisfies never;
  }
}

/** Every value within one, in pre-order. */
export function* valuesIn(value: Value): Generator<Value> {
  yield value;
  for (const operand of operandsOf(value)) yield* valuesIn(operand);
}

/** Every statement, in pre-order. */
export function* statementsIn(statements: readonly Statement[]): Generator<Statement> {
  for (const statement of statements) {
    yield statement;
    if (statement.kind === 'for' || statement.kind === 'if') yield* statementsIn(statement.body);
  }
}

/** A copy with each operand of the value replaced. */
export function mapOperands(value: Value, change: (operand: Value) => Value): Value {
  const place = (each: Place): Place => ({ ...each, pointer: change(each.pointer) });
  switch (value.kind) {
    case 'variable':
    case 'integer':
    case 'number':
    case 'lanes':
    case 'sequence':
      return value;
    case 'arithmetic':
    case 'compare':
    case 'both':
    case 'lanewise':
    case 'shuffle':
      return { ...value, left: change(value.left), right: change(value.right) };
    case 'to_integer':
    case 'reduce_lanes':
    case 'bits':
      return { ...value, vector: change(value.vector) };
    case 'advance':
      return { ...value, pointer: change(value.pointer), elements: change(value.elements) };
    case 'load':
      return { ...value, place: place(value.place), ...(value.count && { count: change(value.count) }) };
    case 'gather':
      return { ...value, places: value.places.map(place) };
    case 'apply':
      return { ...value, operands: value.operands.map(change) };
    case 'select':
      return { ...value, mask: change(value.mask), yes: change(value.yes), no: change(value.no) };
    case 'mask_to_float':
      return { ...value, mask: change(value.mask) };
    case 'convert':
    case 'from_bits':
    case 'inside':
    case 'zero':
      return { ...value, integers: change(value.integers) };
    case 'with_sign':
      return { ...value, size: change(value.size), sign: change(value.sign) };
    case 'random':
      return { ...value, words: value.words.map(change), index: change(value.index) };
    case 'splat_mask':
      return { ...value, condition: change(value.condition) };
    case 'splat':
      return { ...value, integer: change(value.integer) };
    case 'pack':
      return { ...value, values: value.values.map(change) };
    default:
      return value satisfies never;
  }
}

/** A copy with each value of the statement itself replaced; nested statements stay. */
export function mapValues(statement: Statement, change: (value: Value) => Value): Statement {
  const place = (each: Place): Place => ({ ...each, pointer: change(each.pointer) });
  switch (statement.kind) {
    case 'comment':
      return statement;
    case 'let':
    case 'assign':
      return { ...statement, value: change(statement.value) };
    case 'for':
      return { ...statement, from: change(statement.from), to: change(statement.to) };
    case 'if':
      return { ...statement, condition: change(statement.condition) };
    case 'store':
      return {
        ...statement,
        place: place(statement.place),
        value: change(statement.value),
        ...(statement.count && { count: change(statement.count) }),
      };
    case 'scatter':
      return {
        ...statement,
        places: statement.places.map(place),
        value: change(statement.value),
        ...(statement.count && { count: change(statement.count) }),
      };
    case 'pairs':
      return {
        ...statement,
        places: statement.places.map(place),
        left: change(statement.left),
        right: change(statement.right),
      };
    case 'transpose':
      return { ...statement, places: statement.places.map(place), rows: statement.rows.map(change) };
    case 'tile':
      return {
        ...statement,
        a: change(statement.a),
        b: change(statement.b),
        depth: change(statement.depth),
        c: change(statement.c),
        accumulate: change(statement.accumulate),
      };
    default:
      return statement satisfies never;
  }
}

/** A copy with each statement replaced by what `change` gives for it, inner ones first. */
export function mapStatements(
  statements: readonly Statement[],
  change: (statement: Statement) => readonly Statement[],
): readonly Statement[] {
  return statements.flatMap((statement) =>
    change(
      statement.kind === 'for' || statement.kind === 'if'
        ? { ...statement, body: mapStatements(statement.body, change) }
        : statement,
    ),
  );
}

/** The variable that a pointer is derived from: a parameter, scratch, or a mutable pointer. */
export function baseOf(pointer: Value): Value {
  return pointer.kind === 'advance' ? baseOf(pointer.pointer) : pointer;
}
