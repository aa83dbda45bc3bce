// Builtins that rearrange elements, and the einsum.
import { elementCount, showShape } from '../../runtime/tensor.ts';
import { resolveAxes } from '../axes.ts';
import { originOf, originsOf } from '../values/places.ts';
import { checkedInteger } from '../values/types.ts';
import { describe, exampleShape, type TensorValue, type Value } from '../values/values.ts';
import type { Builtin, Call, Given } from './call.ts';

/** Window attributes for the tensor's full shape, from arguments for its axes. */
function windowAttributes(
  call: Call,
  x: TensorValue,
): Readonly<Record<'axes' | 'sizes' | 'strides' | 'dilations' | 'low' | 'high', readonly number[]>> {
  const given = call.named.get('axis');
  const axes = given
    ? resolveAxes(call.context, given.value, x, given.span).filter((axis) => axis !== 'batch')
    : [...x.labels.keys()].slice(-1);
  const offset = x.batched ? 1 : 0;
  const count = axes.length;
  return {
    axes: axes.map((axis) => axis + offset),
    sizes: call.integers('size', 1, count, 1, 1),
    strides: call.integers('stride', 2, count, 1, 1),
    dilations: call.integers('dilation', 3, count, 1, 1),
    low: call.integers('low', 4, count, 0),
    high: call.integers('high', 5, count, 0),
  };
}

function wantList(call: Call, name: string, given: Given | undefined): never {
  if (!given) return call.context.fail('builtin.missing', call.span, { name: call.name, usage: call.usage });
  const args = { owner: call.name, name, expected: 'a list in brackets', found: describe(given.value) };
  return call.context.fail('argument.type', given.span, args);
}

/** Checks that the windows to be added match the result's number of windows. */
function checkParts(
  call: Call,
  x: TensorValue,
  shape: readonly number[],
  attributes: ReturnType<typeof windowAttributes>,
): void {
  const expected = [...shape];
  const offset = x.batched ? 1 : 0;
  for (const [i, axis] of attributes.axes.entries()) {
    const padded = (shape[axis - offset] ?? 0) + (attributes.low[i] ?? 0) + (attributes.high[i] ?? 0);
    const window = ((attributes.sizes[i] ?? 1) - 1) * (attributes.dilations[i] ?? 1) + 1;
    expected[axis - offset] = Math.floor((padded - window) / (attributes.strides[i] ?? 1)) + 1;
  }
  const found = showShape(exampleShape(x));
  const wanted = showShape([...expected, ...attributes.sizes]);
  if (found === wanted) return;
  const args = { found, shape: showShape(shape), wanted };
  call.context.fail('window.parts', call.span, args, { related: originOf(x) });
}

/** Every window must fit into its padded axis. */
function checkWindows(call: Call, x: TensorValue, attributes: ReturnType<typeof windowAttributes>): void {
  const entry = (name: 'sizes' | 'dilations' | 'low' | 'high', i: number) => attributes[name][i] ?? 0;
  for (const [i, axis] of attributes.axes.entries()) {
    const size = (x.node.shape[axis] ?? 0) + entry('low', i) + entry('high', i);
    const window = (entry('sizes', i) - 1) * entry('dilations', i) + 1;
    if (window > size)
      call.context.fail('window.size', call.span, { window, size }, { related: originOf(x) });
  }
}

const windowNames = ['axis', 'size', 'stride', 'dilation', 'low', 'high'];

/** Describes the mismatch of an einsum's operands. */
function einsumMisfit(text: string, operands: readonly TensorValue[]): string | undefined {
  const [left = '', right = '', output] = text.split(/,|->/);
  if (output === undefined || !/^[a-zA-Z]*,[a-zA-Z]*->[a-zA-Z]*$/.test(text))
    return 'this does not read as an einsum of two operands';
  const sizes = new Map<string, number>();
  for (const [i, letters] of [left, right].entries()) {
    const shape = operands[i] ? exampleShape(operands[i]) : [];
    const which = i === 0 ? 'first' : 'second';
    const twice = repeated(letters);
    if (twice !== undefined) return `\`${twice}\` names two axes of the ${which} operand`;
    if (letters.length !== shape.length)
      return `\`${letters}\` names ${letters.length === 1 ? '1 axis' : `${letters.length} axes`}, but the ${which} operand has shape ${showShape(shape)}`;
    for (const [axis, letter] of [...letters].entries()) {
      const size = shape[axis] ?? 0;
      const known = sizes.get(letter) ?? size;
      if (known !== size)
        return `\`${letter}\` has size ${known} in the first operand, but ${size} in the second`;
      sizes.set(letter, size);
    }
  }
  const stranger = [...output].find((letter) => !sizes.has(letter));
  if (stranger !== undefined) return `\`${stranger}\` of the result is an axis of neither operand`;
  const twice = repeated(output);
  return twice === undefined ? undefined : `\`${twice}\` names two axes of the result`;
}

function repeated(letters: string): string | undefined {
  return [...letters].find((letter, i) => letters.indexOf(letter) !== i);
}

function einsum(call: Call): Value {
  const [specification] = call.positional;
  const text = specification?.value.kind === 'string' ? specification.value.value.replace(/\s/g, '') : '';
  const [a, b] = [call.tensor(1), call.tensor(2)];
  const reason = einsumMisfit(text, [a, b]);
  if (reason !== undefined) {
    const related = originsOf([a, b]);
    call.context.fail('einsum.specification', specification?.span ?? call.span, { reason }, { related });
  }
  const [left = '', right = '', output = ''] = text.split(/,|->/);
  const labelsOf = (letters: string) => [...letters].map((letter) => 1 + letter.charCodeAt(0));
  return call.tensors.contract(
    { value: a, labels: labelsOf(left) },
    { value: b, labels: labelsOf(right) },
    labelsOf(output),
  );
}

export const shapeBuiltins: Readonly<Record<string, Builtin>> = {
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
      const parts = call.integer('parts', 2, 2, 1);
      const size = exampleShape(x)[axis] ?? 0;
      if (size % parts !== 0) {
        const args = { size, parts, shape: showShape(exampleShape(x)) };
        call.context.fail('split.uneven', call.span, args, { related: originOf(x) });
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
      const start = call.integer('start', 2, 0);
      const end = call.integer('end', 3, size);
      if (end > size || start >= end)
        call.context.fail('slice.range', call.span, { start, end, size }, { related: originOf(x) });
      return call.tensors.slice(x, axis, start, end, call.integer('stride', 4, 1, 1));
    },
  },
  pad: {
    usage: 'pad(x, axis, low, high, value = 0)',
    names: ['axis', 'low', 'high', 'value'],
    needs: 1,
    run: (call) => {
      const x = call.tensor(0);
      const position = call.axis(x, 1, -1) + (x.batched ? 1 : 0);
      const [low, high] = [call.integer('low', 2, 0), call.integer('high', 3, 0)];
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
      if (given?.value.kind !== 'list') return wantList(call, 'shape', given);
      const shape = given.value.items.map((item) => checkedInteger(call.context, item, given.span, 1));
      const labels = given.value.items.map((item) => (item.kind === 'number' ? item.label : undefined));
      return call.tensors.reshape(call.tensor(0), shape, labels);
    },
  },
  flatten: {
    usage: 'flatten(x)',
    needs: 1,
    run: (call) => {
      const x = call.tensor(0);
      return call.tensors.reshape(x, [elementCount(exampleShape(x))]);
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
        return call.context.fail('permute.axes', call.span, { shape: showShape(exampleShape(x)) });
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
      const attributes = windowAttributes(call, x);
      checkWindows(call, x, attributes);
      return call.tensors.attributed('windows', x, { ...attributes, value });
    },
  },
  unwindows: {
    usage: 'unwindows(x, size, stride = 1, dilation = 1, low = 0, high = 0, shape = [sizes], axis = -1)',
    names: [...windowNames, 'shape'],
    needs: 1,
    run: (call) => {
      const x = call.tensor(0);
      const given = call.named.get('shape');
      if (given?.value.kind !== 'list') return wantList(call, 'shape', given);
      const shape = given.value.items.map((item) => checkedInteger(call.context, item, given.span, 1));
      const full = x.batched ? [call.tensors.batch, ...shape] : shape;
      const attributes = windowAttributes(call, x);
      checkParts(call, x, shape, attributes);
      return call.tensors.attributed('unwindows', x, { ...attributes, shape: full });
    },
  },
  einsum: {
    usage: 'einsum("td, od -> to", a, b)',
    needs: 3,
    run: (call) => einsum(call),
  },
};
