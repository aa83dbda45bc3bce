// A model's files for native code: the module to import, the compiled library, and its C source, for readers.
import { readFile } from 'node:fs/promises';
import { arenaLayout } from '../../codegen/arena-layout.ts';
import { batchComment, printDeclarations } from '../../codegen/module-types.ts';
import { printComment, printData, printString } from '../../codegen/names.ts';
import { moduleFiles } from '../module-files.ts';
import type { NativeLayout } from '../../runtime/native/layout.ts';
import type { ModelSpecification } from '../../runtime/specification.ts';
import type { Printed, ProductFiles, ProductRequest } from '../target.ts';
import { compileLibrary, findCompiler } from './compiler.ts';

/** By file name: those of the module, then `NAME.c` and the library. @throws CompilerMissing */
export async function nativeProducts(
  specification: ModelSpecification,
  [printed]: readonly Printed[],
  { name, cache }: ProductRequest,
): Promise<ProductFiles> {
  if (!printed?.schedule) throw new Error('native code needs a schedule');
  const { text, schedule } = printed;
  const library = await compileLibrary(text, await findCompiler(), cache);
  const layout = { ...arenaLayout(schedule), machine: schedule.machine.name };
  return new Map<string, string | Uint8Array>([
    ...moduleFiles(name, {
      javascript: printLoader(specification, name, layout),
      declarations: printDeclarations(specification, 'NativeModelOptions'),
    }),
    [`${name}.c`, `${titleOf(specification)}${text}`],
    [`${name}.so`, await readFile(library)],
  ]);
}

function titleOf({ name, source }: ModelSpecification): string {
  return `// ${printComment(name)}: what nnc generated from ${printComment(source)}, in C. Change the .nn file, not this one.\n\n`;
}

function printLoader(specification: ModelSpecification, name: string, layout: NativeLayout): string {
  const file = printString(`./${encodeURIComponent(`${name}.so`)}`);
  return `// ${printComment(specification.name)}: the code that nnc generated from ${printComment(specification.source)}, native. Change the .nn file, not this one.
//
// This module loads the model. What it computes stands, to be read, in ${printComment(name)}.c: forward, backward and update, one
// function a kernel. The library was compiled from it for processors like the one here.
import { createModel, linkNative } from 'nnc/runtime';

/** What goes in, what comes out and what is learned. */
export const specification = ${printData(specification)};

${batchComment}export const batch = ${specification.batch};

/** The library, and where in its memory it keeps its arrays. */
const library = {
  url: new URL(${file}, import.meta.url),
  layout: ${printData(layout).replaceAll('\n', '\n  ')},
};

/** Loads the model, starts its threads and gives its parameters their initial values. */
export function create(options = {}) {
  return createModel(specification, (given) => linkNative(library, given), options);
}
`;
}
