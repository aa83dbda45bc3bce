// A module in a real page. With the headers that isolate a page from others it shares memory with its workers; without them, or where the
// page's policy allows no workers, it runs on one thread. Either way the losses are Node's, to the bit. What cannot run says why.
import { readdirSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Browser } from 'puppeteer-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { transpile } from '../../../src/codegen/transpile.ts';
import { wasmFused } from '../../../src/schedule/machine/machine.ts';
import { schedule } from '../../../src/schedule/schedule.ts';
import { wasmProducts } from '../../../src/targets/wasm/products.ts';
import { buildWasm, printScheduled, wasmForm, wasmVariant } from '../../../src/targets/wasm/print.ts';
import { compile } from '../../../src/compile.ts';
import { createModel } from '../../../src/runtime/create-model.ts';
import { relaxedSimd } from '../../../src/runtime/wasm/features.ts';
import { createWasmExecutable } from '../../../src/runtime/wasm/wasm-executable.ts';
import { lacksChromium, openBrowser } from '../../browser.ts';

const text = `model Page {
  input  x: [40]
  target label: class(5)
  net { Linear(96)  ReLU  Dropout(0.2)  Linear(5) }
  loss      CrossEntropy
  optimizer Adam(lr = 0.01)
  train { batch = 64  seed = 3 }
}`;
const compilation = compile({ path: 'page.nn', text, library: false });
const steps = 6;

/** The same numbers in Node and in the page. */
const drawBatch = `const x = Float32Array.from({ length: 64 * 40 }, (_, i) => Math.fround(((i * 7919) % 997) / 500 - 1));
const label = Float32Array.from({ length: 64 }, (_, i) => i % 5);`;

const pageOf = (module: string, threads: number) => `<!doctype html>
<script type="importmap">{ "imports": { "nnc/runtime": "/runtime/index.ts" } }</script>
<script type="module">
import { create } from '/${module}';
${drawBatch}
try {
  const model = await create({ threads: ${threads} });
  const losses = [];
  let turns = 0;
  const count = () => { turns++; setTimeout(count); };
  count();
  for (let i = 0; i < ${steps}; i++) losses.push((await model.step({ x, label })).loss);
  const { mode } = model;
  await model.destroy();
  window.result = { mode, losses, turns };
} catch (error) {
  window.result = { error: String(error) };
}
</script>`;

interface Result {
  readonly mode?: string;
  readonly losses?: readonly number[];
  /** How often the page's own thread came to something else meanwhile. */
  readonly turns?: number;
  readonly error?: string;
  /** What the console was told. */
  readonly warnings: readonly string[];
}

type Headers = { readonly [name: string]: string };

const isolation: Headers = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};
const policy = (sources: string): Headers => ({
  'Content-Security-Policy': `default-src 'self'; script-src 'self' 'unsafe-inline' ${sources}`,
});

interface Visit {
  readonly headers?: Headers;
  readonly module?: string;
  readonly threads?: number;
}

/** The runtime as JavaScript, by the path at which the page asks for it. */
async function runtimeFiles(): Promise<readonly (readonly [string, string])[]> {
  const paths = readdirSync('src/runtime', { recursive: true, encoding: 'utf8' });
  const sources = paths.filter((path) => path.endsWith('.ts')).map((path) => join('runtime', path));
  const read = (path: string) => readFileSync(join('src', path), 'utf8');
  return Promise.all(sources.map(async (path) => [path, await transpile(read(path))] as const));
}

/** Serves the page, the models' files and the runtime, on a port of the loopback. */
async function serve(
  files: ReadonlyMap<string, string | Uint8Array>,
  { headers = {}, module = 'page.js', threads = 2 }: Visit,
): Promise<Server> {
  const server = createServer((request, response) => {
    const path = new URL(request.url ?? '/', 'http://localhost').pathname;
    const send = (type: string, body: string | Uint8Array) => {
      response.writeHead(200, { 'Content-Type': type, ...headers }).end(body);
    };
    const file = files.get(path.slice(1));
    if (path === '/') send('text/html', pageOf(module, threads));
    else if (file !== undefined) send(path.endsWith('.wasm') ? 'application/wasm' : 'text/javascript', file);
    else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

async function lossesInNode(fused: boolean): Promise<readonly number[]> {
  const programs = [...compilation.programs].map(([name, { kernels }]) => ({ ...kernels, name }));
  const built = await buildWasm(programs, { fused, threads: false });
  const model = await createModel(
    compilation.specification,
    () => createWasmExecutable(Uint8Array.from(built.bytes), built.layout),
    {},
  );
  const x = Float32Array.from({ length: 64 * 40 }, (_, i) => Math.fround(((i * 7919) % 997) / 500 - 1));
  const label = Float32Array.from({ length: 64 }, (_, i) => i % 5);
  const losses: number[] = [];
  for (let i = 0; i < steps; i++) losses.push((await model.step({ x, label })).loss);
  await model.destroy();
  return losses;
}

describe.skipIf(lacksChromium)('a page', () => {
  let browser: Browser | undefined;
  let files: ReadonlyMap<string, string | Uint8Array> = new Map();

  beforeAll(async () => {
    const forms = (['fused', 'plain', 'single'] as const).map(wasmVariant);
    const kernels = [...compilation.programs].map(([name, { kernels: form }]) => ({ ...form, name }));
    const printed = forms.map((variant) => {
      const { machine, reserved } = variant.schedule ?? { machine: wasmFused, reserved: 0 };
      const scheduled = schedule(kernels, machine, reserved);
      return { variant, schedule: scheduled, text: printScheduled(scheduled, wasmForm(variant.name)).source };
    });
    const [fused] = printed;
    const products = [
      await wasmProducts(compilation.specification, printed, { name: 'page' }),
      await wasmProducts(compilation.specification, fused ? [fused] : [], { name: 'fused' }),
    ];
    files = new Map([...products.flatMap((each) => [...each]), ...(await runtimeFiles())]);
    browser = await openBrowser();
  }, 120_000);
  afterAll(async () => browser?.close());

  async function visit(wishes: Visit): Promise<Result> {
    const server = await serve(files, wishes);
    try {
      const tab = await browser?.newPage();
      if (!tab) throw new Error('no browser');
      const warnings: string[] = [];
      tab.on('console', (message) => {
        if (message.type() === 'warn') warnings.push(message.text());
      });
      const { port } = server.address() as AddressInfo;
      await tab.goto(`http://127.0.0.1:${port}/`);
      await tab.waitForFunction('window.result', { timeout: 60_000 });
      const result = (await tab.evaluate('window.result')) as Omit<Result, 'warnings'>;
      await tab.close();
      return { ...result, warnings };
    } finally {
      server.close();
    }
  }

  test('that is isolated runs on threads, and its own stays free', async () => {
    const { error, mode, losses, turns } = await visit({ headers: isolation });
    expect(error).toBeUndefined();
    expect(mode).toMatch(/^wasm, 2 threads/);
    expect(losses).toEqual(await lossesInNode(!mode?.includes('plain') && (await relaxedSimd())));
    expect(turns).toBeGreaterThan(0);
  }, 120_000);

  test('that is not runs on one', async () => {
    const { error, mode, losses, warnings } = await visit({});
    expect(error).toBeUndefined();
    expect(mode).toBe('wasm, 1 thread, plain SIMD');
    expect(losses).toEqual(await lossesInNode(false));
    expect(warnings).toEqual([]);
  }, 120_000);

  test('that is not, with a module that needs threads, is told of the headers and of --portable', async () => {
    const { error } = await visit({ module: 'fused.js' });
    expect(error).toMatch(/^ModelStateError: this page is not cross-origin isolated/);
    for (const named of [...Object.keys(isolation), '`nnc compile --portable`'])
      expect(error).toContain(named);
  }, 120_000);

  test.each([1, 2])(
    'whose policy allows no workers runs on its own thread, %s asked for',
    async (threads) => {
      const headers = { ...isolation, ...policy("'wasm-unsafe-eval'") };
      const { error, mode, losses, warnings } = await visit({ headers, threads });
      expect(error).toBeUndefined();
      expect(mode).toMatch(/^wasm, 1 thread/);
      expect(losses).toEqual(await lossesInNode(!mode?.includes('plain') && (await relaxedSimd())));
      expect(warnings).toHaveLength(1);
      expect(warnings[0]).toContain('worker-src blob:');
    },
    120_000,
  );

  test('whose policy allows no WebAssembly is told of what allows it', async () => {
    const { error } = await visit({ headers: policy('') });
    expect(error).toContain("ModelStateError: the page's Content-Security-Policy forbids WebAssembly");
    expect(error).toContain("'wasm-unsafe-eval'");
  }, 120_000);
});
