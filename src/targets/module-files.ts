// The files by which a program imports a generated module. Node takes `.mjs` for a module in every folder, whatever its package.json says.
// A page needs a name that its server knows as JavaScript, which for many servers is `.js` alone: so the same text has both names.

import { printString } from '../codegen/names.ts';

export interface ModuleTexts {
  readonly javascript: string;
  /** Its types, as a declaration file. */
  readonly declarations: string;
  /** The module in TypeScript, for readers, where that shows more than its declarations. */
  readonly typescript?: string;
}

/** The file that programs import. */
export const moduleFile = (name: string): string => `${name}.mjs`;

/** By file name, the one to import first. */
export function moduleFiles(
  name: string,
  { javascript, declarations, typescript }: ModuleTexts,
): readonly (readonly [file: string, text: string])[] {
  return [
    [moduleFile(name), javascript],
    [`${name}.d.mts`, declarations],
    [`${name}.js`, javascript],
    typescript === undefined
      ? [`${name}.d.ts`, `export * from ${printString(`./${moduleFile(name)}`)};\n`]
      : [`${name}.ts`, `${unchecked}\n${typescript}`],
  ];
}

/** A program's TypeScript compiler may find the file by itself, and check it under flags that generated code does not follow. */
const unchecked =
  '// @ts-nocheck: it is checked under `strict`; what a project asks beyond that is for code written by hand.';
