// What a model is given and does not use is a warning, and no error.
import { describe, expect, it } from 'vitest';
import { renderDiagnostics } from '../../../src/diagnostics/render.ts';
import { compile } from '../../../src/compile.ts';

const model = (items: string) => `model M {
  input  x: [4]
  ${items}
  target c: class(3)
  net { Linear(3) }
  optimizer SGD
}
function Mixed (y: [K], noise: [K]) {
  if training { return y + noise }
  return y
}`;

function warnings(items: string): readonly string[] {
  const { diagnostics } = compile({ path: 'm.nn', text: model(items), library: false }, { programs: [] });
  expect(diagnostics.every(({ severity }) => severity === 'warning')).toBe(true);
  return diagnostics.map((found) => renderDiagnostics([found], { color: false }));
}

describe('unused inputs', () => {
  it('are told with their place', () => {
    const [input, target, ...others] = warnings(
      'input never: [2]\n  target other: [1]\n  loss CrossEntropy(output, c)',
    );
    expect(others).toEqual([]);
    expect(input).toContain('warning[input.unused]: the input `never` is not used');
    expect(input).toContain('m.nn:3:3');
    expect(target).toContain('the target `other` is not used');
  });

  it('are none where the loss, a metric, or training alone uses them', () => {
    expect(warnings('input weight: []\n  loss weight * CrossEntropy(output, c)')).toEqual([]);
    expect(
      warnings(
        'target other: [3]\n  loss CrossEntropy(output, c)\n  metrics mean_absolute_error(output, other)',
      ),
    ).toEqual([]);
    expect(warnings('input noise: [3]\n  loss CrossEntropy(Mixed(output, noise), c)').length).toBe(0);
  });
});
