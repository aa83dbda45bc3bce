// Convolutions: a contraction that reads one operand through windows, with a bias added behind it where there is one; and the
// transpose of one, a contraction whose result is laid over its windows.
import type { Node } from '../../ir/graph/type.ts';
import { geometryOf, type WindowGeometry } from '../../ops/windows.ts';
import { arrange } from './convert-contraction.ts';
import { productOf, type Extent } from './extent.ts';
import { biasOf, isPrivate, numbersOf, type Match, type Recognizer, type Surroundings } from './patterns.ts';

interface Windowed {
  readonly input: Node;
  readonly geometry: WindowGeometry;
  /** For each axis of the input, its labels: two where the axis was split into groups. */
  readonly axes: readonly (readonly number[])[];
  readonly window: readonly number[];
}

/** The operand as windows over an input, of which one axis may have been split in two. */
function windowedBy(
  node: Node | undefined,
  labels: readonly number[],
  around: Surroundings,
): Windowed | undefined {
  const split = node?.operation === 'reshape' ? around.node(node.inputs[0]) : undefined;
  const windows = split ?? node;
  if (windows?.operation !== 'windows' || windows.attributes['value'] !== 0) return undefined;
  const input = around.node(windows.inputs[0]);
  if (!input) return undefined;
  const geometry = geometryOf(windows.attributes as unknown as WindowGeometry);
  const rank = input.shape.length;
  const at = split ? splitAxis(windows.shape, node?.shape ?? [], geometry.axes) : -1;
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

/** Which axis of a shape, but for some, became two of another. */
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
  if (product.operation !== 'contraction') return undefined;
  const [left, right] = product.inputs.map((id) => around.node(id));
  const [a, b, output] = ['left', 'right', 'output'].map((name) => numbersOf(product, name));
  if (!left || !right || !a || !b || !output) return undefined;
  const bias = biased && { node: biased.bias, axis: biased.axis };
  return (
    convolve(left, a, right, b, output, bias, around) ?? convolve(right, b, left, a, output, bias, around)
  );
};

function convolve(
  operand: Node,
  labels: readonly number[],
  weight: Node,
  weightLabels: readonly number[],
  output: readonly number[],
  bias: { readonly node: Node; readonly axis: number } | undefined,
  around: Surroundings,
): Match | undefined {
  const windowed = windowedBy(operand, labels, around);
  if (!windowed) return undefined;
  const { input, geometry, axes, window } = windowed;
  const spatial = geometry.axes.map((axis) => axes[axis]?.[0] ?? -1);
  const free = axes.flat().filter((label) => !spatial.includes(label));
  const inOutput = (label: number) => output.includes(label);
  const inWeight = (label: number) => weightLabels.includes(label);
  const examples = free.filter((label) => inOutput(label) && !inWeight(label));
  const summed = free.filter((label) => !inOutput(label) && inWeight(label));
  const groups = free.filter((label) => inOutput(label) && inWeight(label));
  const made = weightLabels.filter((label) => inOutput(label) && !labels.includes(label));
  const [n, c, g, o] = [examples[0], summed[0], groups[0], made[0]];
  const fits =
    examples.length === 1 &&
    summed.length === 1 &&
    groups.length <= 1 &&
    made.length === 1 &&
    free.length === examples.length + summed.length + groups.length &&
    spatial.every((label) => inOutput(label) && !inWeight(label)) &&
    window.every((label) => inWeight(label) && !inOutput(label)) &&
    weightLabels.length === window.length + 2 + groups.length &&
    output.length === spatial.length + 2 + groups.length;
  if (!fits || n === undefined || c === undefined || o === undefined || spatial.length > 3) return undefined;
  if (bias && (g !== undefined || output[bias.axis] !== o)) return undefined;
  const channels = g === undefined ? [c] : [g, c];
  const result = g === undefined ? [n, o, ...spatial] : [n, g, o, ...spatial];
  // The channels of all groups lie in one axis of the input, or are put there.
  const joined = axes.findIndex((each) => each.join() === channels.join());
  const order = [n, ...channels, ...spatial];
  if (joined < 0 && axes.some((each) => each.length > 1)) return undefined;
  return {
    operands: [input, weight, ...(bias ? [bias.node] : [])],
    write({ graph, extents, whole }) {
      const sizeOf = (label: number): Extent => {
        const at = labels.indexOf(label);
        if (at >= 0) return extents(operand)[at] ?? 1;
        return extents(weight)[weightLabels.indexOf(label)] ?? 1;
      };
      let x: string;
      if (joined >= 0) {
        const wanted = [axes.findIndex((each) => each[0] === n), joined, ...geometry.axes];
        x = graph.transpose(whole(input), wanted);
      } else {
        x = arrange(graph, { name: whole(input), labels: axes.flat() }, order);
        x = graph.reshape(x, order.map(sizeOf), [
          sizeOf(n),
          productOf(channels.map(sizeOf)) ?? 1,
          ...spatial.map((_, k) => extents(input)[geometry.axes[k] ?? 0] ?? 1),
        ]);
      }
      const kernel = [...(g === undefined ? [] : [g]), o, c, ...window];
      let w = arrange(graph, { name: whole(weight), labels: weightLabels }, kernel);
      if (g !== undefined)
        w = graph.reshape(w, kernel.map(sizeOf), [
          productOf([sizeOf(g), sizeOf(o)]) ?? 1,
          sizeOf(c),
          ...window.map(sizeOf),
        ]);
      let y = graph.apply('Conv', [x, w, ...(bias ? [whole(bias.node)] : [])], {
        ...windowAttributes(geometry),
        group: g === undefined ? 1 : Number(sizeOf(g)),
      });
      if (g !== undefined) {
        const merged = [sizeOf(n), productOf([sizeOf(g), sizeOf(o)]) ?? 1, ...spatial.map(sizeOf)];
        y = graph.reshape(y, merged, result.map(sizeOf));
      }
      const name = arrange(graph, { name: y, labels: result }, output);
      return { name, extents: output.map(sizeOf) };
    },
  };
}

export function windowAttributes({ sizes, strides, dilations, low, high }: WindowGeometry) {
  return { kernel_shape: sizes, strides, dilations, pads: [...low, ...high] };
}

export const transposedConvolution: Recognizer = (node, around) => {
  const product = node.operation === 'unwindows' ? around.node(node.inputs[0]) : undefined;
  if (product?.operation !== 'contraction' || !isPrivate(product, around)) return undefined;
  const output = numbersOf(product, 'output');
  const geometry = geometryOf(node.attributes as unknown as WindowGeometry);
  const rank = node.shape.length;
  const window = output.slice(rank);
  const spatial = geometry.axes.map((axis) => output[axis] ?? -1);
  const others = output.slice(0, rank).filter((label) => !spatial.includes(label));
  const [left, right] = product.inputs.map((id) => around.node(id));
  if (!left || !right) return undefined;
  const leftLabels = numbersOf(product, 'left');
  const rightLabels = numbersOf(product, 'right');
  for (const [x, xs, w, ws] of [
    [left, leftLabels, right, rightLabels],
    [right, rightLabels, left, leftLabels],
  ] as const) {
    const [n] = others.filter((label) => xs.includes(label) && !ws.includes(label));
    const [o] = others.filter((label) => ws.includes(label) && !xs.includes(label));
    const [c] = xs.filter((label) => ws.includes(label) && !output.includes(label));
    const fits =
      n !== undefined &&
      o !== undefined &&
      c !== undefined &&
      others.length === 2 &&
      xs.length === spatial.length + 2 &&
      ws.length === window.length + 2 &&
      spatial.every((label) => xs.includes(label)) &&
      window.every((label) => ws.includes(label));
    if (!fits || spatial.length > 3) continue;
    const padding = geometry.axes.map((axis, k) => {
      const positions = x.shape[xs.indexOf(spatial[k] ?? -1)] ?? 1;
      const extent = (geometry.dilations[k] ?? 1) * ((geometry.sizes[k] ?? 1) - 1) + 1;
      const made =
        (positions - 1) * (geometry.strides[k] ?? 1) +
        extent -
        (geometry.low[k] ?? 0) -
        (geometry.high[k] ?? 0);
      return (node.shape[axis] ?? 0) - made;
    });
    if (
      padding.some(
        (count, k) => count < 0 || count >= Math.max(geometry.strides[k] ?? 1, geometry.dilations[k] ?? 1),
      )
    )
      continue;
    return {
      operands: [x, w],
      write({ graph, extents, whole }) {
        const input = arrange(graph, { name: whole(x), labels: xs }, [n, c, ...spatial]);
        const kernel = arrange(graph, { name: whole(w), labels: ws }, [c, o, ...window]);
        const attributes = { ...windowAttributes(geometry), output_padding: padding };
        const y = graph.apply('ConvTranspose', [input, kernel], attributes);
        const name = arrange(graph, { name: y, labels: [n, o, ...spatial] }, output.slice(0, rank));
        return { name, extents: extents(node) };
      },
    };
  }
  return undefined;
};
