import { expect, it } from 'vitest';
import { picturesCode } from '../../../../src/train/data/kernel/pictures-code.ts';

it('the kernel’s code is that of its source', async () => {
  const script = new URL('../../../../scripts/data-kernel.mjs', import.meta.url).href;
  const { compileKernel } = (await import(/* @vite-ignore */ script)) as { compileKernel(): Promise<string> };
  expect(picturesCode).toBe(await compileKernel());
});
