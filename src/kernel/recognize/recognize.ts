// Annotates every kernel of a fused program with its pattern, where schedules treat it differently. Recognition happens only here: later
// stages read the kernel's `pattern`.
import type { KernelProgram, MapKernel, Pattern } from '../../ir/stages/type.ts';
import { asContraction } from './contraction.ts';
import { convolutionsOf } from './convolution.ts';

export function recognize(program: KernelProgram): KernelProgram {
  const kernels = program.kernels.map((kernel) => {
    if (kernel.kind !== 'map') return kernel;
    const pattern = patternOf(kernel);
    if (pattern) return { ...kernel, pattern };
    if (!kernel.pattern) return kernel;
    const plain: { -readonly [field in keyof MapKernel]: MapKernel[field] } = { ...kernel };
    delete plain.pattern;
    return plain;
  });
  return { ...program, kernels };
}

function patternOf(kernel: MapKernel): Pattern | undefined {
  const contraction = asContraction(kernel);
  if (!contraction) return undefined;
  const forms = convolutionsOf(contraction, kernel.axes);
  return forms.length === 0
    ? { kind: 'contraction', contraction }
    : { kind: 'convolution', contraction, forms };
}
