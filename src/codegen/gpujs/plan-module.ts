// Plans a module: which kernels it has, under which names, and which functions call them in which order. A kernel that two programs share
// occurs once. Everything is decided here; module.ts only prints.
import { fail } from '../../diagnostics/diagnostic.ts';
import type { Phase } from '../../ir/graph/type.ts';
import type { Buffer, BufferId, Kernel, KernelProgram } from '../../ir/stages/type.ts';
import { buffersRead } from '../../ir/stages/walk.ts';
import type { ProgramName } from '../../runtime/specification.ts';
import type { CompiledPrograms } from '../compiled.ts';
import { Names } from '../names.ts';
import { describeKernel } from '../describe-kernel.ts';
import { helperNames, withCallees, type HelperName } from './helpers.ts';
import { printKernel } from './kernel.ts';
import { elementCount } from '../../runtime/tensor.ts';

export interface PlannedKernel {
  readonly name: string;
  readonly parameters: readonly string[];
  readonly body: string;
  /** Paragraphs for people. */
  readonly comment: readonly string[];
}

/** `const value = await run(kernel, shape, ...reads)` */
export interface Call {
  readonly value: string;
  readonly kernel: string;
  readonly shape: readonly number[];
  readonly reads: readonly string[];
  readonly source: Kernel;
}

/** A property `key` of one of a function's arguments, and its name in the function. */
export interface Taken {
  readonly key: string;
  readonly identifier: string;
  readonly group: Group;
}

/** The types of a function's arguments: arrays on the device. */
export const groups = ['DeviceInputs', 'DeviceTargets', 'Progress', 'Parameters', 'State'] as const;
export type Group = (typeof groups)[number];

export interface PlannedPhase {
  readonly phase: Phase;
  /** Kernels that no earlier phase of the module contains. */
  readonly kernels: readonly PlannedKernel[];
  readonly calls: readonly Call[];
  readonly takes: readonly Taken[];
  /** Values of earlier phases that it reads. */
  readonly uses: readonly string[];
  /** Values that later phases or the program's results need. */
  readonly gives: readonly string[];
}

export interface PlannedProgram {
  readonly name: ProgramName;
  readonly phases: readonly PlannedPhase[];
  /** The results' inputs that no phase computes. */
  readonly takes: readonly Taken[];
  readonly outputs: readonly Result[];
  readonly updates: readonly Result[];
}

/** A value and the name or path by which the runtime knows it. */
export interface Result {
  readonly key: string;
  readonly identifier: string;
  readonly shape: readonly number[];
}

export interface ModulePlan {
  readonly helpers: readonly HelperName[];
  readonly programs: readonly PlannedProgram[];
  readonly groups: ReadonlyMap<Group, readonly GroupMember[]>;
}

export interface GroupMember {
  readonly key: string;
  readonly shape: readonly number[];
  readonly buffer: Buffer;
}

/** The order of the programs in a module. */
const order: readonly ProgramName[] = ['step', 'evaluate', 'metrics', 'forward', 'gradient', 'inverse'];

/** Suffixes for a kernel whose text differs from that of the same kernel in an earlier program. */
const suffixes: { readonly [name in ProgramName]: string } = {
  step: 'in_training',
  evaluate: 'in_evaluation',
  forward: 'in_inference',
  metrics: 'over_all',
  gradient: 'for_gradients',
  inverse: 'inverted',
};

/** float32 counts exactly only up to here, and kernels index their elements in float32. */
const mostElements = 2 ** 24;

/** @param taken identifiers of the module that functions and kernels must not shadow */
export function planModule({ programs }: CompiledPrograms, taken: readonly string[]): ModulePlan {
  const planner = new ModulePlanner([...taken, ...helperNames]);
  const planned = order.flatMap((name) => {
    const program = programs.get(name);
    return program ? [planner.program(name, program.kernels)] : [];
  });
  return { helpers: withCallees(planner.helpers), programs: planned, groups: planner.groups };
}

class ModulePlanner {
  readonly helpers = new Set<HelperName>();
  readonly groups = new Map<Group, GroupMember[]>();
  private readonly names: Names;
  private readonly kernels = new Map<string, string>();

  constructor(taken: readonly string[]) {
    this.names = new Names(taken);
  }

  program(name: ProgramName, program: KernelProgram): PlannedProgram {
    const view = new ProgramView(program);
    for (const buffer of program.buffers) {
      if (buffer.alias !== undefined) continue;
      checkSize(buffer);
      this.join(buffer);
    }
    const results = [
      ...program.outputs.map(({ buffer }) => buffer),
      ...program.updates.map(({ value }) => value),
    ];
    const phases = view.phases().map(({ phase, kernels }) => this.phase(name, phase, kernels, view));
    const result = (key: string, buffer: BufferId): Result => {
      return { key, identifier: this.identifier(view.root(buffer)), shape: view.shape(buffer) };
    };
    return {
      name,
      phases: phases.map((planned, i) => ({
        ...planned,
        gives: planned.calls
          .map((call) => call.value)
          .filter((value) => {
            const later = phases.slice(i + 1).some(({ uses }) => uses.includes(value));
            return later || results.some((buffer) => this.identifier(view.root(buffer)) === value);
          }),
      })),
      takes: this.taken(results.map((buffer) => view.root(buffer))),
      outputs: program.outputs.map((output) => result(output.name, output.buffer)),
      updates: program.updates.map((update) => result(pathOf(view.root(update.stored)), update.value)),
    };
  }

  private phase(
    program: ProgramName,
    phase: Phase,
    kernels: readonly Kernel[],
    view: ProgramView,
  ): Omit<PlannedPhase, 'gives'> {
    const fresh: PlannedKernel[] = [];
    const own = new Set(kernels.map((kernel) => kernel.output));
    const read: Buffer[] = [];
    const calls = kernels.map((kernel): Call => {
      const { parameters, body, reads, helpers } = printKernel(kernel, view.program, this.names);
      helpers.forEach((helper) => this.helpers.add(helper));
      const value = this.identifier(view.root(kernel.output));
      const { name, isNew } = this.kernel(value, `${parameters.join()} ${body}`, program);
      if (isNew) fresh.push({ name, parameters, body, comment: describeKernel(kernel, reads, view.program) });
      const buffers = reads.map((id) => view.root(id));
      read.push(...buffers);
      return {
        value,
        kernel: name,
        shape: view.root(kernel.output).shape,
        reads: buffers.map((buffer) => this.identifier(buffer)),
        source: kernel,
      };
    });
    const outside = [...new Set(read)].filter((buffer) => !own.has(buffer.id));
    const uses = outside.filter((buffer) => buffer.role.kind === 'temporary');
    return {
      phase,
      kernels: fresh,
      calls,
      takes: this.taken(outside),
      uses: uses.map((buffer) => this.identifier(buffer)),
    };
  }

  /** The existing function with this text, or a name for a new one. */
  private kernel(
    value: string,
    text: string,
    program: ProgramName,
  ): { readonly name: string; readonly isNew: boolean } {
    const key = `${value} ${text}`;
    const known = this.kernels.get(key);
    if (known !== undefined) return { name: known, isNew: false };
    const other = this.kernels.has(value);
    const name = this.names.fresh(other ? `compute_${value}_${suffixes[program]}` : `compute_${value}`);
    this.kernels.set(key, name).set(value, name);
    return { name, isNew: true };
  }

  private taken(buffers: readonly Buffer[]): readonly Taken[] {
    return [...new Set(buffers)].flatMap((buffer) => {
      const place = placeOf(buffer);
      return place ? [{ ...place, identifier: this.identifier(buffer) }] : [];
    });
  }

  private join(buffer: Buffer): void {
    const place = placeOf(buffer);
    if (!place) return;
    const members = this.groups.get(place.group) ?? [];
    this.groups.set(place.group, members);
    if (members.some(({ key }) => key === place.key)) return;
    members.push({ key: place.key, shape: buffer.shape, buffer });
  }

  private identifier(buffer: Buffer): string {
    return this.names.of(buffer.name);
  }
}

/** A program, with its buffers indexed. */
class ProgramView {
  private readonly buffers: ReadonlyMap<BufferId, Buffer>;

  constructor(readonly program: KernelProgram) {
    this.buffers = new Map(program.buffers.map((buffer) => [buffer.id, buffer]));
  }

  /** The buffer that owns the storage. */
  root(id: BufferId): Buffer {
    const buffer = this.buffers.get(id);
    if (!buffer) throw new Error(`no buffer ${id}`);
    return buffer.alias === undefined ? buffer : this.root(buffer.alias);
  }

  shape(id: BufferId): readonly number[] {
    return this.buffers.get(id)?.shape ?? [];
  }

  /** The kernels by phase, in order; one that needs a value of a later phase belongs to that. */
  phases(): readonly { readonly phase: Phase; readonly kernels: readonly Kernel[] }[] {
    const ranks = new Map<BufferId, number>();
    const byRank = phaseOrder.map((phase) => ({ phase, kernels: [] as Kernel[] }));
    for (const kernel of this.program.kernels) {
      const sources = buffersRead(kernel).map((id) => ranks.get(this.root(id).id) ?? 0);
      const rank = Math.max(phaseOrder.indexOf(kernel.phase), ...sources);
      ranks.set(kernel.output, rank);
      byRank[rank]?.kernels.push(kernel);
    }
    return byRank.filter(({ kernels }) => kernels.length > 0);
  }
}

const phaseOrder: readonly Phase[] = ['forward', 'backward', 'update'];

function placeOf(buffer: Buffer): { readonly key: string; readonly group: Group } | undefined {
  const { role, name } = buffer;
  if (role.kind === 'temporary') return undefined;
  if (role.kind === 'stored')
    return { key: role.path, group: role.storage === 'parameter' ? 'Parameters' : 'State' };
  if (role.input === 'input') return { key: name, group: 'DeviceInputs' };
  if (role.input === 'target') return { key: name, group: 'DeviceTargets' };
  return { key: role.input, group: 'Progress' };
}

function pathOf({ role, name }: Buffer): string {
  if (role.kind !== 'stored') throw new Error(`${name} is updated and not stored`);
  return role.path;
}

function checkSize({ name, shape }: Buffer): void {
  const elements = elementCount(shape);
  if (elements > mostElements) fail('target.elements', undefined, { name, elements });
}
