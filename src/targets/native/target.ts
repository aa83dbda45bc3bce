// The row of native code: loops over one arena, printed as C with vectors and compiled by the system's C compiler.
import { diagnostic, DiagnosticError } from '../../diagnostics/diagnostic.ts';
import { nativePage } from '../../runtime/native/layout.ts';
import type { Missing, Target } from '../target.ts';
import type { Compiler } from './compiler.ts';

export const native: Target = {
  name: 'native',
  title: 'native',
  place: 'native',
  modes: [],
  machineBound: 'native results go by the processor',
  automatic: true,
  keepsGradients: false,
  async missing() {
    const found = await lookForCompiler();
    return 'reason' in found ? found : undefined;
  },
  async present() {
    const { command, version, tuning } = await compilerHere();
    return [`${command} ${version}`, ...tuning].join(', ');
  },
  async cacheKey() {
    const { command, identity } = await compilerHere();
    return `${command} ${identity}`;
  },
  async variants() {
    const { machine } = await compilerHere();
    return [{ name: 'native', schedule: { machine, reserved: 0, page: nativePage } }];
  },
  async print(_, __, schedule) {
    const { printScheduled } = await import('./print.ts');
    if (!schedule) throw new Error('native code is printed from a schedule');
    return printScheduled(schedule, (await compilerHere()).machine).source;
  },
  async products(compiled, printed, request) {
    const { nativeProducts } = await import('./products.ts');
    return nativeProducts(compiled.specification, printed, request);
  },
  async profile(request) {
    const { profileNative } = await import('./profile.ts');
    return profileNative(request);
  },
};

async function compilerHere(): Promise<Compiler> {
  const found = await lookForCompiler();
  if ('reason' in found) throw new DiagnosticError([found.diagnostic]);
  return found;
}

async function lookForCompiler(): Promise<Compiler | Missing> {
  const { CompilerMissing, findCompiler } = await import('./compiler.ts');
  try {
    return await findCompiler();
  } catch (error) {
    if (!(error instanceof CompilerMissing)) throw error;
    const reason = error.message;
    return { reason, diagnostic: diagnostic('target.compiler', undefined, { reason }) };
  }
}
