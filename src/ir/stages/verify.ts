// Throws where a kernel program breaks an invariant of later stages and targets. Nothing is repaired.
import { sizesOf, staysInside } from './index-range.ts';
import type {
  Buffer,
  BufferId,
  Condition,
  Expression,
  Index,
  KernelProgram,
  MapKernel,
  ScatterKernel,
} from './type.ts';
import { scalarFunctions } from '../scalar.ts';
import { verifyPattern } from './verify-pattern.ts';
import { buffersRead, expressionKey, outerScope, visitExpressions, type Scope } from './walk.ts';
import { elementCount } from '../../runtime/tensor.ts';

export function verifyKernels(program: KernelProgram): void {
  verifyBuffers(program);
  const written = new Set<BufferId>();
  for (const kernel of program.kernels) {
    const check: Check = checker(`kernel ${kernel.name}`);
    const output = program.buffers[kernel.output];
    check(output !== undefined, `writes buffer ${kernel.output}, which there is none of`);
    check(
      output.role.kind === 'temporary' && output.alias === undefined,
      `writes ${output.name}, no temporary of its own`,
    );
    check(!written.has(kernel.output), `writes ${output.name} a second time`);
    for (const id of buffersRead(kernel)) {
      const buffer = program.buffers[id];
      check(buffer !== undefined, `reads buffer ${id}, which there is none of`);
      check(
        buffer.role.kind !== 'temporary' || written.has(buffer.alias ?? id),
        `reads ${buffer.name} before it is written`,
      );
    }
    if (kernel.kind === 'map') verifyMap(kernel, output, program.buffers);
    else verifyScatter(kernel, output, program.buffers);
    written.add(kernel.output);
  }
  verifyResults(program, written);
}

type Check = (condition: boolean, otherwise: string) => asserts condition;

function checker(where: string): Check {
  return (condition, otherwise) => {
    if (!condition) throw new Error(`${where} ${otherwise}`);
  };
}

function verifyBuffers({ name: program, buffers }: KernelProgram): void {
  const names = new Set<string>();
  buffers.forEach(({ id, name, shape, alias, role }, position) => {
    const check: Check = checker(`${program}: buffer ${name}`);
    check(id === position, `has the id ${id} at position ${position}`);
    check(!names.has(name), 'is there twice');
    names.add(name);
    check(
      shape.every((size) => Number.isInteger(size) && size >= 1),
      `has the shape ${JSON.stringify(shape)}`,
    );
    if (alias === undefined) return;
    const root = buffers[alias];
    check(root !== undefined && root.alias === undefined, 'is an alias of no storage');
    check(root.role.kind === role.kind, `is an alias of another kind of buffer, ${root.name}`);
    check(elementCount(shape) === elementCount(root.shape), `has more or fewer elements than ${root.name}`);
  });
}

function verifyResults(
  { name, buffers, outputs, updates }: KernelProgram,
  written: ReadonlySet<BufferId>,
): void {
  const check: Check = checker(`${name}:`);
  const computed = (id: BufferId) => written.has(buffers[id]?.alias ?? id);
  for (const output of outputs) check(computed(output.buffer), `nothing computes the output ${output.name}`);
  check(new Set(outputs.map((output) => output.name)).size === outputs.length, 'two outputs share a name');
  for (const update of updates) {
    const [stored, value] = [buffers[update.stored], buffers[update.value]];
    check(
      stored?.role.kind === 'stored' && stored.alias === undefined,
      `buffer ${update.stored} is updated, but not stored`,
    );
    check(value !== undefined && computed(update.value), `nothing computes the update of ${stored.name}`);
    check(
      sameShape(stored.shape, value.shape),
      `${stored.name} is updated by ${value.name}, of another shape`,
    );
  }
  check(
    new Set(updates.map((update) => update.stored)).size === updates.length,
    'a stored buffer is updated twice',
  );
}

function verifyScatter(kernel: ScatterKernel, output: Buffer, buffers: readonly Buffer[]): void {
  const check: Check = checker(`kernel ${kernel.name}`);
  const [ids, values] = [buffers[kernel.ids]?.shape ?? [], buffers[kernel.values]?.shape ?? []];
  check(
    sameShape(values.slice(0, ids.length), ids),
    'has values whose shape does not begin with that of the ids',
  );
  check(
    sameShape(output.shape.slice(1), values.slice(ids.length)),
    'has an output whose rows are not as its values',
  );
}

function verifyMap(kernel: MapKernel, output: Buffer, buffers: readonly Buffer[]): void {
  const check: Check = checker(`kernel ${kernel.name}`);
  check(
    sameShape(
      kernel.axes.map((axis) => axis.size),
      output.shape,
    ),
    `has other axes than ${output.name}`,
  );
  const bound = new Map(kernel.axes.map((axis) => [axis.id, 'an output axis']));
  check(bound.size === kernel.axes.length, 'has two output axes of one id');

  visitExpressions(kernel.body, outerScope(kernel.axes), (expression, scope) => {
    if (expression.kind === 'reduce') {
      const key = expressionKey(expression);
      check(expression.axes.length > 0, 'reduces over nothing');
      for (const { id, size } of expression.axes) {
        check(Number.isInteger(size) && size >= 1, `reduces over ${size} elements`);
        // Equal reductions may occur several times; they share their axes.
        check((bound.get(id) ?? key) === key, `binds the axis ${id} twice`);
        bound.set(id, key);
      }
      check(
        new Set(expression.axes.map((axis) => axis.id)).size === expression.axes.length,
        'reduces over one axis twice',
      );
    }
    if (expression.kind === 'apply') {
      const { arity } = scalarFunctions[expression.function];
      check(
        expression.operands.length === arity,
        `gives ${expression.function} ${expression.operands.length} operands`,
      );
    }
    if (expression.kind === 'guard')
      for (const condition of expression.conditions) verifyCondition(condition, scope, check);
    if (expression.kind === 'position') verifyIndex(expression.index, scope, check);
    if (expression.kind === 'random') {
      verifyIndex(expression.index, scope, check);
      const role = buffers[expression.key]?.role;
      check(role?.kind === 'input' && role.input === 'random_key', 'draws random numbers by no key');
    }
    if (expression.kind === 'read') verifyRead(expression, scope, buffers, check);
  });
  if (kernel.pattern) verifyPattern(kernel, kernel.pattern);
}

function verifyRead(
  read: Expression & { kind: 'read' },
  scope: Scope,
  buffers: readonly Buffer[],
  check: Check,
): void {
  const buffer = buffers[read.buffer];
  check(buffer !== undefined, `reads buffer ${read.buffer}, which there is none of`);
  check(read.index.length === buffer.shape.length, `reads ${buffer.name} by ${read.index.length} indices`);
  const sizes = sizesOf(scope.axes);
  read.index.forEach((index, i) => {
    if ('kind' in index) return;
    verifyIndex(index, scope, check);
    const within = staysInside(index, buffer.shape[i] ?? 1, sizes, scope.conditions);
    check(within, `may read ${buffer.name} out of bounds along its axis ${i}`);
  });
}

function verifyCondition(condition: Condition, scope: Scope, check: Check): void {
  verifyIndex(condition.index, scope, check);
  if (condition.kind === 'inside') {
    check(Number.isInteger(condition.limit) && condition.limit >= 1, `has a limit of ${condition.limit}`);
  } else {
    check(
      Number.isInteger(condition.modulus) && condition.modulus >= 1,
      `has a modulus of ${condition.modulus}`,
    );
    check(condition.index.divisor === 1, 'asks whether a quotient is divisible');
  }
}

function verifyIndex({ constant, terms, divisor }: Index, scope: Scope, check: Check): void {
  check(
    Number.isInteger(constant) && terms.every((term) => Number.isInteger(term.factor)),
    'has an index that is not whole',
  );
  check(Number.isInteger(divisor) && divisor >= 1, `has an index with the divisor ${divisor}`);
  for (const { axis } of terms) {
    check(
      scope.axes.some(({ id }) => id === axis),
      `uses the axis ${axis} where it does not run`,
    );
  }
}

function sameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((size, i) => size === b[i]);
}
