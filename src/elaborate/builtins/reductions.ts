// Builtins that reduce axes: sums, means, extrema, and the softmax family.
import { exampleShape, numberValue, type Value } from '../values/values.ts';
import { axisNames, type Builtin, type Call } from './call.ts';

function extremum(
  name: 'max' | 'min',
  operation: 'maximum' | 'minimum',
  compute: (a: number, b: number) => number,
): Builtin {
  return {
    usage: `${name}(x, axis = …, keep = false) or ${name}(a, b)`,
    names: axisNames,
    needs: 1,
    run: (call) => {
      const [first, second] = call.positional;
      if (!second) {
        const x = call.tensor(0);
        const axes = call.axes(x, 1);
        if (name === 'max') return call.tensors.reduce('max', x, axes, call.flag('keep'));
        return call.tensors.unary(
          'negate',
          call.tensors.reduce('max', call.tensors.unary('negate', x), axes, call.flag('keep')),
        );
      }
      if (first?.value.kind === 'number' && second.value.kind === 'number') {
        return numberValue(compute(first.value.value, second.value.value));
      }
      const operands = [first, second].map((given, i) =>
        given?.value.kind === 'number' ? given.value.value : call.tensor(i),
      );
      return call.tensors.elementwise(operation, operands, name);
    },
  };
}

function alongAxis(call: Call, operation: string): Value {
  const x = call.tensor(0);
  const axis = call.axis(x, 1, -1) + (x.batched ? 1 : 0);
  return { ...call.tensors.attributed(operation, x, { axis }), labels: x.labels };
}

export const reductionBuiltins: Readonly<Record<string, Builtin>> = {
  max: extremum('max', 'maximum', Math.max),
  min: extremum('min', 'minimum', Math.min),
  sum: {
    usage: 'sum(x, axis = …, keep = false)',
    names: axisNames,
    needs: 1,
    run: (call) =>
      call.tensors.reduce('sum', call.tensor(0), call.axes(call.tensor(0), 1), call.flag('keep')),
  },
  mean: {
    usage: 'mean(x, axis = …, keep = false)',
    names: axisNames,
    needs: 1,
    run: (call) => {
      const x = call.tensor(0);
      const axes = call.axes(x, 1);
      const total = call.tensors.reduce('sum', x, axes, call.flag('keep'));
      return call.tensors.elementwise('divide', [total, call.tensors.countOver(x, axes)], '/');
    },
  },
  count: {
    usage: 'count(x, axis = …): how many elements a mean over the axes takes together',
    names: axisNames,
    needs: 1,
    run: (call) => numberValue(call.tensors.countOver(call.tensor(0), call.axes(call.tensor(0), 1))),
  },
  argmax: {
    usage: 'argmax(x, axis = …)',
    names: axisNames,
    needs: 1,
    run: (call) =>
      call.tensors.reduce('argmax', call.tensor(0), call.axes(call.tensor(0), 1), call.flag('keep')),
  },
  size: {
    usage: 'size(x, axis)',
    names: ['axis'],
    needs: 1,
    run: (call) => {
      const x = call.tensor(0);
      return numberValue(exampleShape(x)[call.axis(x, 1, -1)] ?? 1);
    },
  },
  rank: {
    usage: 'rank(x): how many axes an example has',
    needs: 1,
    run: (call) => numberValue(exampleShape(call.tensor(0)).length),
  },
  softmax: {
    usage: 'softmax(x, axis = -1)',
    names: ['axis'],
    needs: 1,
    run: (call) => alongAxis(call, 'softmax'),
  },
  log_softmax: {
    usage: 'log_softmax(x, axis = -1)',
    names: ['axis'],
    needs: 1,
    run: (call) => alongAxis(call, 'log_softmax'),
  },
  cumulative_sum: {
    usage: 'cumulative_sum(x, axis = -1)',
    names: ['axis'],
    needs: 1,
    run: (call) => alongAxis(call, 'cumulative_sum'),
  },
};
