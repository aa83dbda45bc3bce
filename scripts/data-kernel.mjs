// Compiles src/train/data/kernel/pictures.as into pictures-code.ts beside it: a module of less than a kilobyte, kept as text so
// that nothing has to be compiled or found where data is read. A test compares.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const folder = new URL('../src/train/data/kernel/', import.meta.url);

export async function compileKernel() {
  const { default: asc } = await import('assemblyscript/asc');
  const source = readFileSync(new URL('pictures.as', folder), 'utf8');
  /** @type {Uint8Array | undefined} */
  let binary;
  const { error, stderr } = await asc.main(
    [
      ...['pictures.ts', '--outFile', 'pictures.wasm', '-O3', '--noAssert', '--runtime', 'stub'],
      ...['--importMemory', '--sharedMemory', '--enable', 'threads', '--maximumMemory', '65536'],
    ],
    {
      readFile: (name) => (name === 'pictures.ts' ? source : null),
      writeFile: (_, contents) => {
        if (typeof contents !== 'string') binary = contents;
      },
      listFiles: () => [],
    },
  );
  if (error || !binary) throw new Error(`${error?.message}\n${stderr.toString()}`);
  return Buffer.from(binary).toString('base64');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const lines = ((await compileKernel()).match(/.{1,100}/g) ?? []).map((line) => `  '${line}',`);
  writeFileSync(
    new URL('pictures-code.ts', folder),
    `// Made by scripts/data-kernel.mjs from pictures.as: a WebAssembly module, in base64.\n\n` +
      `export const picturesCode = [\n${lines.join('\n')}\n].join('');\n`,
  );
}
