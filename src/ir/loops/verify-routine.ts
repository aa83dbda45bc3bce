// Throws where a routine is not well formed on its own: names, types, lanes, offsets, tiles, and loops over work items.
import { rounds } from '../../runtime/random.ts';
import { scalarFunctions } from '../scalar.ts';
import {
  elementSize,
  typeOf,
  type LoopFunction,
  type LoopMachine,
  type Place,
  type Routine,
  type Statement,
  type Value,
  type ValueType,
} from './type.ts';
import { baseOf, placesRead, valuesIn, valuesOf } from './walk.ts';

/** Throws where a routine is not well formed on its own. `name`: for the message. */
export function verifyRoutine(routine: Routine, machine: LoopMachine, name: string): void {
  new RoutineVerifier(machine, `routine ${name}`).verify(routine);
}

/** Throws where a vector function is not well formed, or has side effects. `name`: for the message. */
export function verifyFunction(called: LoopFunction, machine: LoopMachine, name: string): void {
  new RoutineVerifier(machine, `function ${name}`).verifyFunction(called);
}

interface Declared {
  readonly type: ValueType;
  readonly mutable: boolean;
}

type Loop = Statement & { readonly kind: 'for' };

class RoutineVerifier {
  /** The declarations of each open block, outermost first. */
  private readonly scopes: Map<string, Declared>[] = [new Map<string, Declared>()];
  private readonly loops: Loop[] = [];
  private depth = 0;

  constructor(
    private readonly machine: LoopMachine,
    private readonly name: string,
  ) {}

  verify({ parameters, scratch, body }: Routine): void {
    this.check(Number.isInteger(scratch) && scratch >= 0, `asks for ${scratch} bytes of scratch memory`);
    for (let i = 0; i < parameters; i++) this.declare(`$${i}`, 'pointer', false);
    if (scratch > 0) this.declare('scratch', 'pointer', false);
    this.block(body);
  }

  verifyFunction({ comment, parameter, body, result }: LoopFunction): void {
    this.check(!/[\r\n]/.test(comment), 'a comment of several lines');
    this.declare(parameter, 'vector', false);
    for (const statement of body) {
      const { kind } = statement;
      this.check(kind === 'comment' || kind === 'let' || kind === 'assign', `a function with a ${kind}`);
      this.statement(statement);
      for (const value of valuesOf(statement)) this.pure(value);
    }
    this.value(result, 'vector', 'the result');
    this.pure(result);
  }

  private pure(value: Value): void {
    for (const each of valuesIn(value))
      this.check(placesRead(each).length === 0, 'a function that reads memory');
  }

  private fail(what: string): never {
    const loops = this.loops.map(({ axis, name }) => `${axis} ${name}`).join(', ');
    throw new Error(`${this.name}${loops && `, in the loops ${loops}`}: ${what}`);
  }

  private check(condition: boolean, otherwise: string): asserts condition {
    if (!condition) this.fail(otherwise);
  }

  private declare(name: string, type: ValueType, mutable: boolean): void {
    this.check(this.find(name) === undefined, `${name} is declared a second time`);
    this.scopes.at(-1)?.set(name, { type, mutable });
  }

  private find(name: string): Declared | undefined {
    for (let i = this.scopes.length - 1; i >= 0; i--) {
      const found = this.scopes[i]?.get(name);
      if (found) return found;
    }
    return undefined;
  }

  private block(statements: readonly Statement[]): void {
    for (const statement of statements) this.statement(statement);
  }

  /** The statements of a nested block, with declarations local to it. */
  private inner(body: readonly Statement[], own: () => void = () => undefined): void {
    this.scopes.push(new Map());
    this.depth++;
    own();
    this.block(body);
    this.depth--;
    this.scopes.pop();
  }

  private statement(statement: Statement): void {
    switch (statement.kind) {
      case 'comment':
        this.check(!/[\r\n]/.test(statement.text), 'a comment of several lines');
        return;
      case 'let':
        this.value(statement.value, statement.type, `the value of ${statement.name}`);
        this.declare(statement.name, statement.type, statement.mutable);
        return;
      case 'assign':
        this.assign(statement);
        return;
      case 'for':
        this.loop(statement);
        return;
      case 'if':
        this.condition(statement);
        return;
      case 'store':
        this.place(statement.place);
        this.value(statement.value, 'vector', 'what is stored');
        this.count(statement.count);
        return;
      case 'scatter':
        this.places(statement.places);
        this.value(statement.value, 'vector', 'what is stored');
        this.count(statement.count);
        return;
      case 'pairs':
        this.places(statement.places);
        for (const each of [statement.left, statement.right]) this.value(each, 'vector', 'what is stored');
        return;
      case 'transpose':
        this.places(statement.places);
        this.lanes(statement.rows.length, 'rows');
        for (const row of statement.rows) this.value(row, 'vector', 'what is stored');
        return;
      case 'tile':
        this.tile(statement);
    }
  }

  private assign({ name, value }: Statement & { kind: 'assign' }): void {
    const known = this.find(name);
    this.check(known !== undefined, `${name} is assigned before it is declared`);
    this.check(known.mutable, `${name} is assigned, but constant`);
    this.value(value, known.type, `the value of ${name}`);
    if (known.type !== 'pointer') return;
    const base = baseOf(value);
    this.check(
      base.kind === 'variable' && base.name === name,
      `the pointer ${name} is moved to another buffer`,
    );
  }

  private loop(loop: Loop): void {
    const { axis, name, from, to, step, body } = loop;
    this.check(Number.isInteger(step) && step >= 1, `the loop ${name} has steps of ${step}`);
    if (axis === 'thread') {
      this.check(this.depth === 0, `the loop ${name} over work items is not outermost`);
      this.check(
        isCalled(from, 'first') && isCalled(to, 'last') && step === 1,
        `the loop ${name} does not go from the first to the last work item`,
      );
    } else {
      this.check(axis !== 'group', `the loop ${name} is for groups, which no target runs yet`);
      if (axis === 'vector')
        this.check(step % this.machine.lanes === 0, `the vector loop ${name} has steps of ${step}`);
      this.value(from, 'integer', `where the loop ${name} starts`);
      this.value(to, 'integer', `where the loop ${name} ends`);
    }
    this.loops.push(loop);
    this.inner(body, () => this.declare(name, 'integer', false));
    this.loops.pop();
  }

  private condition({ condition, body }: Statement & { kind: 'if' }): void {
    // A routine of one work item tests whether it is wanted.
    const wanted =
      condition.kind === 'arithmetic' &&
      condition.operator === 'less' &&
      isCalled(condition.left, 'first') &&
      isCalled(condition.right, 'last');
    if (wanted) this.check(this.depth === 0, 'asks within a loop whether its work item is wanted');
    else this.value(condition, 'integer', 'a condition');
    this.inner(body);
  }

  private tile(tile: Statement & { kind: 'tile' }): void {
    const { rows, vectors, stride, step } = tile;
    const known = this.machine.tiles.some((each) => each.vectors === vectors && rows <= each.rows);
    this.check(
      Number.isInteger(rows) && rows >= 1 && known,
      `a tile of ${rows} rows × ${vectors} vectors, which ${this.machine.name} does not have`,
    );
    this.check(
      Number.isInteger(stride) && stride >= 1 && Number.isInteger(step) && step >= 1,
      `a tile whose left operand goes by ${stride} and ${step} elements`,
    );
    this.check(step !== 1 || rows <= stride, `a tile of ${rows} rows over panels of ${stride}`);
    for (const each of [tile.a, tile.b, tile.c]) this.value(each, 'pointer', 'an operand of a tile');
    this.value(tile.depth, 'integer', 'the depth of a tile');
    this.value(tile.accumulate, 'integer', 'whether a tile accumulates');
    this.check(tile.depth.kind !== 'integer' || tile.depth.value >= 1, 'a tile without depth');
  }

  private count(count: Value | undefined): void {
    if (!count) return;
    this.value(count, 'integer', 'a count of lanes');
    this.check(count.kind !== 'integer' || count.value >= 1, 'a store or load of no lanes');
  }

  private lanes(count: number, what: string): void {
    this.check(count === this.machine.lanes, `${count} ${what} for ${this.machine.lanes} lanes`);
  }

  private places(places: readonly Place[]): void {
    this.lanes(places.length, 'places');
    for (const place of places) this.place(place);
  }

  private place({ pointer, offset }: Place): void {
    this.value(pointer, 'pointer', 'an address');
    this.check(offset >= 0 && offset % elementSize === 0, `an offset of ${offset} bytes`);
  }

  private value(value: Value, type: ValueType, what: string): void {
    this.check(typeOf(value) === type, `${what} is of the type ${typeOf(value)}, not ${type}`);
    switch (value.kind) {
      case 'variable': {
        const known = this.find(value.name);
        this.check(known !== undefined, `${value.name} is used before it is declared`);
        this.check(known.type === value.type, `${value.name} is used as ${value.type}, but is ${known.type}`);
        return;
      }
      case 'integer':
        this.integer(value.value);
        return;
      case 'number':
        return;
      case 'lanes':
        this.lanes(value.set.length, 'lanes of a mask');
        return;
      case 'sequence':
        this.lanes(value.values.length, 'integers');
        value.values.forEach((each) => this.integer(each));
        return;
      case 'load':
        this.place(value.place);
        this.count(value.count);
        this.check(!value.splat || !value.count, 'a broadcast of a part of a vector');
        return;
      case 'gather':
        this.places(value.places);
        return;
      case 'to_integer':
        this.check(value.lane >= 0 && value.lane < this.machine.lanes, `lane ${value.lane} of a vector`);
        this.value(value.vector, 'vector', 'an operand');
        return;
      case 'shuffle':
        this.shuffle(value);
        return;
      case 'arithmetic':
        this.arithmetic(value);
        return;
      case 'apply':
        this.apply(value);
        return;
      case 'lanewise':
        this.lanewise(value);
        return;
      case 'random':
        this.check(value.words.length === rounds, `${value.words.length} words of a random key`);
        for (const word of value.words) this.value(word, 'integer', 'a word of a random key');
        this.value(value.index, 'integers', 'the index of a random number');
        return;
      case 'pack':
        this.lanes(value.values.length, 'integers');
        for (const each of value.values) this.value(each, 'integer', 'an operand');
        return;
      default:
        for (const [operand, wanted] of operandTypes(value)) this.value(operand, wanted, 'an operand');
    }
  }

  private integer(value: number): void {
    this.check(Number.isInteger(value) && Math.abs(value) <= 2 ** 31, `the integer ${value}`);
  }

  private arithmetic({ operator, left, right }: Value & { kind: 'arithmetic' }): void {
    this.value(left, 'integer', 'an operand');
    this.value(right, 'integer', 'an operand');
    const divides = operator === 'quotient' || operator === 'remainder';
    this.check(
      !divides || (right.kind === 'integer' && right.value >= 1),
      'a division by no positive constant',
    );
  }

  private lanewise({ operator, left, right }: Value & { kind: 'lanewise' }): void {
    this.value(left, 'integers', 'an operand');
    this.value(right, 'integers', 'an operand');
    if (operator !== 'shift_left' && operator !== 'shift_right') return;
    const by = right.kind === 'splat' && right.integer.kind === 'integer' ? right.integer.value : NaN;
    this.check(by >= 0 && by < 32, 'a shift by no constant from 0 to 31');
  }

  private shuffle({ left, right, lanes }: Value & { kind: 'shuffle' }): void {
    this.lanes(lanes.length, 'lanes of a shuffle');
    this.check(
      lanes.every((lane) => Number.isInteger(lane) && lane >= 0 && lane < 2 * this.machine.lanes),
      `a shuffle of the lanes ${lanes.join(' ')}`,
    );
    for (const each of [left, right]) this.value(each, 'vector', 'an operand');
  }

  private apply({ function: called, operands }: Value & { kind: 'apply' }): void {
    const arity = called === 'multiply_add' ? 3 : scalarFunctions[called].arity;
    this.check(operands.length === arity, `${called} of ${operands.length} operands`);
    for (const operand of operands) this.value(operand, 'vector', `an operand of ${called}`);
  }
}

const isCalled = (value: Value, name: string) =>
  value.kind === 'variable' && value.name === name && value.type === 'integer';

/** The operands of a value whose kind determines their types. */
function operandTypes(value: Value): readonly (readonly [Value, ValueType])[] {
  switch (value.kind) {
    case 'advance':
      return [
        [value.pointer, 'pointer'],
        [value.elements, 'integer'],
      ];
    case 'select':
      return [
        [value.mask, 'mask'],
        [value.yes, 'vector'],
        [value.no, 'vector'],
      ];
    case 'mask_to_float':
      return [[value.mask, 'mask']];
    case 'convert':
    case 'from_bits':
    case 'inside':
    case 'zero':
      return [[value.integers, 'integers']];
    case 'bits':
      return [[value.vector, 'vector']];
    case 'with_sign':
      return [
        [value.size, 'vector'],
        [value.sign, 'vector'],
      ];
    case 'reduce_lanes':
      return [[value.vector, 'vector']];
    case 'compare':
      return [
        [value.left, 'vector'],
        [value.right, 'vector'],
      ];
    case 'splat_mask':
      return [[value.condition, 'integer']];
    case 'both':
      return [
        [value.left, 'mask'],
        [value.right, 'mask'],
      ];
    case 'splat':
      return [[value.integer, 'integer']];
    default:
      throw new Error(`no operands of ${value.kind}`);
  }
}
