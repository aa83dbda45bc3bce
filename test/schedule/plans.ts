// The plans of a small model's program, by the kernels of their groups.
import { compile } from '../../src/compile.ts';
import type { Machine } from '../../src/schedule/machine/machine.ts';
import { recognize } from '../../src/kernel/recognize/recognize.ts';
import { planProgram } from '../../src/schedule/program.ts';
import { kernelsOf, type GroupPlan } from '../../src/schedule/type.ts';
import type { ProgramName } from '../../src/runtime/specification.ts';

export interface Planned {
  /** The plan of the group that the kernel is in. Throws where it is of another kind. */
  plan<K extends GroupPlan['kind']>(kernel: string, kind: K): GroupPlan & { readonly kind: K };
  readonly plans: readonly GroupPlan[];
}

export function planText(
  text: string,
  machine: Machine,
  { program = 'step', batch = 64 }: { readonly program?: ProgramName; readonly batch?: number } = {},
): Planned {
  const source = { path: 'test.nn', text, library: false };
  const { programs } = compile(source, { target: 'wasm', batch, programs: [program] });
  const found = programs.get(program);
  if (!found) throw new Error(`no program ${program}`);
  const { groups, plans } = planProgram(recognize(found.kernels), machine);
  return {
    plans,
    plan(kernel, kind) {
      const index = groups.findIndex((group) => kernelsOf(group).some(({ name }) => name === kernel));
      const plan = plans[index];
      if (!plan) {
        const all = groups.flatMap((group) => kernelsOf(group).map(({ name }) => name));
        throw new Error(`no kernel ${kernel} among ${all.join(', ')}`);
      }
      if (plan.kind !== kind) throw new Error(`${kernel} is planned as ${plan.kind}`);
      return plan as GroupPlan & { readonly kind: typeof kind };
    },
  };
}

/** A dense classifier of `inputs` values. */
export const dense = (inputs: number, outputs: number) => `
model Dense {
  input x: [${inputs}]
  target y: [${outputs}]
  net { Linear(${outputs}) ReLU }
  loss MSE
  optimizer SGD(lr = 0.1)
  train { epochs = 1 }
}`;

/** Two convolutions, the second of `channels` by `channels`. */
export const convolutional = (channels: number, size: number) => `
model Convolutional {
  input x: [${channels}, ${size}, ${size}]
  target y: [${channels}, ${size}, ${size}]
  net {
    Conv2d(${channels}, kernel = 3, padding = same)
    ReLU
    Conv2d(${channels}, kernel = 3, padding = same)
  }
  loss MSE
  optimizer SGD(lr = 0.1)
  train { epochs = 1 }
}`;
