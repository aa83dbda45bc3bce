// Every scalar function of one operand is a function of the language: of tensors, of numbers, and of what an initializer draws.
import { describe, expect, it } from 'vitest';
import { unaryNames } from '../../src/ir/scalar.ts';
import { initialize } from '../../src/runtime/initialize.ts';
import { unaryFunctions } from '../../src/runtime/unary-functions.ts';
import { build, kernelsOf } from '../std/run-program.ts';
import { forward, model } from './models.ts';

describe('the functions of a number', () => {
  it.each(unaryNames.filter((name) => name !== 'negate'))('%s', (name) => {
    const definitions = `
layer Own (x: [D]) -> [D] {
  param gain: [D] = ${name}(0.25 + 0 * ones)
  return ${name}(x) + gain + ${name}(0.75) * 1
}`;
    const text = model('net { Own }', { definitions });
    const values = [0.25, 0.5, 0.75, 1.5];
    const { output = [] } = forward(text, { x: values }, { 'own_1.gain': [0, 0, 0, 0] });
    const call = unaryFunctions[name];
    values.forEach((value, i) => expect(output[i]).toBeCloseTo(call(value) + call(0.75), 12));

    const { graph } = build(text, { program: 'forward' });
    const starts = kernelsOf(graph).buffers.flatMap(({ role, shape }) =>
      role.kind === 'stored' ? [[...initialize({ ...role, shape }, 1)]] : [],
    );
    expect(starts).toEqual([values.map(() => Math.fround(call(0.25)))]);
  });
});
