// A model of `.nn` text, compiled and linked as the command line does it; what the benchmarks measure is what `nnc train` runs.
import { build, loadBuild } from '../dist/driver/build.js';

/**
 * @param {{
 *   path: string,
 *   text: string,
 *   target?: import('../dist/targets/target.js').TargetName,
 *   overrides?: Readonly<Record<string, string>>,
 *   batch?: number,
 * }} model `overrides` as `--set name=value` gives them
 */
export async function compileModel({ path, text, target = 'wasm', overrides = {}, batch }) {
  const source = { path, text, library: false };
  const built = await build({
    source,
    target,
    options: {
      overrides: new Map(Object.entries(overrides)),
      ...(batch !== undefined && { batch }),
    },
  });
  return loadBuild(built);
}
