// nnc itself, measured as the peers are. Variants: the target, and for gpu.js its mode behind a space.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { compileModel } from '../compile-model.mjs';
import { serve } from './harness.mjs';
import { workloads } from './workloads.mjs';

await serve(({ workload, threads, variant }) => {
  const [target, mode] = variant.split(' ');
  const path = fileURLToPath(new URL(`../models/${workload}.nn`, import.meta.url));
  const text = readFileSync(path, 'utf8');
  const manifest = new URL('../../package.json', import.meta.url);
  const build = async ({ tensors, batches }, dropped) => {
    const overrides = workloads[workload].dropped > 0 ? { dropped: String(dropped) } : {};
    const { create } = await compileModel({ path, text, target, overrides });
    const model = await create(mode === undefined ? { threads } : { mode });
    for (const [name, { data }] of tensors) if (!name.startsWith('batches.')) await model.write(name, data);
    const { input: inputName, target: targetName } = workloads[workload];
    const given = batches.map(({ input, labels }) => ({
      [inputName]: input,
      [targetName]: Float32Array.from(labels),
    }));
    return async (i) => (await model.step(given[i])).loss;
  };
  return { version: JSON.parse(readFileSync(manifest, 'utf8')).version, build };
});
