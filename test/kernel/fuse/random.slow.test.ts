// Random small programs: fused they compute what they compute unfused, whatever they are made of.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { randomGraph } from '../../graph/random-graph.ts';
import { cases, sampleGraph } from '../../ops/samples.ts';
import { fuseAndCompare, reductionDepth } from './fusing.ts';
import { randomViews } from './random-views.ts';

const choices = fc.array(fc.nat(1000), { minLength: 8, maxLength: 60 });

describe('fuse', () => {
  it('keeps the values of random graphs and of their gradients', () => {
    fc.assert(
      fc.property(choices, (drawn) => {
        fuseAndCompare(randomGraph(drawn).graph);
      }),
      { numRuns: 100 },
    );
  });

  it('keeps the values of random views, windows, sums and updates', () => {
    fc.assert(
      fc.property(choices, (drawn) => {
        const fused = fuseAndCompare(randomViews(drawn), { i: 3 });
        for (const kernel of fused.kernels) {
          if (kernel.kind === 'map') expect(reductionDepth(kernel.body)).toBeLessThanOrEqual(1);
        }
      }),
      { numRuns: 300 },
    );
  });

  it.each(cases.map((each) => [each.title, each] as const))('keeps %s between other kernels', (_, each) => {
    const { builder, result } = sampleGraph(each);
    builder.output('result', result);
    builder.output('negated', builder.negate(result));
    const integers = Object.entries(each.sample.integers ?? {}).map(([i, limit]) => [`x${i}`, limit]);
    fuseAndCompare(builder.finish(), Object.fromEntries(integers) as Readonly<Record<string, number>>);
  });
});
