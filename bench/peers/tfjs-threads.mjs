// The wasm backend of TensorFlow.js starts no threads under Node: its worker scripts are blob URLs, and Node's workers take files;
// it also starts half as many threads as there are processors. Here both are got round, before the backend is loaded.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

// What the worker scripts expect to find: names that the backend's bundle gives to Node's modules, and a helper of its compiler.
const preamble = `
globalThis.commonjsGlobal = globalThis;
globalThis.require = require;
globalThis.__filename = __filename;
globalThis.__dirname = __dirname;
globalThis._scriptDir = __filename;
globalThis.require$$0 = require('fs');
globalThis.require$$1 = require('path');
globalThis.require$$3 = require('perf_hooks');
globalThis.require$$4 = require('os');
globalThis.__values = (values) => values[Symbol.iterator]();
URL.createObjectURL = ({ file }) => file;
URL.revokeObjectURL = () => undefined;
`;

export function makeThreadsPossible(threads) {
  const folder = mkdtempSync(join(tmpdir(), 'tfjs-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  let count = 0;
  /** What pages have. @type {any} */
  const page = globalThis;
  /** @type {new (parts: BlobPart[], options: object) => object} */
  const Original = globalThis.Blob;
  page.Blob = class extends Original {
    /** @param {{ type?: string }} options */
    constructor(parts, options = {}) {
      super(parts, options);
      const script = options.type === 'application/javascript';
      const file = join(folder, `${count++}.cjs`);
      writeFileSync(file, (script ? preamble : '') + parts.join(''));
      // the other kind of blob is posted to workers, and must be plain data for that
      if (!script) return { file };
      this.file = file;
    }
  };
  page.URL.createObjectURL = ({ file }) => file;
  URL.revokeObjectURL = () => undefined;
  const os = createRequire(import.meta.url)('node:os');
  const [processor] = os.cpus();
  os.cpus = () => Array.from({ length: 2 * threads }, () => processor);
}
