// Strips the types from a generated module's TypeScript. Nothing else changes, so that the `toString` of a kernel, which gpu.js
// translates, is what a person reads in the module.

export async function transpile(module: string): Promise<string> {
  const { ts } = await import('ts-morph');
  const { outputText } = ts.transpileModule(module, {
    compilerOptions: {
      target: ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.ESNext,
      verbatimModuleSyntax: true,
    },
  });
  return outputText;
}
