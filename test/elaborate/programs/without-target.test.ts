// A model that compares its output with its own input has no target.
import { describe, expect, it } from 'vitest';
import { build, diagnose, kernelsOf, run } from '../../std/run-program.ts';

const auto = (loss: string, more = '') => `model Auto {
  input image: [4]
  net { Linear(2, bias = false)  Linear(4, bias = false) }
  loss ${loss}
  optimizer SGD
  ${more}
}`;

describe('a model without a target', () => {
  it('learns from its input alone', () => {
    const { graph, elaborated } = build(auto('MSE(output, image)'), { program: 'step', batch: 1 });
    expect(elaborated.targets).toEqual([]);
    const stored = { 'linear_1.W': [1, 0, 0, 0, 0, 1, 0, 0], 'linear_2.W': [1, 0, 0, 1, 0, 0, 0, 0] };
    const { outputs } = run(kernelsOf(graph), { image: [1, 2, 3, 4] }, stored);
    expect(outputs.get('loss')?.[0]).toBe((9 + 16) / 4);
  });

  it('may measure itself by names, too', () => {
    const text = auto('MSE(output, image)', 'metrics mean_absolute_error(output, image)');
    expect(diagnose(text, { program: 'evaluate' }).diagnostics).toEqual([]);
  });

  it.each(['MSE', 'Huber(0.5)', 'MSE(reduce = sum)'])('needs one for the bare loss %s', (loss) => {
    expect(diagnose(auto(loss)).diagnostics.map(({ code }) => code)).toEqual(['model.missing']);
  });

  it('needs one for a bare metric', () => {
    const text = auto('MSE(output, image)', 'metrics mean_absolute_error');
    expect(diagnose(text, { program: 'evaluate' }).diagnostics.map(({ code }) => code)).toEqual([
      'loss.target',
    ]);
  });
});
