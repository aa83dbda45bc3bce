// Builtins for a metric's `overall`: further statistics of its means over all examples.
import type { Value } from '../values/values.ts';
import type { Builtin, Call } from './call.ts';

function covariance(call: Call, other: number): Value {
  const [a, b] = [call.tensor(0), call.tensor(other)];
  const found = call.context.covariance?.(a, b);
  return found ?? call.context.fail('overall.covariance', call.span, { name: call.name });
}

export const statisticBuiltins: Readonly<Record<string, Builtin>> = {
  variance: {
    usage: 'variance(mean): in `overall`, of what is averaged there, over all examples',
    needs: 1,
    run: (call) => covariance(call, 0),
  },
  covariance: {
    usage: 'covariance(mean, mean): in `overall`, of two that are averaged there, over all examples',
    needs: 2,
    run: (call) => covariance(call, 1),
  },
};
