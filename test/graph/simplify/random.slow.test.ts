import fc from 'fast-check';
import { expect, test } from 'vitest';
import { simplify } from '../../../src/graph/simplify/simplify.ts';
import { verifyGraph } from '../../../src/graph/verify.ts';
import { randomGraph } from '../random-graph.ts';
import { expectSame } from './same-results.ts';

test('results stay for random graphs and their gradients', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(), { minLength: 5, maxLength: 80 }), (choices) => {
      const { graph, given } = randomGraph(choices);
      const after = simplify(graph);
      verifyGraph(after);
      expect(after.nodes.length).toBeLessThanOrEqual(2 * graph.nodes.length);
      expectSame(graph, after, given);
    }),
    { numRuns: 150, seed: 20 },
  );
});
