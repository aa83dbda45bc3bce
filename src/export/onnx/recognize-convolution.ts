// Convolutions: a contraction that reads one operand through windows, optionally followed by a bias; and the transposed convolution, a
// contraction whose result is summed over overlapping windows.
import type { Node } from '../../ir/graph/type.ts';
import { windowAlong, type WindowGeometry } from '../../ops/windows.ts';
import { arrange } from './convert-contraction.ts';
import { productOf, type Extent } from './extent.ts';
import {
  biasOf,
  isPrivate,
  numbersOf,
  windowGeometry,
  type Match,
  type Recognizer,
  type Surroundings,
  type Writing,
} from './patterns.ts';

/** An operand of a contraction, with a label for each axis: equal labels are the same index. */
interface Operand {
  readonly node: Node;
  readonly labels: readonly number[];
}

interface Windowed {
  readonly input: Node;
  readonly geometry: WindowGeometry;
  /** For each axis of the input, its labels: two if the axis was split into groups. */
  readonly axes: readonly (readonly number[])[];
  readonly window: readonly number[];
}

/** The operand as windows over an input, one axis of which may have been split. */
function windowedBy({ node, labels }: Operand, around: Surroundings): Windowed | undefined {
  const split = node.operation === 'reshape' ? around.node(node.inputs[0]) : undefined;
  const windows = split ?? node;
  if (windows.operation !== 'windows' || windows.attributes['value'] !== 0) return undefined;
  const input = around.node(windows.inputs[0]);
  if (!input) return undefined;
  const geometry = windowGeometry(windows);
  const rank = input.shape.length;
  const at = split ? splitAxis(windows.shape, node.shape, geometry.axes) : -1;
  if (at === undefined || at >= rank) return undefined;
  const axes: number[][] = [];
  let next = 0;
  for (let axis = 0; axis < rank; axis++) {
    const count = axis === at ? 2 : 1;
    axes.push(labels.slice(next, next + count));
    next += count;
  }
  return { input, geometry, axes, window: labels.slice(next) };
}

/** The axis of `before`, not in `except`, that was split into two axes of `after`. */
function splitAxis(
  before: readonly number[],
  after: readonly number[],
  except: readonly number[],
): number | undefined {
  const rest = (shape: readonly number[], from: number) => shape.slice(from).join();
  const at = before.findIndex(
    (size, axis) =>
      !except.includes(axis) &&
      before.slice(0, axis).join() === after.slice(0, axis).join() &&
      (after[axis] ?? 0) * (after[axis + 1] ?? 0) === size &&
      rest(before, axis + 1) === rest(after, axis + 2),
  );
  return after.length === before.length + 1 && at >= 0 ? at : undefined;
}

export const convolution: Recognizer = (node, around) => {
  const biased = biasOf(node, around);
  const product = biased?.product ?? node;
  const operands = operandsOf(product, around);
  if (!operands) return undefined;
  const output = numbersOf(product, 'output');
  for (const [operand, weight] of operands) {
    const windowed = windowedBy(operand, around);
    const axes = windowed && convolutionAxes(windowed, operand.labels, weight.labels, output);
    if (!axes) continue;
    if (biased && (axes.group !== undefined || output[biased.axis] !== axes.made)) continue;
    return convolutionMatch({ operand, windowed, weight, output, axes, bias: biased?.bias });
  }
  return undefined;
};

/** The operands of a contraction, in both orders. */
function operandsOf(
  product: Node,
  around: Surroundings,
): readonly (readonly [Operand, Operand])[] | undefined {
  if (product.operation !== 'contraction') return undefined;
  const [left, right] = product.inputs.map((id) => around.node(id));
  if (!left || !right) return undefined;
  const a = { node: left, labels: numbersOf(product, 'left') };
  const b = { node: right, labels: numbersOf(product, 'right') };
  return [
    [a, b],
    [b, a],
  ];
}

/** The labels of a contraction by their role in a convolution. */
interface ConvolutionAxes {
  readonly example: number;
  readonly group: number | undefined;
  /** The input and output channels of a group. */
  readonly summed: number;
  readonly made: number;
  /** The windows' positions, and the places in them. */
  readonly spatial: readonly number[];
  readonly window: readonly number[];
}

function convolutionAxes(
  { geometry, axes, window }: Windowed,
  labels: readonly number[],
  weightLabels: readonly number[],
  output: readonly number[],
): ConvolutionAxes | undefined {
  const spatial = geometry.axes.map((axis) => axes[axis]?.[0] ?? -1);
  const free = axes.flat().filter((label) => !spatial.includes(label));
  const inOutput = (label: number) => output.includes(label);
  const inWeight = (label: number) => weightLabels.includes(label);
  const examples = free.filter((label) => inOutput(label) && !inWeight(label));
  const summed = free.filter((label) => !inOutput(label) && inWeight(label));
  const groups = free.filter((label) => inOutput(label) && inWeight(label));
  const made = weightLabels.filter((label) => inOutput(label) && !labels.includes(label));
  const fits =
    examples.length === 1 &&
    summed.length === 1 &&
    groups.length <= 1 &&
    made.length === 1 &&
    free.length === examples.length + summed.length + groups.length &&
    spatial.length <= 3 &&
    spatial.every((label) => inOutput(label) && !inWeight(label)) &&
    window.every((label) => inWeight(label) && !inOutput(label)) &&
    weightLabels.length === window.length + 2 + groups.length &&
    output.length === spatial.length + 2 + groups.length;
  const [example, group, c, o] = [examples[0], groups[0], summed[0], made[0]];
  if (!fits || example === undefined || c === undefined || o === undefined) return undefined;
  return { example, group, summed: c, made: o, spatial, window };
}

interface Convolution {
  readonly operand: Operand;
  readonly windowed: Windowed;
  readonly weight: Operand;
  readonly output: readonly number[];
  readonly axes: ConvolutionAxes;
  readonly bias: Node | undefined;
}

function convolutionMatch(found: Convolution): Match | undefined {
  const { windowed, weight, output, axes, bias, operand } = found;
  const { example, group, made, spatial } = axes;
  const grouped = group !== undefined;
  const result = grouped ? [example, group, made, ...spatial] : [example, made, ...spatial];
  // The channels of all groups are one axis of the input, or are merged into one.
  const channels = grouped ? [group, axes.summed] : [axes.summed];
  const joined = windowed.axes.findIndex((each) => each.join() === channels.join());
  if (joined < 0 && windowed.axes.some((each) => each.length > 1)) return undefined;
  return {
    operands: [windowed.input, weight.node, ...(bias ? [bias] : [])],
    write(writing) {
      const { graph, extents, full } = writing;
      const sizeOf = (label: number): Extent => {
        const at = operand.labels.indexOf(label);
        if (at >= 0) return extents(operand.node)[at] ?? 1;
        return extents(weight.node)[weight.labels.indexOf(label)] ?? 1;
      };
      const x =
        joined >= 0
          ? graph.transpose(full(windowed.input), [
              windowed.axes.findIndex((each) => each[0] === example),
              joined,
              ...windowed.geometry.axes,
            ])
          : writeJoinedInput(writing, windowed, [example, ...channels, ...spatial], sizeOf);
      const w = writeKernel(writing, found, sizeOf);
      const y = graph.apply('Conv', [x, w, ...(bias ? [full(bias)] : [])], {
        ...windowAttributes(windowed.geometry),
        group: grouped ? Number(sizeOf(group)) : 1,
      });
      const merged = grouped && [sizeOf(example), productOf([sizeOf(group), sizeOf(made)]) ?? 1];
      const name = merged ? graph.reshape(y, [...merged, ...spatial.map(sizeOf)], result.map(sizeOf)) : y;
      return {
        name: arrange(graph, { name, labels: result }, output),
        extents: output.map(sizeOf),
      };
    },
  };
}

/** The input as [examples, channels, …spatial]: the channels' axes, separate in `order`, are merged. */
function writeJoinedInput(
  { graph, extents, full }: Writing,
  { input, geometry, axes }: Windowed,
  order: readonly number[],
  sizeOf: (label: number) => Extent,
): string {
  const [example = 1, ...rest] = order.map(sizeOf);
  const channels = rest.slice(0, rest.length - geometry.axes.length);
  const x = arrange(graph, { name: full(input), labels: axes.flat() }, order);
  return graph.reshape(x, order.map(sizeOf), [
    example,
    productOf(channels) ?? 1,
    ...geometry.axes.map((axis) => extents(input)[axis] ?? 1),
  ]);
}

/** The weight as [output channels, input channels, …window], with the groups in the first axis. */
function writeKernel(
  { graph, full }: Writing,
  { weight, axes: { group, made, summed, window } }: Convolution,
  sizeOf: (label: number) => Extent,
): string {
  const order = [...(group === undefined ? [] : [group]), made, summed, ...window];
  const kernel = arrange(graph, { name: full(weight.node), labels: weight.labels }, order);
  if (group === undefined) return kernel;
  const outer = productOf([sizeOf(group), sizeOf(made)]) ?? 1;
  return graph.reshape(kernel, order.map(sizeOf), [outer, sizeOf(summed), ...window.map(sizeOf)]);
}

export function windowAttributes({ sizes, strides, dilations, low, high }: WindowGeometry) {
  return { kernel_shape: sizes, strides, dilations, pads: [...low, ...high] };
}

export const transposedConvolution: Recognizer = (node, around) => {
  const product = node.operation === 'unwindows' ? around.node(node.inputs[0]) : undefined;
  const operands = product && operandsOf(product, around);
  if (!operands || !isPrivate(product, around)) return undefined;
  const output = numbersOf(product, 'output');
  const geometry = windowGeometry(node);
  for (const [input, weight] of operands) {
    const axes = transposedAxes(node.shape.length, geometry, output, [input.labels, weight.labels]);
    const padding = axes && outputPadding(node, geometry, input, axes.spatial);
    if (!padding) continue;
    const { example, summed, made, spatial, window } = axes;
    return {
      operands: [input.node, weight.node],
      write({ graph, extents, full }) {
        const x = arrange(graph, { name: full(input.node), labels: input.labels }, [
          example,
          summed,
          ...spatial,
        ]);
        const w = arrange(graph, { name: full(weight.node), labels: weight.labels }, [
          summed,
          made,
          ...window,
        ]);
        const attributes = { ...windowAttributes(geometry), output_padding: padding };
        const y = graph.apply('ConvTranspose', [x, w], attributes);
        const result = { name: y, labels: [example, made, ...spatial] };
        return { name: arrange(graph, result, output.slice(0, node.shape.length)), extents: extents(node) };
      },
    };
  }
  return undefined;
};

function transposedAxes(
  rank: number,
  geometry: WindowGeometry,
  output: readonly number[],
  [labels, weightLabels]: readonly [readonly number[], readonly number[]],
): Omit<ConvolutionAxes, 'group'> | undefined {
  const window = output.slice(rank);
  const spatial = geometry.axes.map((axis) => output[axis] ?? -1);
  const others = output.slice(0, rank).filter((label) => !spatial.includes(label));
  const [example] = others.filter((label) => labels.includes(label) && !weightLabels.includes(label));
  const [made] = others.filter((label) => weightLabels.includes(label) && !labels.includes(label));
  const [summed] = labels.filter((label) => weightLabels.includes(label) && !output.includes(label));
  const fits =
    others.length === 2 &&
    spatial.length <= 3 &&
    labels.length === spatial.length + 2 &&
    weightLabels.length === window.length + 2 &&
    spatial.every((label) => labels.includes(label)) &&
    window.every((label) => weightLabels.includes(label));
  if (!fits || example === undefined || made === undefined || summed === undefined) return undefined;
  return { example, made, summed, spatial, window };
}

/** The sizes by which the node exceeds its windows; undefined if ONNX allows no such padding. */
function outputPadding(
  node: Node,
  geometry: WindowGeometry,
  input: Operand,
  spatial: readonly number[],
): readonly number[] | undefined {
  const along = geometry.axes.map((axis, k) => {
    const { stride, dilation, low, high, extent } = windowAlong(geometry, k);
    const positions = input.node.shape[input.labels.indexOf(spatial[k] ?? -1)] ?? 1;
    const count = (node.shape[axis] ?? 0) - ((positions - 1) * stride + extent - low - high);
    return { count, allowed: count >= 0 && count < Math.max(stride, dilation) };
  });
  return along.every(({ allowed }) => allowed) ? along.map(({ count }) => count) : undefined;
}
