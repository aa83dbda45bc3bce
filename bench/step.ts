// Milliseconds per training step of bench/models on this machine, by thread count, and per kernel with --kernels:
//   npx esbuild bench/step.ts --bundle --platform=node --format=esm --packages=external --outfile=… && node … w1 w2
import { readFileSync, writeFileSync } from 'node:fs';
import { compile } from '../src/compile.ts';
import { buildWasm } from '../src/targets/wasm/print.ts';
import { initialize } from '../src/runtime/initialize.ts';
import { createModel } from '../src/runtime/create-model.ts';
import { relaxedSimd } from '../src/runtime/wasm/features.ts';
import { createWasmExecutable } from '../src/runtime/wasm/wasm-executable.ts';

const names = process.argv.slice(2).filter((name) => !name.startsWith('-'));
const plain = process.argv.includes('--plain');
const seconds = Number(process.argv.find((each) => each.startsWith('--seconds='))?.slice(10) ?? 2);

for (const name of names) {
  const path = `bench/models/${name}.nn`;
  const compilation = compile(
    { path, text: readFileSync(path, 'utf8'), library: false },
    { programs: ['step'] },
  );
  const programs = [...compilation.programs].map(([program, { kernels }]) => ({ ...kernels, name: program }));
  await relaxedSimd();
  const start = performance.now();
  const built = await buildWasm(programs, { fused: !plain, profile: process.argv.includes('--kernels') });
  const compiled = performance.now() - start;
  if (process.argv.includes('--write')) writeFileSync(`/tmp/${name}.ts`, built.source);
  const { specification } = compilation;
  if (process.argv.includes('--kernels')) {
    const { pagesFor } = await import('../src/runtime/wasm/layout.ts');
    const memory = new WebAssembly.Memory({
      initial: pagesFor(built.layout, 1),
      maximum: 65536,
      shared: true,
    });
    const { instance } = await WebAssembly.instantiate(built.bytes as BufferSource, {
      env: { memory, abort: () => undefined },
    });
    const exports = instance.exports as Record<string, (thread: number, threads: number) => void>;
    const floats = new Float32Array(memory.buffer);
    for (const tensor of specification.stored) {
      const region = built.layout.stored.find((each) => each.name === tensor.path);
      if (region) floats.set(initialize(tensor, 1), region.offset / 4);
    }
    const limits = new Map(specification.targets.map((port) => [port.name, port.limit ?? 1]));
    for (const { name: input, offset, elements } of built.layout.programs[0]?.inputs ?? []) {
      const limit = limits.get(input);
      for (let i = 0; i < elements; i++) {
        const drawn = ((i * 7919) % 1000) / 1000;
        floats[offset / 4 + i] = limit === undefined ? drawn : Math.floor(drawn * limit);
      }
    }
    for (let i = 0; i < 3; i++) exports['step']?.(0, 1);
    const steps = built.schedule.programs[0]?.steps ?? [];
    const rows = steps.map((step, i) => {
      const times: number[] = [];
      const begun = performance.now();
      for (let k = 0; k < 200 && performance.now() - begun < 300; k++) {
        const [from, cpu] = [performance.now(), process.cpuUsage()];
        exports[`step_${i}`]?.(0, 1);
        const [taken, { user, system }] = [performance.now() - from, process.cpuUsage(cpu)];
        // Other processes may take the core away: of a long kernel, count the time that it had.
        times.push(taken > 2 ? Math.min(taken, (user + system) / 1000) : taken);
      }
      times.sort((a, b) => a - b);
      return { time: times[0] ?? NaN, step, i };
    });
    const total = rows.reduce((sum, { time }) => sum + time, 0);
    console.log(`${name}: ${total.toFixed(3)} ms in all, one thread`);
    for (const { time, step, i } of rows.toSorted((a, b) => b.time - a.time).slice(0, 30))
      console.log(
        time.toFixed(3).padStart(9),
        `${((100 * time) / total).toFixed(1)}%`.padStart(7),
        String(i).padStart(3),
        step.barrier ? '|' : ' ',
        `${step.items} items`.padStart(10),
        `${(step.cost / time / 1e6).toFixed(1)} G/s`.padStart(10),
        step.kernels
          .map((kernel) => kernel.name)
          .join(', ')
          .slice(0, 120),
      );
    continue;
  }
  for (const threads of [1, 2]) {
    const model = await createModel(
      specification,
      (options: object) =>
        createWasmExecutable(built.bytes as BufferSource, built.layout, { threads, ...options }),
      {},
    );
    const random = numbers();
    const batches = Array.from({ length: 16 }, () =>
      Object.fromEntries(
        [...specification.inputs, ...specification.targets].map((port) => {
          const length = specification.batch * port.shape.reduce((product, size) => product * size, 1);
          const draw = () =>
            port.limit === undefined ? (random() - 0.5) * Math.sqrt(12) : Math.floor(random() * port.limit);
          return [port.name, Float32Array.from({ length }, draw)];
        }),
      ),
    );
    const take = (i: number) => batches[i % batches.length] ?? {};
    const losses: number[] = [];
    for (let i = 0; i < 20; i++) losses.push((await model.step(take(i))).loss);
    const times: number[] = [];
    const cpu = process.cpuUsage();
    const begun = performance.now();
    for (let i = 0; performance.now() - begun < 1000 * seconds || i < 5; i++) {
      const from = performance.now();
      await model.step(take(i));
      times.push(performance.now() - from);
    }
    const used = process.cpuUsage(cpu);
    const sorted = times.toSorted((a, b) => a - b);
    const at = (share: number) => (sorted[Math.floor(share * (sorted.length - 1))] ?? NaN).toFixed(3);
    const perStep = ((used.user + used.system) / 1000 / times.length).toFixed(3);
    console.log(
      `${name} ${threads} threads: min ${at(0)} median ${at(0.5)} p90 ${at(0.9)} ms, cpu ${perStep} ms a step;`,
      `compiled in ${Math.round(compiled)} ms, ${built.bytes.length} bytes, ${built.schedule.programs[0]?.steps.length} steps,`,
      `${built.schedule.programs[0]?.steps.filter((step) => step.barrier).length} barriers; losses ${losses
        .slice(0, 3)
        .map((l) => l.toFixed(4))
        .join(' ')} … ${losses.at(-1)?.toFixed(4)}`,
    );
    await model.destroy();
  }
}

function numbers(): () => number {
  let state = 1;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}
