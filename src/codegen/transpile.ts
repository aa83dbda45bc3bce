// A generated module's TypeScript enters, JavaScript leaves: the same text without its types, so that `toString` of a kernel gives
// gpu.js what a person reads in the module.

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
