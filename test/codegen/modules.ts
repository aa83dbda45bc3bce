// Generated modules in tests: type-checked as a user's project would, loaded, and linked against the runtime's sources.
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { transpile } from '../../src/codegen/transpile.ts';
import * as runtime from '../../src/runtime/index.ts';
import type { GpuModelOptions, Model, ModelSpecification } from '../../src/runtime/index.ts';

export interface GeneratedModule {
  readonly specification: ModelSpecification;
  create(options?: GpuModelOptions): Promise<Model>;
}

/** What a generated module exports, once it is JavaScript. */
export async function load(text: string): Promise<GeneratedModule> {
  const javascript = await transpile(text);
  const { outputText } = ts.transpileModule(javascript, {
    compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.CommonJS, allowJs: true },
  });
  const exports = {};
  const require = (name: string) => {
    if (name !== 'nnc/runtime') throw new Error(`a generated module imports ${name}`);
    return runtime;
  };
  // eslint-disable-next-line @typescript-eslint/no-implied-eval, @typescript-eslint/no-unsafe-call -- generated text is what is tested
  new Function('exports', 'require', outputText)(exports, require);
  return exports as GeneratedModule;
}

/** What TypeScript finds wrong with modules, by name, under the strictest settings that generated code follows. */
export function typeErrors(modules: ReadonlyMap<string, string>): readonly string[] {
  const files = new Map([...modules].map(([name, text]) => [`${name}.mts`, text]));
  return typeErrorsIn(files, { noUnusedLocals: true, noUnusedParameters: true, noImplicitReturns: true });
}

/** What `tsc --init` of TypeScript 5.9 writes. */
export const initialOptions: ts.CompilerOptions = {
  moduleDetection: ts.ModuleDetectionKind.Force,
  noUncheckedIndexedAccess: true,
  noUncheckedSideEffectImports: true,
  isolatedModules: true,
};

/** What TypeScript finds wrong with a folder's files, by name, with the compiler's strict options and these. */
export function typeErrorsIn(
  texts: ReadonlyMap<string, string>,
  further: ts.CompilerOptions,
): readonly string[] {
  const options: ts.CompilerOptions = {
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    lib: ['lib.es2023.d.ts', 'lib.dom.d.ts'],
    types: ['node'],
    strict: true,
    exactOptionalPropertyTypes: true,
    verbatimModuleSyntax: true,
    allowImportingTsExtensions: true,
    skipLibCheck: true,
    noEmit: true,
    paths: { 'nnc/runtime': [fileURLToPath(new URL('../../src/runtime/index.ts', import.meta.url))] },
    ...further,
  };
  const folder = fileURLToPath(new URL('generated/', import.meta.url));
  const files = new Map([...texts].map(([name, text]) => [folder + name, text]));
  const host = ts.createCompilerHost(options);
  const { getSourceFile, fileExists, readFile, directoryExists } = host;
  host.fileExists = (path) => files.has(path) || fileExists(path);
  host.readFile = (path) => files.get(path) ?? readFile(path);
  host.directoryExists = (path) =>
    [...files.keys()].some((file) => file.startsWith(`${path}/`)) || directoryExists?.(path) === true;
  host.getSourceFile = (path, languageVersion, ...rest) => {
    const text = files.get(path);
    if (text !== undefined) return ts.createSourceFile(path, text, languageVersion);
    return getSourceFile(path, languageVersion, ...rest);
  };
  const roots = [...files.keys()].filter((path) => /\.[mc]?ts$/.test(path));
  const program = ts.createProgram(roots, options, host);
  return roots.flatMap((path) => {
    const file = program.getSourceFile(path);
    return [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)].map(
      (found) => {
        const { line = 0 } = found.file?.getLineAndCharacterOfPosition(found.start ?? 0) ?? {};
        const message = ts.flattenDiagnosticMessageText(found.messageText, ' ');
        return `${path.slice(folder.length)}:${line + 1} ${message}`;
      },
    );
  });
}
