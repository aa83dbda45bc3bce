// A model of `.nn` text, compiled and linked as the command line does it; what the benchmarks measure is what `nnc train` runs.
import { build, loadBuild } from '../dist/cli/build.js';
import { formsHere } from '../dist/cli/wasm-forms.js';

/** @param overrides as `--set name=value` gives them */
export async function compileModel({ path, text, target = 'wasm', overrides = {}, batch }) {
  const source = { path, text, library: false };
  const built = await build({
    source,
    target,
    forms: await formsHere(false),
    options: {
      overrides: new Map(Object.entries(overrides)),
      ...(batch !== undefined && { batch }),
    },
  });
  return loadBuild(built);
}
