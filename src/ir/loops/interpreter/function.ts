// Runs a vector function as a machine without fused products would, in float32: bit-exact with WebAssembly.
import { mathematics, type MathematicsName } from '../mathematics/table.ts';
import type { LoopFunction, Statement } from '../type.ts';
import { Memory } from './memory.ts';
import { ValueCompiler, type Frame, type Lanes, type Slot } from './values.ts';

const lanes = 32;

/** Applies the function to each value. */
export function interpretFunction(name: MathematicsName, values: Float32Array): Float32Array {
  const frame: Frame = {
    lanes,
    memory: new Memory({ elements: 0, reach: 0, threads: 1 }),
    regions: [],
    numbers: [],
    undefinedLanes: [],
    functions: (called, operand) =>
      Object.hasOwn(mathematics, called)
        ? compileFunction(mathematics[called as MathematicsName], operand, frame)
        : undefined,
  };
  const given = new Float64Array(lanes);
  const { out, run } = compileFunction(mathematics[name], { out: given, run: () => 0 }, frame);
  const results = new Float32Array(values.length);
  for (let at = 0; at < values.length; at += lanes) {
    given.set(values.subarray(at, at + lanes));
    run();
    results.set(out.subarray(0, Math.min(lanes, values.length - at)), at);
  }
  return results;
}

function compileFunction({ parameter, body, result }: LoopFunction, operand: Lanes, frame: Frame): Lanes {
  const slots = new Map<string, Slot & { kind: 'lanes' }>();
  const slotOf = (name: string) => {
    const found = slots.get(name);
    if (!found) throw new Error(`${name} is not declared`);
    return found;
  };
  const values = new ValueCompiler(frame, slotOf);
  const copy = (name: string, { out, run }: Lanes) => {
    const slot = slotOf(name);
    return () => {
      frame.undefinedLanes[slot.index] = run();
      slot.out.set(out);
    };
  };
  const declare = (name: string) => {
    const index = frame.undefinedLanes.push(0) - 1;
    slots.set(name, { kind: 'lanes', index, out: new Float64Array(lanes) });
  };
  const compile = (statement: Statement) => {
    if (statement.kind === 'comment') return [];
    if (statement.kind !== 'let' && statement.kind !== 'assign')
      throw new Error(`a function with a ${statement.kind}`);
    const value = values.lanes(statement.value);
    if (statement.kind === 'let') declare(statement.name);
    return [copy(statement.name, value)];
  };
  declare(parameter);
  const runs = [copy(parameter, operand), ...body.flatMap(compile)];
  const { out, run } = values.lanes(result);
  return {
    out,
    run: () => {
      for (const each of runs) each();
      return run();
    },
  };
}
