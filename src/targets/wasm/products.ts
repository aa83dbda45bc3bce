// A model's files for WebAssembly: the module to import, the compiled bytes, and their AssemblyScript source, for readers.
import type { ModelSpecification } from '../../runtime/specification.ts';
import type { WasmLayout } from '../../runtime/wasm/layout.ts';
import { arenaLayout } from '../../codegen/arena-layout.ts';
import { batchComment, printDeclarations } from '../../codegen/module-types.ts';
import { printComment, printData, printString } from '../../codegen/names.ts';
import { moduleFiles } from '../module-files.ts';
import type { Printed, ProductFiles } from '../target.ts';
import { compileWasm } from './compile.ts';
import { wasmForm } from './print.ts';

export interface WasmProductOptions {
  /** The base name of all files. */
  readonly name: string;
  /** Where compiled modules are cached. */
  readonly cache?: string;
}

/** By file name: those of the module, then `NAME.as` and the `.wasm` files. */
export async function wasmProducts(
  specification: ModelSpecification,
  printed: readonly Printed[],
  { name, cache }: WasmProductOptions,
): Promise<ProductFiles> {
  const files = new Map<string, Uint8Array>();
  const builds: { file: string; layout: WasmLayout }[] = [];
  for (const { variant, schedule, text } of printed) {
    if (!schedule) throw new Error('wasm needs a schedule');
    const { suffix, fused, threads } = wasmForm(variant.name);
    const file = `${name}${suffix}.wasm`;
    files.set(file, await compileWasm(text, { fused, threads, ...(cache !== undefined && { cache }) }));
    builds.push({ file, layout: { ...arenaLayout(schedule), reach: schedule.reach, fused, threads } });
  }
  return new Map<string, string | Uint8Array>([
    ...moduleFiles(name, {
      javascript: printLoader(specification, name, builds),
      declarations: printDeclarations(specification, 'WasmModelOptions'),
    }),
    [`${name}.as`, printed[0]?.text ?? ''],
    ...files,
  ]);
}

function printLoader(
  specification: ModelSpecification,
  name: string,
  builds: readonly { readonly file: string; readonly layout: WasmLayout }[],
): string {
  const listed = builds.map(
    ({ file, layout }) =>
      `  {\n    url: new URL(${printString(`./${encodeURIComponent(file)}`)}, import.meta.url),\n    layout: ${indent(printData(layout), '    ')},\n  },\n`,
  );
  return `// ${printComment(specification.name)}: the code that nnc generated from ${printComment(specification.source)}, for WebAssembly. Change the .nn file, not this one.
//
// This module loads the model. What it computes stands, to be read, in ${printComment(name)}.as, the AssemblyScript
// that the .wasm file was compiled from: forward, backward and update, one function a kernel.
import { createModel, linkWasm } from 'nnc/runtime';

/** What goes in, what comes out and what is learned. */
export const specification = ${printData(specification)};

${batchComment}export const batch = ${specification.batch};

/** The compiled forms, best first, and where in memory each keeps its arrays. The first that the engine can run is used. */
const builds = [
${listed.join('')}];

/** Loads the model, starts its threads and gives its parameters their initial values. */
export function create(options = {}) {
  return createModel(specification, (given) => linkWasm(builds, given), options);
}
`;
}

function indent(text: string, by: string): string {
  return text.replaceAll('\n', `\n${by}`);
}
