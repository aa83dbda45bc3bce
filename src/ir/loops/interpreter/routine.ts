// A routine compiled to closures over a frame: compiled once, run for any range of work items on any buffers.
import type { Place, Routine, Statement, Value, ValueType } from '../type.ts';
import { LoopFault, type Memory, type Region } from './memory.ts';
import { regionAt, ValueCompiler, type Frame, type Run, type Slot } from './values.ts';

/** The range of wanted work items, and the regions that the routine's pointers point to. */
export interface Call {
  /** The buffers' regions, then scratch memory. */
  readonly regions: readonly Region[];
  readonly first: number;
  readonly last: number;
}

export interface CompiledRoutine {
  run(call: Call): void;
  /** The loops that enclosed a fault, with the values of their variables, outermost first. */
  where(): string;
}

export function compileRoutine(routine: Routine, lanes: number, memory: Memory): CompiledRoutine {
  return new RoutineCompiler(routine, lanes, memory).compile();
}

interface OpenLoop {
  readonly name: string;
  readonly index: number;
}

class RoutineCompiler {
  private readonly frame: Frame;
  private readonly values: ValueCompiler;
  private readonly scopes: Map<string, Slot>[] = [new Map<string, Slot>()];
  /** The loops being executed. */
  private readonly open: OpenLoop[] = [];

  constructor(
    private readonly routine: Routine,
    lanes: number,
    memory: Memory,
  ) {
    this.frame = { lanes, memory, regions: [], numbers: [], undefinedLanes: [] };
    this.values = new ValueCompiler(this.frame, (name) => this.slot(name));
  }

  compile(): CompiledRoutine {
    const { frame, open, routine } = this;
    const pointers = Array.from({ length: routine.parameters }, (_, i) => this.declareNumber(`$${i}`, i));
    const scratch = this.declareNumber('scratch', routine.parameters);
    const [first, last] = [this.declareNumber('first', -1), this.declareNumber('last', -1)];
    const body = this.block(routine.body);
    return {
      run: (call) => {
        open.length = 0;
        frame.regions = call.regions;
        for (const index of [...pointers, scratch]) frame.numbers[index] = call.regions[index]?.start ?? NaN;
        frame.numbers[first] = call.first;
        frame.numbers[last] = call.last;
        body();
      },
      where: () => open.map(({ name, index }) => `${name} = ${frame.numbers[index]}`).join(', '),
    };
  }

  private slot(name: string): Slot {
    for (let i = this.scopes.length - 1; i >= 0; i--) {
      const found = this.scopes[i]?.get(name);
      if (found) return found;
    }
    throw new Error(`${name} is not declared`);
  }

  private declareNumber(name: string, base: number): number {
    const index = this.frame.numbers.push(NaN) - 1;
    this.scopes.at(-1)?.set(name, { kind: 'number', index, base });
    return index;
  }

  private declareLanes(name: string): Slot & { kind: 'lanes' } {
    const index = this.frame.undefinedLanes.push(0) - 1;
    const slot = { kind: 'lanes', index, out: new Float64Array(this.frame.lanes) } as const;
    this.scopes.at(-1)?.set(name, slot);
    return slot;
  }

  private block(statements: readonly Statement[]): Run<void> {
    const runs = statements.flatMap((statement) => this.statement(statement));
    return () => {
      for (const run of runs) run();
    };
  }

  private inner(body: readonly Statement[]): Run<void> {
    this.scopes.push(new Map());
    const run = this.block(body);
    this.scopes.pop();
    return run;
  }

  private statement(statement: Statement): readonly Run<void>[] {
    switch (statement.kind) {
      case 'comment':
        return [];
      case 'let':
        return [this.declare(statement.name, statement.type, statement.value)];
      case 'assign':
        return [this.assign(this.slot(statement.name), statement.value)];
      case 'for':
        return [this.loop(statement)];
      case 'if':
        return [this.condition(statement)];
      case 'store':
        return [this.store(statement)];
      case 'scatter':
        return [this.scatter(statement)];
      case 'pairs':
        return [this.pairs(statement)];
      case 'transpose':
        return [this.transpose(statement)];
      case 'tile':
        return [this.tile(statement)];
      default:
        return statement satisfies never;
    }
  }

  private declare(name: string, type: ValueType, value: Value): Run<void> {
    if (type !== 'integer' && type !== 'pointer') {
      const lanes = this.values.lanes(value);
      return this.copy(lanes.out, lanes.run, this.declareLanes(name));
    }
    const run = this.values.number(value);
    const base = type === 'pointer' ? this.values.regionOf(value) : -1;
    const index = this.declareNumber(name, base);
    const { numbers } = this.frame;
    return () => {
      numbers[index] = run();
    };
  }

  private assign(slot: Slot, value: Value): Run<void> {
    if (slot.kind === 'lanes') {
      const lanes = this.values.lanes(value);
      return this.copy(lanes.out, lanes.run, slot);
    }
    const run = this.values.number(value);
    const { numbers } = this.frame;
    return () => {
      numbers[slot.index] = run();
    };
  }

  private copy(from: Float64Array, run: Run<number>, { index, out }: Slot & { kind: 'lanes' }): Run<void> {
    const { undefinedLanes } = this.frame;
    return () => {
      undefinedLanes[index] = run();
      out.set(from);
    };
  }

  private loop({ name, from, to, step, body }: Statement & { kind: 'for' }): Run<void> {
    const { open } = this;
    const { numbers } = this.frame;
    const [begin, end] = [this.values.number(from), this.values.number(to)];
    this.scopes.push(new Map());
    const index = this.declareNumber(name, -1);
    const run = this.block(body);
    this.scopes.pop();
    const opened = { name, index };
    return () => {
      const [start, stop] = [begin(), end()];
      if (Number.isNaN(start + stop)) throw new LoopFault(`a bound of the loop ${name} is undefined`);
      open.push(opened);
      for (let at = start; at < stop; at += step) {
        numbers[index] = at;
        run();
      }
      open.pop();
    };
  }

  private condition({ condition, body }: Statement & { kind: 'if' }): Run<void> {
    const holds = this.values.number(condition);
    const run = this.inner(body);
    return () => {
      const value = holds();
      if (Number.isNaN(value)) throw new LoopFault('a condition is undefined');
      if (value !== 0) run();
    };
  }

  private store({ place, value, count }: Statement & { kind: 'store' }): Run<void> {
    const { frame } = this;
    const { base, at } = this.values.address(place);
    const { out, run } = this.values.lanes(value);
    const wanted = count ? this.values.count(count) : () => frame.lanes;
    return () => {
      const undefinedLanes = run();
      frame.memory.write(regionAt(frame, base), at(), out, wanted(), undefinedLanes);
    };
  }

  private scatter({ places, value, count }: Statement & { kind: 'scatter' }): Run<void> {
    const { out, run } = this.values.lanes(value);
    const wanted = count ? this.values.count(count) : () => places.length;
    const write = this.writer(places);
    return () => {
      const undefinedLanes = run();
      const lanes = wanted();
      if (lanes < 1) throw new LoopFault('scatters no lanes');
      for (let lane = 0; lane < lanes; lane++)
        write(lane, 0, out[lane] ?? NaN, ((undefinedLanes >> lane) & 1) === 1);
    };
  }

  private pairs({ left, right, places }: Statement & { kind: 'pairs' }): Run<void> {
    const sides = [this.values.lanes(left), this.values.lanes(right)];
    const write = this.writer(places);
    return () => {
      const undefinedLanes = sides.map(({ run }) => run());
      for (let lane = 0; lane < places.length; lane++)
        sides.forEach(({ out }, side) =>
          write(lane, side, out[lane] ?? NaN, (((undefinedLanes[side] ?? 0) >> lane) & 1) === 1),
        );
    };
  }

  private transpose({ rows, places }: Statement & { kind: 'transpose' }): Run<void> {
    const lines = rows.map((row) => this.values.lanes(row));
    const write = this.writer(places);
    return () => {
      const undefinedLanes = lines.map(({ run }) => run());
      for (let column = 0; column < places.length; column++)
        lines.forEach(({ out }, row) =>
          write(column, row, out[column] ?? NaN, (((undefinedLanes[row] ?? 0) >> column) & 1) === 1),
        );
    };
  }

  /** Writes one element, at an offset from place n. */
  private writer(
    places: readonly Place[],
  ): (n: number, distance: number, value: number, isUndefined: boolean) => void {
    const { frame } = this;
    const addresses = places.map((place) => this.values.address(place));
    return (n, distance, value, isUndefined) => {
      const address = addresses[n];
      if (!address) throw new Error(`no place ${n}`);
      frame.memory.writeLane(regionAt(frame, address.base), address.at() + distance, value, isUndefined);
    };
  }

  private tile(tile: Statement & { kind: 'tile' }): Run<void> {
    const { frame } = this;
    const [a, b, c] = [tile.a, tile.b, tile.c].map((pointer) => this.values.address({ pointer, offset: 0 }));
    const [depth, accumulate] = [this.values.number(tile.depth), this.values.number(tile.accumulate)];
    if (!a || !b || !c) throw new Error('a tile of three operands');
    const { rows, stride, step } = tile;
    const width = tile.vectors * frame.lanes;
    const operand = ({ base, at }: typeof a) => ({ region: regionAt(frame, base), at: at() });
    return () => {
      const [length, sums] = [depth(), accumulate()];
      if (!(length >= 1) || Number.isNaN(sums)) throw new LoopFault(`a tile of the depth ${length}`);
      const size = { rows, width, stride, step, depth: length, accumulate: sums !== 0 };
      frame.memory.multiply(size, operand(a), operand(b), operand(c));
    };
  }
}
