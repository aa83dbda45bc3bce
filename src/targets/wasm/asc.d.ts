// The part of AssemblyScript's compiler that is used; tsconfig.json substitutes these types for its own. Those declare globals for
// programs in its language (`abs`, `i32`, an `Array.at` that never returns undefined), which every file here would see.

interface Compiler {
  main(
    words: readonly string[],
    files: {
      readFile(name: string): string | null;
      writeFile(name: string, contents: string | Uint8Array): void;
      listFiles(): readonly string[];
    },
  ): Promise<{ readonly error: Error | null; readonly stderr: { toString(): string } }>;
}

declare const compiler: Compiler;
export default compiler;
