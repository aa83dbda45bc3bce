// Builtins that make tensors: generators for initializers and constants, random numbers, lookups.
import { checkedInteger } from '../values/types.ts';
import { describe, poison, type Generator, type GeneratorDimension, type Value } from '../values/values.ts';
import type { Builtin, Call } from './call.ts';

function dimensionsOf(call: Call): GeneratorDimension[] {
  return call.positional.map(({ value, span }) => ({
    size: checkedInteger(call.context, value, span, 1),
    label: value.kind === 'number' ? value.label : undefined,
  }));
}

function generated(generator: Generator): Value {
  return { kind: 'generator', generator };
}

function filled(name: string, value: number): Builtin {
  return {
    usage: `${name} or ${name}(size, …)`,
    needs: 0,
    run: (call) => generated({ kind: 'fill', value, dimensions: dimensionsOf(call) }),
  };
}

export const generatorBuiltins: Readonly<Record<string, Builtin>> = {
  pair: {
    usage: 'pair(value): both entries of a list, or one number twice',
    needs: 1,
    run: (call) => {
      const [given] = call.positional;
      const { value } = given ?? { value: poison };
      if (value.kind === 'number') return { kind: 'tuple', items: [value, value] };
      if (value.kind === 'list' && value.items.length === 2) return { kind: 'tuple', items: value.items };
      return call.context.fail('builtin.pair', call.span, { found: describe(value) });
    },
  },
  vector: {
    usage: 'vector([1, 0.5, …]): the numbers of a list as a tensor of one axis',
    needs: 1,
    run: (call) => {
      const [given] = call.positional;
      const { value } = given ?? { value: poison };
      const items = value.kind === 'list' ? value.items : [];
      const numbers = items.flatMap((item) => (item.kind === 'number' ? [item.value] : []));
      if (numbers.length === 0 || numbers.length < items.length)
        return call.context.fail('builtin.vector', call.span, { found: describe(value) });
      const { tensors } = call;
      const parts = numbers.map((number) => tensors.of(tensors.builder.constant(number, [1]), false));
      return parts.length === 1 && parts[0] ? parts[0] : tensors.concat(parts, 0);
    },
  },
  one_hot: {
    usage: 'one_hot(ids, size)',
    names: ['size'],
    needs: 1,
    run: (call) => {
      const ids = call.tensor(0);
      const size = call.integer('size', 1, ids.limit, 1);
      const node = call.tensors.builder.apply('one_hot', [ids.node], { size });
      return call.tensors.of(node, ids.batched, [...ids.labels, undefined]);
    },
  },
  lookup: {
    usage: 'lookup(table, ids)',
    needs: 2,
    run: (call) => {
      const [table, ids] = [call.tensor(0), call.tensor(1)];
      if (table.batched) return call.context.fail('lookup.table', call.span, {});
      const node = call.tensors.builder.apply('gather', [table.node, ids.node]);
      return call.tensors.of(node, ids.batched, [...ids.labels, ...table.labels.slice(1)]);
    },
  },
  random: {
    usage: 'random(x): uniform numbers in [0, 1) of the shape of x, fresh each step',
    needs: 1,
    run: (call) => call.tensors.random(call.tensor(0)),
  },
  zeros: filled('zeros', 0),
  ones: filled('ones', 1),
  eye: {
    usage: 'eye(size)',
    needs: 0,
    run: (call) => {
      const [rows, columns = rows] = dimensionsOf(call);
      if (!rows || !columns) return generated({ kind: 'eye' });
      return generated({ kind: 'eye', dimensions: [rows, columns] });
    },
  },
  arange: {
    usage: 'arange(size): 0, 1, 2, …',
    needs: 1,
    run: (call) => generated({ kind: 'iota', dimensions: dimensionsOf(call).slice(0, 1) }),
  },
  draw_normal: {
    usage: 'draw_normal(mean, deviation), in an initializer',
    needs: 2,
    run: (call) =>
      generated({ kind: 'normal', mean: call.number('mean', 0), deviation: call.number('deviation', 1) }),
  },
  draw_uniform: {
    usage: 'draw_uniform(low, high), in an initializer',
    needs: 2,
    run: (call) => generated({ kind: 'uniform', low: call.number('low', 0), high: call.number('high', 1) }),
  },
  draw_orthogonal: {
    usage: 'draw_orthogonal(gain), in an initializer',
    needs: 1,
    run: (call) => generated({ kind: 'orthogonal', gain: call.number('gain', 0) }),
  },
};
