// One rule at a time: a formula as it is built, what simplification makes of it, and that both compute the same.
import { describe, expect, test } from 'vitest';
import { GraphBuilder } from '../../../src/graph/builder.ts';
import { simplify } from '../../../src/graph/simplify/simplify.ts';
import type { Attributes, Node, Shape } from '../../../src/ir/graph/type.ts';
import { prepare } from '../../ops/samples.ts';
import { numbersFrom, tensorOf } from '../../ops/tensors.ts';
import { outline } from '../outline.ts';

export class Trial extends GraphBuilder {
  readonly given: Record<string, readonly number[]> = {};
  private readonly random = numbersFrom(5);

  /** An input with numbers in [0.5, 2], or whole numbers below a limit. */
  x(name: string, shape: Shape, limit?: number): Node {
    const draw = () => (limit === undefined ? 0.5 + 1.5 * this.random() : Math.floor(limit * this.random()));
    this.given[name] = tensorOf(shape, draw).data;
    return this.input(name, 'input', shape);
  }

  op(operation: string, inputs: readonly Node[], attributes: Attributes = {}): Node {
    return this.apply(operation, inputs, attributes);
  }
}

/** What is simplified, how it is built, and the outline of the result. */
export type Row = readonly [string, (t: Trial) => Node, string];

export function testRules(rows: Readonly<Record<string, readonly Row[]>>): void {
  describe.each(Object.entries(rows))('%s', (_, list) => {
    test.each(list)('%s', (__, build, expected) => {
      const trial = new Trial('trial');
      trial.output('y', build(trial));
      const graph = trial.finish();
      const simplified = simplify(graph);
      expect(outline(simplified, simplified.outputs[0]?.value ?? -1)).toBe(expected);
      const [before, after] = [graph, simplified].map((each) => [
        ...(prepare(each)(trial.given).get('y') ?? []),
      ]);
      expect(after).toHaveLength(before?.length ?? 0);
      after?.forEach((value, i) => {
        const other = before?.[i] ?? 0;
        expect(Object.is(value, other) || Math.abs(value - other) < 1e-11, `${other} became ${value}`).toBe(
          true,
        );
      });
    });
  });
}
