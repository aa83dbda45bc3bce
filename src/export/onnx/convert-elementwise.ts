// Element-wise primitives. ONNX broadcasts their operands, so pending broadcasts of operands are not written.
import { overNames, scalarFunctions, scalarNames, type OnnxFunction } from '../../ir/scalar.ts';
import type { OperationName } from '../../ops/table.ts';
import type { Conversion, Converter } from './converter.ts';
import { isBatch, type Extent } from './extent.ts';
import type { Value } from './onnx-graph.ts';

const float = 1;
const bool = 9;

/** The broadcast extents of several operands. */
export function jointExtents(values: readonly Value[]): readonly Extent[] {
  const rank = Math.max(0, ...values.map(({ extents }) => extents.length));
  return Array.from({ length: rank }, (_, axis) => {
    const sizes = values.map(({ extents }) => extents[axis - (rank - extents.length)] ?? 1);
    return sizes.find((size) => isBatch(size) || size > 1) ?? 1;
  });
}

export function elementwise<K extends OperationName>(operator: string): Converter<K> {
  return ({ graph, inputs }) => ({
    name: graph.apply(
      operator,
      inputs.map(({ name }) => name),
    ),
    extents: jointExtents(inputs),
  });
}

const onnxNames = scalarNames.filter(
  (name): name is OnnxFunction => scalarFunctions[name].onnx !== undefined,
);

/** The scalar functions that are an operator of ONNX, according to their row. */
export const scalarConverters: { readonly [F in OnnxFunction]: Converter<F> } = overNames(onnxNames, (name) =>
  elementwise(scalarFunctions[name].onnx ?? name),
);

/** Returns 1 or 0; the boolean is kept for a `select` that reads it. */
export function comparison<K extends OperationName>(operator: string): Converter<K> {
  return ({ graph, inputs }) => {
    const truth = graph.apply(
      operator,
      inputs.map(({ name }) => name),
    );
    return { name: graph.apply('Cast', [truth], { to: float }), extents: jointExtents(inputs), truth };
  };
}

export function convertSelect({ graph, inputs }: Conversion<'select'>): Value {
  const [condition, yes, no] = inputs;
  if (!condition || !yes || !no) throw new Error('select: an operand is missing');
  const truth = condition.truth ?? graph.apply('Cast', [condition.name], { to: bool });
  return { name: graph.apply('Where', [truth, yes.name, no.name]), extents: jointExtents(inputs) };
}

export function passOn<K extends OperationName>({ inputs }: Conversion<K>): Value {
  const [value] = inputs;
  if (!value) throw new Error('an operand is missing');
  return value;
}

/** log u · x / d with u = 1 + x and d = u − 1: the factor x / d corrects the rounding of the sum. */
export function convertLog1p({ graph, inputs: [x] }: Conversion<'log1p'>): Value {
  if (!x) throw new Error('log1p: an operand is missing');
  const [zero, one] = [graph.float(0), graph.float(1)];
  const u = graph.apply('Add', [x.name, one]);
  const d = graph.apply('Sub', [u, one]);
  const quotient = graph.apply('Div', [x.name, d]);
  const ratio = graph.apply('Where', [graph.apply('Equal', [d, x.name]), one, quotient]);
  const far = graph.apply('Mul', [graph.apply('Log', [u]), ratio]);
  return { name: graph.apply('Where', [graph.apply('Equal', [d, zero]), x.name, far]), extents: x.extents };
}

/** tanh(x / 2) · (exp x + 1), which equals exp x − 1 without cancellation. */
export function convertExpm1({ graph, inputs: [x] }: Conversion<'expm1'>): Value {
  if (!x) throw new Error('expm1: an operand is missing');
  const tangent = graph.apply('Tanh', [graph.apply('Mul', [x.name, graph.float(0.5)])]);
  const above = graph.apply('Add', [graph.apply('Exp', [x.name]), graph.float(1)]);
  return { name: graph.apply('Mul', [tangent, above]), extents: x.extents };
}
