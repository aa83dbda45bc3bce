// What a quick test must not do, made impossible: starting a process, a browser, or the AssemblyScript compiler. A test that does
// belongs to the slow tier: its name ends in `.slow.test.ts`.
import childProcess from 'node:child_process';
import { syncBuiltinESMExports } from 'node:module';
import { afterAll, vi } from 'vitest';

const done: string[] = [];

function refuse(what: string): never {
  const text = `a quick test ${what}: name the file *.slow.test.ts`;
  done.push(text);
  throw new Error(text);
}

for (const name of ['spawn', 'spawnSync', 'exec', 'execSync', 'execFile', 'execFileSync', 'fork'] as const)
  childProcess[name] = (() => refuse(`starts a process (${name})`)) as never;
syncBuiltinESMExports();

vi.mock('assemblyscript/asc', () => refuse('calls the AssemblyScript compiler'));

// the code under test may have caught the refusal
afterAll(() => {
  const [first] = done.splice(0);
  if (first !== undefined) throw new Error(first);
});
