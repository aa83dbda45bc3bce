// A name of the user's in C text is a name there, whatever the headers define as a macro.
import { spawnSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { namesInC } from '../../../src/codegen/c/reserved.ts';
import { headText } from '../../../src/codegen/c/parallel.ts';
import { machineOf } from '../../../src/schedule/machine/native.ts';
import { modelOn } from '../every-target.ts';
import { describeNative } from './run-native.ts';

describeNative('names in C', () => {
  it('are no macros of the headers', () => {
    const { stdout } = spawnSync('cc', ['-dM', '-E', '-x', 'c', '-'], {
      input: headText(machineOf('sse2')),
      encoding: 'utf8',
      maxBuffer: 2 ** 26,
    });
    const macros = [...stdout.matchAll(/^#define (\w+)/gm)].map(([, name = '']) => name);
    expect(macros).toContain('M_PI');
    const known = new Set(macros);
    const given = macros.flatMap((name) => {
      const names = namesInC();
      // numbered, `M_PI` would become `M_PI_2`
      return Array.from({ length: 9 }, () => names.fresh(name));
    });
    expect(given.filter((name) => known.has(name))).toEqual([]);
  });

  it('may be written as macros are', async () => {
    const names = [
      'M_PI',
      'M_E',
      'NSIG',
      'MAP_TYPE',
      'NULL',
      'EOF',
      'unix',
      'isnan',
      'si_value',
      'errno',
      'M_PIf',
    ];
    const text = `layer Own (x: [A]) {
  ${names.map((name) => `param ${name}: [A] = ones`).join('\n  ')}
  let SIGINT = x * ${names.join(' * ')}
  return tanh(SIGINT) + SIGINT
}
model M {
  input  LINUX: [2]
  target signbit: [2]
  net { Own }
  loss MSE
  optimizer SGD(lr = 0.1)
  train { batch = 2 }
}`;
    const arrays = { LINUX: [0, 1, 2, 3], signbit: [1, 2, 3, 4] };
    const [native, wasm] = [await modelOn('native', text), await modelOn('wasm', text)];
    for (const model of [native, wasm]) await model.step(arrays);
    const [a, b] = [await native.step(arrays), await wasm.step(arrays)];
    expect(a.loss).toBeCloseTo(b.loss, 3);
    for (const model of [native, wasm]) await model.destroy();
  });
});
