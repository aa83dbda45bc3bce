import { apply, at } from './expressions.ts';
import type { Operation } from './operation.ts';
import { reduceAlong } from './reduction.ts';
import { checkAxes, otherAxes } from './shapes.ts';
import type { SoftmaxAttributes } from './softmax.ts';

export const logSoftmax: Operation<SoftmaxAttributes> = {
  formula: 'y = (x − max x) − log Σ exp(x − max x)',

  shape([x = []], { axis }) {
    checkAxes(x, [axis]);
    return x;
  },

  // dx = dy − exp(y) · Σ dy
  gradient({ emit, output, cotangent, attributes: { axis } }) {
    const rows = emit.sum(cotangent, [axis]);
    const spread = emit.broadcast(rows, output.shape, otherAxes(output.shape.length, [axis]));
    return [emit.subtract(cotangent, emit.multiply(emit.exp(output), spread))];
  },

  lower(context) {
    const {
      inputs: [x],
      attributes: { axis },
      result,
    } = context;
    if (!x) return;
    const row = <T>(axes: readonly T[]) => axes.filter((_, i) => i !== axis);
    const largest = reduceAlong(context, 'max', 'max', (axes) => x(axes.map(at)));
    const total = reduceAlong(
      context,
      'log_sum',
      'sum',
      (axes, kept) => apply('exp', apply('subtract', x(axes.map(at)), largest(kept.map(at)))),
      (sum) => apply('log', sum),
    );
    result((axes) => {
      const [whole, rows] = [axes.map(at), row(axes).map(at)];
      return apply('subtract', apply('subtract', x(whole), largest(rows)), total(rows));
    });
  },

  samples: [
    { shapes: [[3, 4]], attributes: { axis: 1 } },
    { shapes: [[2, 3, 2]], attributes: { axis: 1 } },
    { shapes: [[5]], attributes: { axis: 0 } },
  ],
};
