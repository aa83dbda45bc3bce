import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const slow = 'test/**/*.slow.test.ts';

export default defineConfig({
  resolve: { alias: { 'nnc/runtime': at('./src/runtime/index.ts') } },
  test: {
    testTimeout: 60_000,
    maxWorkers: 2,
    projects: [
      {
        extends: true,
        test: {
          name: 'quick',
          include: ['test/**/*.test.ts'],
          exclude: [slow],
          // one process runs many files, for loading the compiler takes longer than most of them
          isolate: false,
          setupFiles: ['test/support/only-quick.ts'],
        },
      },
      { extends: true, test: { name: 'slow', include: [slow] } },
    ],
  },
});
