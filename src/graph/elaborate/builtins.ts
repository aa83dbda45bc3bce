// The functions that the language itself knows: thin names for primitives, and what is said of shapes. Everything that can be
// a formula of these is library text (src/std), not a row here.
import type { Span } from '../../diagnostics/source.ts';
import { suggest } from '../../diagnostics/suggest.ts';
import type { Argument } from '../../parser/ast.ts';
import { editFor } from './call.ts';
import type { Context, Environment } from './context.ts';
import { generatorOf } from './generators.ts';
import { resolveAxes, type AxisReference } from './axes.ts';
import { wholeNumber } from './types.ts';
import {
  describe,
  describeShape,
  exampleShape,
  numberValue,
  poison,
  type BuiltinValue,
  type Generator,
  type GeneratorDimension,
  type TensorValue,
  type Value,
} from './values.ts';

interface Given {
  readonly value: Value;
  readonly span: Span;
}

/** One call under way: its arguments by position and by name. */
class Call {
  constructor(
    readonly context: Context,
    readonly name: string,
    readonly positional: readonly Given[],
    readonly named: ReadonlyMap<string, Given>,
    readonly span: Span,
  ) {}

  get tensors(): Context['tensors'] {
    return this.context.tensors;
  }

  tensor(index: number): TensorValue {
    const given = this.positional[index];
    if (!given)
      return this.context.fail('builtin.missing', this.span, { name: this.name, usage: usage(this.name) });
    if (given.value.kind === 'tensor') return given.value;
    const generator = generatorOf(given.value);
    if (generator) return this.tensors.generate(generator);
    return this.context.fail('value.tensor', given.span, {
      owner: this.name,
      name: 'its argument',
      found: describe(given.value),
    });
  }

  /** An argument by name, or by position where it is not named. */
  argument(name: string, index: number): Given | undefined {
    return this.named.get(name) ?? this.positional[index];
  }

  whole(name: string, index: number, fallback?: number, least = 0): number {
    const given = this.argument(name, index);
    if (!given && fallback !== undefined) return fallback;
    if (!given)
      return this.context.fail('builtin.missing', this.span, { name: this.name, usage: usage(this.name) });
    return wholeNumber(this.context, given.value, given.span, least);
  }

  number(name: string, index: number, fallback?: number): number {
    const given = this.argument(name, index);
    if (!given && fallback !== undefined) return fallback;
    if (given?.value.kind === 'number') return given.value.value;
    return this.context.fail('builtin.number', given?.span ?? this.span, {
      name: this.name,
      argument: name,
      found: given ? describe(given.value) : 'nothing',
    });
  }

  /** One whole number for all, or a list of as many. */
  wholes(name: string, index: number, length: number, fallback: number, least = 0): number[] {
    const given = this.argument(name, index);
    if (!given) return Array.from({ length }, () => fallback);
    const items = given.value.kind === 'list' ? given.value.items : Array.from({ length }, () => given.value);
    if (items.length !== length) {
      this.context.fail('builtin.list', given.span, {
        name: this.name,
        argument: name,
        expected: length,
        found: items.length,
      });
    }
    return items.map((item) => wholeNumber(this.context, item, given.span, least));
  }

  flag(name: string): boolean {
    const given = this.named.get(name);
    return given?.value.kind === 'boolean' && given.value.value;
  }

  axes(x: TensorValue, index: number): readonly AxisReference[] {
    const except = this.named.get('except');
    if (except) {
      const kept = resolveAxes(this.context, except.value, x, except.span);
      return (['batch', ...x.labels.keys()] as AxisReference[]).filter((axis) => !kept.includes(axis));
    }
    const given = this.argument('axis', index);
    if (!given) return [...x.labels.keys()];
    return resolveAxes(this.context, given.value, x, given.span);
  }

  axis(x: TensorValue, index: number, fallback?: number): number {
    const given = this.argument('axis', index);
    if (!given && fallback !== undefined) return fallback < 0 ? fallback + x.labels.length : fallback;
    const [axis] = given ? resolveAxes(this.context, given.value, x, given.span) : [];
    if (typeof axis === 'number') return axis;
    return this.context.fail('builtin.axis', given?.span ?? this.span, { name: this.name });
  }
}

interface Builtin {
  /** How it is called, for messages and for `nnc doc`. */
  readonly usage: string;
  /** Named arguments that it knows. */
  readonly names?: readonly string[];
  /** With fewer positional arguments than this, the call waits for a chain's value. */
  readonly needs: number;
  readonly run: (call: Call) => Value;
}

const axisNames = ['axis', 'except', 'keep'];

function unary(name: string, compute?: (x: number) => number): Builtin {
  return {
    usage: `${name}(x)`,
    needs: 1,
    run: (call) => {
      const [first] = call.positional;
      if (compute && first?.value.kind === 'number') return numberValue(compute(first.value.value));
      if (first?.value.kind === 'generator' && isInitialiserUnary(name)) {
        return {
          kind: 'generator',
          generator: { kind: 'unary', function: name, operand: first.value.generator },
        };
      }
      return call.tensors.unary(name, call.tensor(0));
    },
  };
}

function isInitialiserUnary(name: string): name is 'sqrt' | 'exp' | 'log' | 'sin' | 'cos' | 'abs' | 'floor' {
  return ['sqrt', 'exp', 'log', 'sin', 'cos', 'abs', 'floor'].includes(name);
}

function extremum(
  name: 'max' | 'min',
  operation: 'maximum' | 'minimum',
  compute: (a: number, b: number) => number,
): Builtin {
  return {
    usage: `${name}(x, axis = …, keep = false) or ${name}(a, b)`,
    names: axisNames,
    needs: 1,
    run: (call) => {
      const [first, second] = call.positional;
      if (!second) {
        const x = call.tensor(0);
        const axes = call.axes(x, 1);
        if (name === 'max') return call.tensors.reduce('max', x, axes, call.flag('keep'));
        return call.tensors.unary(
          'negate',
          call.tensors.reduce('max', call.tensors.unary('negate', x), axes, call.flag('keep')),
        );
      }
      if (first?.value.kind === 'number' && second.value.kind === 'number') {
        return numberValue(compute(first.value.value, second.value.value));
      }
      const operands = [first, second].map((given, i) =>
        given?.value.kind === 'number' ? given.value.value : call.tensor(i),
      );
      return call.tensors.elementwise(operation, operands, name);
    },
  };
}

function dimensionsOf(call: Call): GeneratorDimension[] {
  return call.positional.map(({ value, span }) => ({
    size: wholeNumber(call.context, value, span, 1),
    label: value.kind === 'number' ? value.label : undefined,
  }));
}

function generated(generator: Generator): Value {
  return { kind: 'generator', generator };
}

function filled(name: string, value: number): Builtin {
  return {
    usage: `${name} or ${name}(size, …)`,
    needs: 0,
    run: (call) => generated({ kind: 'fill', value, dimensions: dimensionsOf(call) }),
  };
}

/** Window attributes over the tensor's full shape, from arguments over its axes. */
function windowAttributes(
  call: Call,
  x: TensorValue,
): { axes: number[] } & Record<string, number | number[]> {
  const given = call.named.get('axis');
  const axes = given
    ? resolveAxes(call.context, given.value, x, given.span).filter((axis) => axis !== 'batch')
    : [...x.labels.keys()].slice(-1);
  const offset = x.batched ? 1 : 0;
  const count = axes.length;
  return {
    axes: axes.map((axis) => axis + offset),
    sizes: call.wholes('size', 1, count, 1, 1),
    strides: call.wholes('stride', 2, count, 1, 1),
    dilations: call.wholes('dilation', 3, count, 1, 1),
    low: call.wholes('low', 4, count, 0),
    high: call.wholes('high', 5, count, 0),
  };
}

const windowNames = ['axis', 'size', 'stride', 'dilation', 'low', 'high'];

export const builtins: Readonly<Record<string, Builtin>> = {
  exp: unary('exp', Math.exp),
  log: unary('log', Math.log),
  sqrt: unary('sqrt', Math.sqrt),
  tanh: unary('tanh', Math.tanh),
  sigmoid: unary('sigmoid'),
  relu: unary('relu'),
  softplus: unary('softplus'),
  erf: unary('erf'),
  sin: unary('sin', Math.sin),
  cos: unary('cos', Math.cos),
  abs: unary('abs', Math.abs),
  sign: unary('sign', Math.sign),
  floor: unary('floor', Math.floor),
  stop_gradient: unary('stop_gradient'),

  max: extremum('max', 'maximum', Math.max),
  min: extremum('min', 'minimum', Math.min),
  where: {
    usage: 'where(condition, a, b)',
    needs: 3,
    run: (call) => {
      const operands = call.positional.map((given, i) =>
        given.value.kind === 'number' ? given.value.value : call.tensor(i),
      );
      return call.tensors.elementwise('select', operands, 'where');
    },
  },

  sum: {
    usage: 'sum(x, axis = …, keep = false)',
    names: axisNames,
    needs: 1,
    run: (call) =>
      call.tensors.reduce('sum', call.tensor(0), call.axes(call.tensor(0), 1), call.flag('keep')),
  },
  mean: {
    usage: 'mean(x, axis = …, keep = false)',
    names: axisNames,
    needs: 1,
    run: (call) => {
      const x = call.tensor(0);
      const axes = call.axes(x, 1);
      const total = call.tensors.reduce('sum', x, axes, call.flag('keep'));
      return call.tensors.elementwise('divide', [total, call.tensors.countOver(x, axes)], '/');
    },
  },
  count: {
    usage: 'count(x, axis = …): how many elements a mean over the axes takes together',
    names: axisNames,
    needs: 1,
    run: (call) => numberValue(call.tensors.countOver(call.tensor(0), call.axes(call.tensor(0), 1))),
  },
  argmax: {
    usage: 'argmax(x, axis = …)',
    names: axisNames,
    needs: 1,
    run: (call) =>
      call.tensors.reduce('argmax', call.tensor(0), call.axes(call.tensor(0), 1), call.flag('keep')),
  },
  size: {
    usage: 'size(x, axis)',
    names: ['axis'],
    needs: 1,
    run: (call) => {
      const x = call.tensor(0);
      return numberValue(exampleShape(x)[call.axis(x, 1, -1)] ?? 1);
    },
  },
  softmax: {
    usage: 'softmax(x, axis = -1)',
    names: ['axis'],
    needs: 1,
    run: (call) => alongAxis(call, 'softmax'),
  },
  log_softmax: {
    usage: 'log_softmax(x, axis = -1)',
    names: ['axis'],
    needs: 1,
    run: (call) => alongAxis(call, 'log_softmax'),
  },
  cumulative_sum: {
    usage: 'cumulative_sum(x, axis = -1)',
    names: ['axis'],
    needs: 1,
    run: (call) => alongAxis(call, 'cumulative_sum'),
  },

  concat: {
    usage: 'concat(a, b, …, axis = 0)',
    names: ['axis'],
    needs: 2,
    run: (call) => {
      const parts = call.positional.map((_, i) => call.tensor(i));
      const [first] = parts;
      const given = call.named.get('axis');
      const [axis] = given && first ? resolveAxes(call.context, given.value, first, given.span) : [0];
      if (typeof axis !== 'number') return call.context.fail('builtin.axis', call.span, { name: call.name });
      return call.tensors.concat(parts, axis);
    },
  },
  split: {
    usage: 'split(x, axis = 0, parts = 2)',
    names: ['axis', 'parts'],
    needs: 1,
    run: (call) => {
      const x = call.tensor(0);
      const axis = call.axis(x, 1, 0);
      const parts = call.whole('parts', 2, 2, 1);
      const size = exampleShape(x)[axis] ?? 0;
      if (size % parts !== 0) {
        call.context.fail('split.uneven', call.span, { size, parts, shape: describeShape(exampleShape(x)) });
      }
      const part = size / parts;
      return {
        kind: 'tuple',
        items: Array.from({ length: parts }, (_, i) => call.tensors.slice(x, axis, i * part, (i + 1) * part)),
      };
    },
  },
  slice: {
    usage: 'slice(x, axis, start, end, stride = 1)',
    names: ['axis', 'start', 'end', 'stride'],
    needs: 1,
    run: (call) => {
      const x = call.tensor(0);
      const axis = call.axis(x, 1, 0);
      const size = exampleShape(x)[axis] ?? 0;
      const start = call.whole('start', 2, 0);
      const end = call.whole('end', 3, size);
      if (end > size || start >= end) call.context.fail('slice.range', call.span, { start, end, size });
      return call.tensors.slice(x, axis, start, end, call.whole('stride', 4, 1, 1));
    },
  },
  pad: {
    usage: 'pad(x, axis, low, high, value = 0)',
    names: ['axis', 'low', 'high', 'value'],
    needs: 1,
    run: (call) => {
      const x = call.tensor(0);
      const position = call.axis(x, 1, -1) + (x.batched ? 1 : 0);
      const [low, high] = [call.whole('low', 2, 0), call.whole('high', 3, 0)];
      const only = (amount: number) => x.node.shape.map((_, i) => (i === position ? amount : 0));
      return call.tensors.attributed('pad', x, {
        low: only(low),
        high: only(high),
        interior: only(0),
        value: call.number('value', 4, 0),
      });
    },
  },
  reverse: {
    usage: 'reverse(x, axis = 0)',
    names: ['axis'],
    needs: 1,
    run: (call) => {
      const x = call.tensor(0);
      const offset = x.batched ? 1 : 0;
      const reversed = call.tensors.attributed('reverse', x, { axes: [call.axis(x, 1, 0) + offset] });
      return { ...reversed, labels: x.labels };
    },
  },
  reshape: {
    usage: 'reshape(x, [sizes])',
    names: ['shape'],
    needs: 1,
    run: (call) => {
      const given = call.argument('shape', 1);
      if (given?.value.kind !== 'list')
        return call.context.fail('builtin.missing', call.span, { name: call.name, usage: usage(call.name) });
      const shape = given.value.items.map((item) => wholeNumber(call.context, item, given.span, 1));
      const labels = given.value.items.map((item) => (item.kind === 'number' ? item.label : undefined));
      return call.tensors.reshape(call.tensor(0), shape, labels);
    },
  },
  flatten: {
    usage: 'flatten(x)',
    needs: 1,
    run: (call) => {
      const x = call.tensor(0);
      return call.tensors.reshape(x, [exampleShape(x).reduce((product, size) => product * size, 1)]);
    },
  },
  permute: {
    usage: 'permute(x, [axes])',
    names: ['axes'],
    needs: 1,
    run: (call) => {
      const x = call.tensor(0);
      const given = call.argument('axes', 1);
      const axes = given
        ? resolveAxes(call.context, given.value, x, given.span).filter((axis) => axis !== 'batch')
        : [];
      if (new Set(axes).size !== x.labels.length) {
        return call.context.fail('permute.axes', call.span, { shape: describeShape(exampleShape(x)) });
      }
      return call.tensors.transpose(x, axes);
    },
  },
  windows: {
    usage: 'windows(x, size, stride = 1, dilation = 1, low = 0, high = 0, value = 0, axis = -1)',
    names: [...windowNames, 'value'],
    needs: 1,
    run: (call) => {
      const x = call.tensor(0);
      const value = call.number('value', 6, 0);
      return call.tensors.attributed('windows', x, { ...windowAttributes(call, x), value });
    },
  },
  unwindows: {
    usage: 'unwindows(x, size, stride = 1, dilation = 1, low = 0, high = 0, shape = [sizes], axis = -1)',
    names: [...windowNames, 'shape'],
    needs: 1,
    run: (call) => {
      const x = call.tensor(0);
      const given = call.named.get('shape');
      if (given?.value.kind !== 'list')
        return call.context.fail('builtin.missing', call.span, { name: call.name, usage: usage(call.name) });
      const shape = given.value.items.map((item) => wholeNumber(call.context, item, given.span, 1));
      const full = x.batched ? [call.tensors.batch, ...shape] : shape;
      return call.tensors.attributed('unwindows', x, { ...windowAttributes(call, x), shape: full });
    },
  },
  einsum: {
    usage: 'einsum("td, od -> to", a, b)',
    needs: 3,
    run: (call) => einsum(call),
  },

  pair: {
    usage: 'pair(value): both entries of a list, or one number twice',
    needs: 1,
    run: (call) => {
      const [given] = call.positional;
      const { value } = given ?? { value: poison };
      if (value.kind === 'number') return { kind: 'tuple', items: [value, value] };
      if (value.kind === 'list' && value.items.length === 2) return { kind: 'tuple', items: value.items };
      return call.context.fail('builtin.pair', call.span, { found: describe(value) });
    },
  },
  one_hot: {
    usage: 'one_hot(ids, size)',
    names: ['size'],
    needs: 1,
    run: (call) => {
      const ids = call.tensor(0);
      const size = call.whole('size', 1, ids.limit, 1);
      const node = call.tensors.builder.apply('one_hot', [ids.node], { size });
      return call.tensors.of(node, ids.batched, [...ids.labels, undefined]);
    },
  },
  lookup: {
    usage: 'lookup(table, ids)',
    needs: 2,
    run: (call) => {
      const [table, ids] = [call.tensor(0), call.tensor(1)];
      if (table.batched) return call.context.fail('lookup.table', call.span, {});
      const node = call.tensors.builder.apply('gather', [table.node, ids.node]);
      return call.tensors.of(node, ids.batched, [...ids.labels, ...table.labels.slice(1)]);
    },
  },
  random: {
    usage: 'random(x): uniform numbers in [0, 1) of the shape of x, fresh each step',
    needs: 1,
    run: (call) => call.tensors.random(call.tensor(0)),
  },

  zeros: filled('zeros', 0),
  ones: filled('ones', 1),
  eye: {
    usage: 'eye(size)',
    needs: 0,
    run: (call) => {
      const [rows, columns = rows] = dimensionsOf(call);
      if (!rows || !columns) return generated({ kind: 'eye' });
      return generated({ kind: 'eye', dimensions: [rows, columns] });
    },
  },
  arange: {
    usage: 'arange(size): 0, 1, 2, …',
    needs: 1,
    run: (call) => generated({ kind: 'iota', dimensions: dimensionsOf(call).slice(0, 1) }),
  },
  draw_normal: {
    usage: 'draw_normal(mean, deviation), in an initialiser',
    needs: 2,
    run: (call) =>
      generated({ kind: 'normal', mean: call.number('mean', 0), deviation: call.number('deviation', 1) }),
  },
  draw_uniform: {
    usage: 'draw_uniform(low, high), in an initialiser',
    needs: 2,
    run: (call) => generated({ kind: 'uniform', low: call.number('low', 0), high: call.number('high', 1) }),
  },
  draw_orthogonal: {
    usage: 'draw_orthogonal(gain), in an initialiser',
    needs: 1,
    run: (call) => generated({ kind: 'orthogonal', gain: call.number('gain', 0) }),
  },
};

function usage(name: string): string {
  return builtins[name]?.usage ?? name;
}

function alongAxis(call: Call, operation: string): Value {
  const x = call.tensor(0);
  const axis = call.axis(x, 1, -1) + (x.batched ? 1 : 0);
  return { ...call.tensors.attributed(operation, x, { axis }), labels: x.labels };
}

function einsum(call: Call): Value {
  const [specification] = call.positional;
  const text = specification?.value.kind === 'string' ? specification.value.value.replace(/\s/g, '') : '';
  const matched = /^([a-zA-Z]*),([a-zA-Z]*)->([a-zA-Z]*)$/.exec(text);
  const [, left = '', right = '', output = ''] = matched ?? [];
  const [a, b] = [call.tensor(1), call.tensor(2)];
  const sizes = new Map<string, number>();
  const fits = (letters: string, x: TensorValue): boolean =>
    letters.length === x.labels.length &&
    new Set(letters).size === letters.length &&
    [...letters].every((letter, i) => {
      const size = exampleShape(x)[i] ?? 0;
      const known = sizes.get(letter) ?? size;
      sizes.set(letter, known);
      return known === size;
    });
  const bothFit =
    matched && fits(left, a) && fits(right, b) && [...output].every((letter) => sizes.has(letter));
  if (!bothFit || new Set(output).size !== output.length) {
    call.context.fail('einsum.specification', specification?.span ?? call.span, {
      left: describeShape(exampleShape(a)),
      right: describeShape(exampleShape(b)),
    });
  }
  const labelOf = (letters: string) => [...letters].map((letter) => 1 + letter.charCodeAt(0));
  const names = new Map([...labelOf(left).entries()].map(([i, label]) => [label, a.labels[i]]));
  labelOf(right).forEach((label, i) => names.set(label, names.get(label) ?? b.labels[i]));
  return call.tensors.contract(a, labelOf(left), b, labelOf(right), labelOf(output), names);
}

/** Calls a builtin, or keeps its arguments until a chain gives the value that comes first. */
export function callBuiltin(
  context: Context,
  callee: BuiltinValue,
  given: readonly Argument[],
  environment: Environment,
  span: Span,
): Value {
  const row = builtins[callee.name];
  const named = new Map<string, Given>(callee.named ?? []);
  const positional: Given[] = [...(callee.positional ?? [])];
  for (const argument of given) {
    const entry = { value: context.evaluate(argument.value, environment), span: argument.value.span };
    if (!argument.name) {
      positional.push(entry);
      continue;
    }
    const known = row?.names ?? [];
    const name = argument.name.text;
    if (!known.includes(name)) {
      context.fail(
        'argument.unknown',
        argument.name.span,
        { owner: callee.name, name, known: known.length > 0 ? known.join(', ') : 'none' },
        editFor(argument.name.span, suggest(name, known)),
      );
    }
    named.set(name, entry);
  }
  return runBuiltin(context, { ...callee, positional, named }, span);
}

/** Runs a builtin that has its arguments; one that lacks tensors is given back, to wait for a chain's value. */
export function runBuiltin(context: Context, callee: BuiltinValue, span: Span): Value {
  const row = builtins[callee.name];
  const positional = callee.positional ?? [];
  const named = callee.named ?? new Map<string, Given>();
  if (!row) throw new Error(`no builtin ${callee.name}`);
  if ([...positional, ...named.values()].some(({ value }) => value.kind === 'poison')) return poison;
  const startsWithTensor = positional[0] !== undefined && isOperand(positional[0].value);
  if (
    positional.length < row.needs ||
    (row.needs > 0 && !startsWithTensor && callee.name !== 'einsum' && row.names)
  )
    return callee;
  context.locate(span);
  return row.run(new Call(context, callee.name, positional, named, span));
}

function isOperand(value: Value): boolean {
  return (
    value.kind === 'tensor' ||
    value.kind === 'generator' ||
    value.kind === 'number' ||
    value.kind === 'builtin'
  );
}
