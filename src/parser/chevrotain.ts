// Chevrotain from the one file that its package brings beside its modules. Those are 680 files with lodash's, which take Node half a second
// to import, as long as all else that `nnc check` does; the one file takes 0.03 s. The package's `exports` do not name it, so that it is
// found from the file they do name, and package.json asks for one version of the package.
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';

const modules = createRequire(import.meta.url).resolve('chevrotain');
const oneFile = join(dirname(modules), '../chevrotain.mjs');

export const { CstParser, createToken, generateCstDts, Lexer } = (await import(
  pathToFileURL(oneFile).href
)) as typeof import('chevrotain');
