// The assets of pages: our scripts and styles, which the build puts beside this file, and uPlot's from its package. Assets come from a
// fixed table: input from outside cannot select a file.
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

export type PageScript = 'curves' | 'chart-grid' | 'report' | 'dashboard';
export type PageStyle = 'theme' | 'report' | 'dashboard';

/** The script for a browser: an ES module with relative imports. */
export async function pageScript(name: PageScript): Promise<string> {
  // run from its sources, as in tests, there is no build
  if (import.meta.url.endsWith('.ts')) return transpile(await ownFile(`${name}.ts`));
  return (await ownFile(`${name}.js`)).replace(/^\/\/# sourceMappingURL=.*$/m, '');
}

export async function pageStyle(name: PageStyle): Promise<string> {
  return ownFile(`${name}.css`);
}

function ownFile(name: string): Promise<string> {
  return readFile(new URL(`./page/${name}`, import.meta.url), 'utf8');
}

async function transpile(text: string): Promise<string> {
  const { ts } = await import('ts-morph');
  const { outputText } = ts.transpileModule(text, {
    compilerOptions: {
      target: ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.ESNext,
      rewriteRelativeImportExtensions: true,
      verbatimModuleSyntax: true,
    },
  });
  return outputText;
}

/** uPlot as a classic script that defines `uPlot`, with its style. */
export async function chartLibrary(): Promise<{ readonly script: string; readonly style: string }> {
  const folder = dirname(createRequire(import.meta.url).resolve('uplot'));
  const [script, style] = await Promise.all(
    ['uPlot.iife.min.js', 'uPlot.min.css'].map((name) => readFile(join(folder, name), 'utf8')),
  );
  return { script: script ?? '', style: style ?? '' };
}

/**
 * Bundles modules that import only one another into one script, in topological order.
 * @throws Error if a module uses an unsupported form of export or import
 */
export function joinModules(modules: readonly string[]): string {
  const bodies = modules.map((text) => {
    const body = text
      .replace(/^import\s[^;'"]*from\s+(['"])\.\/[^'"]+\1;[^\S\n]*$/gm, '')
      .replace(/^export (?=(?:async )?function |class |const )/gm, '')
      .replace(/^export \{\};[^\S\n]*$/gm, '');
    if (/^(?:import|export)\b/m.test(body))
      throw new Error('a page script imports or exports in another form');
    return body.trim();
  });
  return `(() => {\n'use strict';\n${bodies.join('\n')}\n})();\n`;
}
