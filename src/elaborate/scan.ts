// Recurrence: a body is run for each position along an axis, with states carried from one to the next, and the results are stacked. It is
// unrolled: every position has its own nodes, so that differentiation needs no special case.
import { showShape } from '../runtime/tensor.ts';
import type { ScanStatement } from '../parser/ast.ts';
import { evaluateAxes, resolveAxes } from './axes.ts';
import type { Context, Environment } from './context.ts';
import { Frame } from './instance.ts';
import { Scope } from './scope.ts';
import { describe, exampleShape, poison, type TensorValue, type Value } from './values/values.ts';

/** `scan x along T as x_t { … }`: the results of the body, stacked along a new first axis. */
export function scan(context: Context, statement: ScanStatement, environment: Environment): Value {
  const input = context.evaluate(statement.input, environment);
  const along = evaluateAxes(context, statement.axis, environment);
  if (input.kind === 'poison' || along.kind === 'poison') return poison;
  if (input.kind !== 'tensor') {
    return context.fail('value.tensor', statement.input.span, {
      owner: 'scan',
      name: 'the input',
      found: describe(input),
    });
  }
  const [axis] = resolveAxes(context, along, input, statement.axis.span);
  if (typeof axis !== 'number') return context.fail('builtin.axis', statement.axis.span, { name: 'scan' });
  const instance = environment.frame.next('scan');
  const carried = new Map<string, Value>();
  const results: TensorValue[] = [];
  for (let position = 0; position < (exampleShape(input)[axis] ?? 0); position++) {
    const scope = new Scope(environment.scope.module, environment.scope, carried);
    const result = context.atPosition(instance.path, position, carried, () => {
      context.locate(statement.span);
      scope.bind(statement.name.text, {
        value: at(context, input, axis, position),
        span: statement.name.span,
      });
      const { value } = context.run(statement.body, { scope, frame: new Frame(instance) }, undefined);
      if (value?.kind === 'poison') return context.abandon();
      return value?.kind === 'tensor' ? value : context.fail('scan.result', statement.span, {});
    });
    results.push(result);
  }
  context.locate(statement.span);
  const [first] = results;
  const shapes = new Set(results.map((result) => showShape(exampleShape(result))));
  if (!first || shapes.size > 1)
    return context.fail('scan.shape', statement.span, { shapes: [...shapes].join(', then ') });
  const rows = results.map((result) =>
    context.tensors.reshape(result, [1, ...exampleShape(result)], [input.labels[axis], ...result.labels]),
  );
  return rows.length === 1 && rows[0] ? rows[0] : context.tensors.concat(rows, 0);
}

/** The elements at one position of an axis; the axis is dropped. */
function at(context: Context, x: TensorValue, axis: number, position: number): TensorValue {
  const { tensors } = context;
  const shape = exampleShape(x).filter((_, i) => i !== axis);
  const labels = x.labels.filter((_, i) => i !== axis);
  return tensors.reshape(tensors.slice(x, axis, position, position + 1), shape, labels);
}
