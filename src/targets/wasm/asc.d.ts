// What is called of AssemblyScript's compiler; tsconfig.json puts these types in the place of its own. Those declare globals for programs
// in its language (`abs`, `i32`, an `Array.at` that never gives undefined), which would be seen in every file here.

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
