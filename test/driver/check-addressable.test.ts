import { expect, it } from 'vitest';
import { folderWith, nncHere } from '../cli/program.ts';

const model = (batch: number) => `model M {
  input x: [4000]
  target y: [2]
  net { Linear(70000) ReLU Linear(2) }
  loss MSE
  optimizer Adam
  train { batch = ${batch} }
}
`;

it('refuses what wasm cannot address before anything is printed, and names what is large', async () => {
  const cwd = folderWith({ 'm.nn': model(4096) });
  const { code, stderr } = await nncHere(['compile', 'm.nn', '--target', 'wasm'], { cwd });
  expect(code).toBe(2);
  expect(stderr).toMatch(
    /^error\[memory\.address\]: M needs 5\.\d\d GiB of memory, and code on wasm can address 4\.00 GiB\n/,
  );
  expect(stderr).toMatch(
    /help: The largest: relu_1 \[4096, 70000\] 1\.07 GiB, .*linear_1\.W \[70000, 4000\]/,
  );
  expect(stderr).toContain('A smaller batch');
});
