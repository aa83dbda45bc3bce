// A model whose every name was chosen to break out of the generated module: it is printed, type-checked, and trained.
import { expect, it } from 'vitest';
import type { CompiledPrograms } from '../../../src/codegen/compiled.ts';
import { printGpujsModule } from '../../../src/codegen/gpujs/module.ts';
import type { Source } from '../../../src/diagnostics/source.ts';
import { GraphBuilder } from '../../../src/graph/builder.ts';
import { lower } from '../../../src/kernel/lower.ts';
import type { ModelSpecification } from '../../../src/runtime/index.ts';
import { load, typeErrors } from '../modules.ts';

const paths = [
  '__proto__',
  'constructor',
  'class',
  'run',
  'quotient',
  'compute_x',
  "'; throw 1; '",
  '*/ process.exit(1) /*',
  '${process.exit(1)}',
  '`',
  '\\',
  '\u2028',
  '\u202Ereversed',
  '@ts-ignore',
  '</script>',
  'a'.repeat(10_000),
];

const text = `*/ process.exit(2) /* \u2028 \${1} @ts-nocheck '); "`;
const source: Source = { path: '../\u2028*/evil`.nn', text, library: false };

/** w <- w + x for each stored tensor, and the sum of all as the output. */
function hostile(): CompiledPrograms {
  const build = (name: 'forward' | 'step') => {
    const builder = new GraphBuilder(`${name}*/`);
    const x = builder.input('toString', 'input', [3]);
    const stored = paths.map((path) => {
      builder.origin = { path, name: path, span: { source, start: 3, end: 9 } };
      return builder.stored(path, 'parameter', [3], { kind: 'fill', value: 1 });
    });
    const sums = stored.map((tensor, i) => {
      builder.origin = { path: paths[i] ?? '', span: { source, start: 3, end: 9 } };
      return builder.rename(builder.add(tensor, x), `${paths[i]}+`);
    });
    if (name === 'step') {
      stored.forEach((tensor, i) => builder.update(tensor, sums[i] ?? tensor));
      builder.output('loss', builder.sum(x, [0]));
    } else {
      builder.output(
        'output.*/',
        sums.reduce((total, sum) => builder.add(total, sum)),
      );
    }
    const graph = builder.finish();
    const kernels = lower(graph);
    return { graph, kernels };
  };
  const specification: ModelSpecification = {
    format: 1,
    name: 'Evil */ \u2028 `${1}`',
    source: '*/\n// evil.nn',
    target: 'gpujs',
    batch: 3,
    inputs: [{ name: 'toString', shape: [], kind: 'real' }],
    targets: [],
    outputs: [{ name: '*/', shape: [] }],
    metrics: [],
    stored: paths.map((path) => ({
      path,
      shape: [3],
      storage: 'parameter',
      initial: { kind: 'fill', value: 1 },
    })),
    programs: ['forward', 'step'],
    data: { name: "');", positional: ['\u2029'], named: { constructor: '__proto__' } },
    train: { epochs: 1, batch: 3, seed: 1, validation: 0 },
    memory: { parameters: 0, gradients: 0, states: 0, activations: 0, padding: 0, scratch: 0, page: 1 },
    fingerprint: '`',
  };
  return {
    specification,
    programs: new Map([
      ['forward', build('forward')],
      ['step', build('step')],
    ] as const),
  };
}

it('names cannot leave the place that they are printed in', async () => {
  const module = printGpujsModule(hostile());
  expect(typeErrors(new Map([['hostile', module]]))).toEqual([]);
  expect(module).not.toMatch(/[^\n\P{Cc}]|[\p{Cf}\p{Zl}\p{Zp}]/u);
  for (const line of module.split('\n')) expect(line.length).toBeLessThan(25_000);

  const { create, specification } = await load(module);
  expect(specification).toEqual(hostile().specification);
  const model = await create({ mode: 'cpu' });
  const x = Object.fromEntries([['toString', [1, 2, 3]]]);
  await model.step(x);
  await model.step(x);
  for (const path of paths) expect([...(await model.read(path)).data]).toEqual([3, 5, 7]);
  const outputs = await model.forward(x);
  expect([...(outputs['*/']?.data ?? [])]).toEqual([4, 7, 10].map((value) => value * paths.length));
  await model.destroy();
});
