// The generated C under the compiler's sanitizers: threads that touch the same memory without a barrier between them, addresses
// outside of what was taken, and what the language leaves undefined. On 1 to 3 threads, with the same bits.
import { expect, test } from 'vitest';
import { nativePage } from '../../../src/runtime/native/layout.ts';
import { nets, prepareNet } from '../small-models.ts';
import { compiler, describeNative, temporaryFolder } from './run-native.ts';
import { runSanitized } from './sanitized.ts';

/** The other programs are made of the same loops. */
const watched = new Set(['step']);
const patience = 180_000;

describeNative('the generated C', () => {
  const folder = temporaryFolder();
  const check = (
    programs: ReturnType<typeof prepareNet>['programs'],
    sanitizers: string,
    change?: Change,
  ) => {
    if (!compiler) throw new Error('no compiler');
    // guard gaps: values read past the end of a buffer are not used, but to the tool they are read
    const machine = { ...compiler.machine, guardGaps: true };
    const some = programs.filter(({ name }) => watched.has(name));
    return runSanitized(some, machine, compiler, sanitizers, folder, change);
  };

  test.each(nets)(
    'has no races: $net',
    async (net) => {
      expect(await check(prepareNet(net).programs, 'thread')).toBe('');
    },
    patience,
  );

  test.each(nets)(
    'stays in its memory and in the language: $net',
    async (net) => {
      expect(await check(prepareNet(net).programs, 'address,undefined')).toBe('');
    },
    patience,
  );

  test(
    'is told from C without barriers, and from C that leaves its memory',
    async () => {
      const { programs } = prepareNet({
        input: 'x: [64]',
        net: 'Linear(256) ReLU Linear(200) ReLU Linear(3)',
        batch: 64,
      });
      const lone = (source: string) => source.replaceAll('  barrier(device, threads);', '');
      expect(await check(programs, 'thread', lone)).toContain('data race');
      const small = (source: string) => {
        const beyond = source.replace('aligned_alloc(page, bytes)', 'aligned_alloc(page, page)');
        return beyond.replace(`page = ${nativePage};`, 'page = 4096;');
      };
      expect(await check(programs, 'address,undefined', small)).toContain('heap-buffer-overflow');
    },
    patience,
  );
});

type Change = (source: string) => string;
