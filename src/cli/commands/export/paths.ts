// The files of an export.
import { extname } from 'node:path';
import type { exportFormats } from './options.ts';

export type Form = (typeof exportFormats)[number] | 'standalone';

/** Behind the model's name. No form writes the file that `nnc compile` does. */
export const extensions: { readonly [K in Form]: string } = {
  onnx: '.onnx',
  safetensors: '.safetensors',
  standalone: '.standalone.mjs',
  module: '.trained.mjs',
};

/** `digits.d.mts` for `digits.mjs`. */
export function typesPath(out: string): string {
  const extension = extname(out);
  return `${out.slice(0, out.length - extension.length)}.d${extension === '.mjs' ? '.mts' : '.ts'}`;
}
