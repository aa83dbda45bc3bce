// What a printed routine uses and does not declare itself, no name of the user's may hide: an input called `min` became a pointer, and
// the routine's `min(…)` a call of it.
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { printModule as printC } from '../../src/codegen/c/module.ts';
import { namesInC } from '../../src/codegen/c/reserved.ts';
import { printModule as printAssembly } from '../../src/codegen/wasm/module.ts';
import { namesInAssembly } from '../../src/codegen/wasm/print-routine.ts';
import type { KernelProgram } from '../../src/ir/stages/type.ts';
import { reservedBytes } from '../../src/runtime/wasm/words.ts';
import { wasmFused, wasmPlain } from '../../src/schedule/machine/machine.ts';
import { machineOf } from '../../src/schedule/machine/native.ts';
import { schedule } from '../../src/schedule/schedule.ts';
import { describeOnEveryTarget, modelOn } from './every-target.ts';
import { primitives } from './primitive-cases.ts';
import { nets, prepareNet } from './small-models.ts';

const modules: readonly (readonly KernelProgram[])[] = [
  primitives.map(({ program }) => program),
  ...nets.map((net) => prepareNet(net).programs),
];

/** What `find` finds in the texts of all modules. */
function inAll(
  print: (programs: readonly KernelProgram[]) => string,
  find: (text: string) => ReadonlySet<string>,
) {
  return new Set(modules.flatMap((programs) => [...find(print(programs))]));
}

/** Identifiers in the functions `…_kernel` of a module that no declaration in them stands for. */
function freeInAssembly(text: string): ReadonlySet<string> {
  const free = new Set<string>();
  const source = ts.createSourceFile('module.ts', text, ts.ScriptTarget.Latest, true);
  for (const statement of source.statements) {
    if (!ts.isFunctionDeclaration(statement) || !statement.name?.text.endsWith('_kernel')) continue;
    const [declared, used] = [new Set<string>(), new Set<string>()];
    const visit = (node: ts.Node): void => {
      if ((ts.isParameter(node) || ts.isVariableDeclaration(node)) && ts.isIdentifier(node.name))
        declared.add(node.name.text);
      if (ts.isIdentifier(node) && !(ts.isPropertyAccessExpression(node.parent) && node.parent.name === node))
        used.add(node.text);
      ts.forEachChild(node, visit);
    };
    [...statement.parameters, ...(statement.body ? [statement.body] : [])].forEach(visit);
    for (const name of used) if (!declared.has(name)) free.add(name);
  }
  return free;
}

/** The same of a C file. */
function freeInC(text: string): ReadonlySet<string> {
  const free = new Set<string>();
  for (const [, head = '', body = ''] of text.matchAll(/^static void \w+_kernel\((.*)\{\n([\s\S]*?)^\}/gm)) {
    const code = `${head}\n${body.replace(/\/\/.*$/gm, '')}`;
    const declared = new Set(
      [...code.matchAll(/\b(?:float|long|vec|ints|int) (?:\*(?:const )?)?(\w+)(?= =|[,;)[])/g)].map(
        ([, name = '']) => name,
      ),
    );
    for (const [name] of code.matchAll(/\b[A-Za-z_]\w*/g)) if (!declared.has(name)) free.add(name);
  }
  return free;
}

describe('a name of the user’s hides nothing that a routine uses', () => {
  it.each([true, false])('on wasm, fused %s', (fused) => {
    const machine = fused ? wasmFused : wasmPlain;
    const print = (programs: readonly KernelProgram[]) =>
      printAssembly(schedule(programs, machine, reservedBytes), { fused, threads: true });
    const free = inAll(print, freeInAssembly);
    expect(free).toContain('min');
    expect([...free].filter((name) => namesInAssembly().fresh(name) === name)).toEqual([]);
  });

  it.each(['avx512', 'avx2', 'sse2', 'none'] as const)('in C, %s', (set) => {
    const machine = machineOf(set);
    const print = (programs: readonly KernelProgram[]) => printC(schedule(programs, machine, 0), { machine });
    const free = inAll(print, freeInC);
    expect(free).toContain('least');
    expect([...free].filter((name) => namesInC().fresh(name) === name)).toEqual([]);
  });
});

const inputs = [
  'min',
  'numbers',
  'i64',
  'tile4x2',
  'tile_4x2',
  'least',
  'uniform',
  'load',
  'M_PI',
  'vec',
  'Math',
];
const text = `model M {
${inputs.map((name) => `  input ${name}: [37]`).join('\n')}
  target y: [3]
${inputs.map((name, i) => `  let h${i} = ${name} -> Linear(40)`).join('\n')}
  output part = tanh(${inputs.map((_, i) => `h${i}`).join(' + ')}) -> Linear(3)
  loss MSE
  optimizer SGD(lr = 0.1)
  train { batch = 9 }
}`;

describeOnEveryTarget('inputs with such names', (target) => {
  it('are read', async () => {
    const draw = (from: number, count: number) => Array.from({ length: count }, (_, i) => Math.sin(from + i));
    const arrays = Object.fromEntries(inputs.map((name, i) => [name, draw(i, 9 * 37)]));
    const [model, expected] = [await modelOn(target, text), await modelOn('interpreter', text)];
    for (const each of [model, expected]) await each.step({ ...arrays, y: draw(5, 27) });
    const [found, right] = [await model.forward(arrays), await expected.forward(arrays)];
    expect(found['part']?.shape).toEqual([9, 3]);
    found['part']?.data.forEach((value, i) => expect(value).toBeCloseTo(right['part']?.data[i] ?? NaN, 4));
    for (const each of [model, expected]) await each.destroy();
  });
});
