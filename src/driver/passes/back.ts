// From graphs to kernels, and from kernels to a target's files. Schedulers and printers are imported at their first use: a check needs
// neither.
import { fuse } from '../../kernel/fuse/fuse.ts';
import { lower } from '../../kernel/lower.ts';
import { compilationOf } from './compilation.ts';
import { simplifyProgram } from './graphs.ts';
import {
  kernelPrograms,
  mapPrograms,
  need,
  type Change,
  type CompilerState,
  type VariantState,
} from './state.ts';

export function simplifyAll(state: CompilerState): Change {
  return mapPrograms(state, simplifyProgram);
}

export function lowerAll(state: CompilerState): Change {
  return mapPrograms(state, (program) => ({ ...program, kernels: lower(program.graph) }));
}

export function fuseAll(state: CompilerState): Change {
  const { keepsGradients: keepGradients } = state.target;
  return mapPrograms(state, (program) => {
    return { ...program, kernels: fuse(need(program.kernels, 'the kernel form'), { keepGradients }) };
  });
}

/** Rewrites what the target cannot run. */
export function legalizeAll(state: CompilerState): Change {
  const { legalize } = state.target;
  const change: Change = legalize
    ? mapPrograms(state, (program) => ({
        ...program,
        kernels: legalize(need(program.kernels, 'the kernel form')),
      }))
    : {};
  return { ...change, compilation: compilationOf({ ...state, ...change }) };
}

/** Marks kernels that schedules treat specially: contractions, convolutions. */
export async function recognizeAll(state: CompilerState): Promise<Change> {
  const { recognize } = await import('../../kernel/recognize/recognize.ts');
  return mapPrograms(state, (program) => ({
    ...program,
    kernels: recognize(need(program.kernels, 'the kernel form')),
  }));
}

/** Plans each variant of the target's code: how kernels are grouped, and where each buffer is stored. */
export async function scheduleAll(state: CompilerState): Promise<Change> {
  const { planPrograms } = await import('../../schedule/schedule.ts');
  const programs = kernelPrograms(state);
  const variants = (await state.target.variants(state.wishes)).map((variant): VariantState =>
    variant.schedule ? { variant, plan: planPrograms(programs, variant.schedule.machine) } : { variant },
  );
  return { variants };
}

export async function emitLoopsAll({ variants }: CompilerState): Promise<Change> {
  const { emitLoops } = await import('../../schedule/schedule.ts');
  return {
    variants: variants.map((each) => (each.plan ? { ...each, loops: emitLoops(each.plan) } : each)),
  };
}

/** Assigns addresses to buffers and barriers to steps; the model's memory use is that of its best variant. */
export async function placeAll({ variants, compilation, target }: CompilerState): Promise<Change> {
  const [{ placeInMemory }, { checkAddressable, checkBuffers }, { memoryUse }] = await Promise.all([
    import('../../schedule/schedule.ts'),
    import('../check-addressable.ts'),
    import('../../schedule/memory-use.ts'),
  ]);
  const compiled = need(compilation, 'the compilation');
  const { name: model } = compiled.specification;
  const place = (each: VariantState): VariantState => {
    const { loops, variant } = each;
    if (!loops || !variant.schedule) return each;
    const { reserved, most, buffers } = variant.schedule;
    const schedule = placeInMemory(loops, reserved);
    if (most !== undefined) checkAddressable(schedule, { most, place: target.place, model });
    if (buffers !== undefined) checkBuffers(schedule, { most: buffers, place: target.place });
    return { ...each, schedule };
  };
  const placed = variants.map(place);
  const best = placed[0];
  if (!best?.plan || !best.schedule || !best.variant.schedule) return { variants: placed };
  const memory = memoryUse(best.plan, best.schedule, best.variant.schedule.page);
  return {
    variants: placed,
    compilation: { ...compiled, specification: { ...compiled.specification, memory } },
  };
}

export async function printAll(state: CompilerState): Promise<Change> {
  const compilation = need(state.compilation, 'the compilation');
  const variants: VariantState[] = [];
  for (const each of state.variants)
    variants.push({ ...each, text: await state.target.print(compilation, each.variant, each.schedule) });
  return { variants };
}

/** Compiles the text, where the target has a compiler, and writes it to files beside the module that loads it. */
export async function makeProducts(state: CompilerState): Promise<Change> {
  const printed = state.variants.map(({ variant, schedule, text }) => ({
    variant,
    text: need(text, 'the text'),
    ...(schedule && { schedule }),
  }));
  const place = need(state.place, 'a place for the products');
  return {
    products: await state.target.products(need(state.compilation, 'the compilation'), printed, place),
  };
}
