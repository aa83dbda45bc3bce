// Worker threads run compiled code: this compiles the sources a thread loads into a folder of its own, without checking types.
import { mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import ts from 'typescript';

const root = fileURLToPath(new URL('../../../', import.meta.url));

/** @param entry relative to the repository; what it imports relatively is compiled too */
export async function compileForThread(entry: string): Promise<URL> {
  // below node_modules, so that packages are found from there
  await mkdir(join(root, 'node_modules/.cache'), { recursive: true });
  const folder = await mkdtemp(join(root, 'node_modules/.cache/nnc-thread-'));
  const done = new Set<string>();
  const compile = async (path: string): Promise<void> => {
    if (done.has(path)) return;
    done.add(path);
    const text = await readFile(path, 'utf8');
    const { outputText } = ts.transpileModule(text, {
      compilerOptions: {
        target: ts.ScriptTarget.ES2022,
        module: ts.ModuleKind.ESNext,
        rewriteRelativeImportExtensions: true,
        verbatimModuleSyntax: true,
      },
    });
    const out = join(folder, relative(root, path)).replace(/\.ts$/, '.js');
    await mkdir(dirname(out), { recursive: true });
    await writeFile(out, outputText);
    for (const [, found = ''] of outputText.matchAll(/from ['"](\.[^'"]+)\.js['"]/g))
      await compile(resolve(dirname(path), `${found}.ts`));
  };
  await writeFile(join(folder, 'package.json'), '{ "type": "module" }');
  await compile(join(root, entry));
  return pathToFileURL(join(folder, entry).replace(/\.ts$/, '.js'));
}
