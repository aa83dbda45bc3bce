// Random small graphs of what moves elements about, drawn from a list of choices.
import { GraphBuilder } from '../../../src/graph/builder.ts';
import type { Graph, Node } from '../../../src/ir/graph/type.ts';
import { zeros } from './fusing.ts';
import { elementCount } from '../../../src/runtime/tensor.ts';

/** Mostly what moves elements about, so that indices are composed in every way; one reduction here and there. */
export function randomViews(drawn: readonly number[]): Graph {
  const g = new GraphBuilder('random');
  let position = 0;
  const choose = (count: number) => (drawn[position++ % drawn.length] ?? 0) % count;
  const any = <T>(list: readonly T[]): T => {
    const chosen = list[choose(list.length)];
    if (chosen === undefined) throw new Error('nothing to choose from');
    return chosen;
  };
  const parameter = g.stored('W', 'parameter', [4, 6], zeros);
  const state = g.stored('W#v', 'state', [4, 6], zeros);
  const ids = g.input('i', 'input', [4]);
  const nodes: Node[] = [g.input('x', 'input', [4, 6]), g.input('z', 'input', [2, 3, 4]), parameter, state];
  const last = () => (choose(3) > 0 ? (nodes.at(-1) ?? parameter) : any(nodes));
  const makers: readonly (() => Node)[] = [
    () => g.apply('tanh', [last()]),
    () => {
      const a = last();
      return g.add(a, g.multiply(a, 0.5));
    },
    () => {
      const a = last();
      return g.reshape(a, any(shapesOf(elementCount(a.shape))));
    },
    () => {
      const a = last();
      return g.transpose(
        a,
        a.shape.map((_, axis) => axis).sort((i, j) => choose(3) - 1 || j - i),
      );
    },
    () => {
      const a = last();
      const starts = a.shape.map((size) => choose(size));
      return g.apply('slice', [a], { starts, limits: a.shape, strides: a.shape.map(() => 1 + choose(3)) });
    },
    () => {
      const a = last();
      const some = () => a.shape.map(() => choose(3));
      return g.apply('pad', [a], { low: some(), high: some(), interior: some(), value: any([0, 0, 1]) });
    },
    () => {
      const a = last();
      const axis = choose(a.shape.length);
      return g.apply('concat', [a, any([a, g.apply('reverse', [a], { axes: [axis] })])], { axis });
    },
    () => {
      const a = last();
      const axis = choose(a.shape.length);
      const [size, dilation, low, high] = [1 + choose(3), 1 + choose(2), choose(3), choose(3)];
      const extent = dilation * (size - 1) + 1;
      const short = Math.max(0, extent - (a.shape[axis] ?? 1) - low - high);
      const geometry = {
        axes: [axis],
        sizes: [size],
        strides: [1 + choose(3)],
        dilations: [dilation],
        low: [low + short],
        high: [high],
      };
      const windows = g.apply('windows', [a], { ...geometry, value: any([0, 0, -1]) });
      nodes.push(windows);
      const changed = choose(2) === 0 ? windows : g.apply('tanh', [windows]);
      return choose(2) === 0 ? changed : g.apply('unwindows', [changed], { ...geometry, shape: a.shape });
    },
    () => {
      const a = last();
      return g.broadcast(
        a,
        [...a.shape, 3],
        a.shape.map((_, axis) => axis),
      );
    },
    () => {
      const a = last();
      return g.apply(any(['sum', 'sum', 'max']), [a], { axes: [choose(a.shape.length)] });
    },
    () => {
      const a = last();
      const labels = a.shape.map((_, axis) => axis);
      const k = choose(labels.length);
      const w = g.stored(`U${nodes.length}`, 'constant', [2, a.shape[k] ?? 1], zeros);
      return g.contract(a, labels, w, [10, k], [...labels.filter((label) => label !== k), 10]);
    },
    () => g.apply('gather', [last(), ids]),
  ];
  while (position < drawn.length) {
    const made = any(makers)();
    if (made.shape.length > 0 && made.shape.length < 6 && elementCount(made.shape) <= 600) nodes.push(made);
  }
  g.output('last', nodes.at(-1) ?? parameter);
  g.output('any', any(nodes));
  const sameShape = nodes.filter(({ shape }) => shape.length === 2 && shape[0] === 4 && shape[1] === 6);
  g.update(state, g.add(any(sameShape), g.multiply(state, 0.5)));
  g.update(parameter, any(sameShape));
  return g.finish();
}

function shapesOf(elements: number): readonly (readonly number[])[] {
  const factors = [2, 3, 4, 6].filter((factor) => elements % factor === 0);
  return [
    [elements],
    ...factors.flatMap((factor) => [
      [factor, elements / factor],
      [elements / factor, factor],
    ]),
  ];
}
