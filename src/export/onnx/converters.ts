// The converter of every primitive; type checking requires that none is missing.
import type { OperationName } from '../../ops/table.ts';
import { convertContraction } from './convert-contraction.ts';
import {
  comparison,
  convertExpm1,
  convertLog1p,
  convertSelect,
  elementwise,
  passOn,
  scalarConverters,
} from './convert-elementwise.ts';
import {
  alongAxis,
  convertArgmax,
  convertCumulativeSum,
  convertGather,
  convertIota,
  convertMax,
  convertOneHot,
  convertScatterAdd,
  convertSum,
  refuseRandom,
} from './convert-reductions.ts';
import {
  convertBroadcast,
  convertConcat,
  convertPad,
  convertReshape,
  convertReverse,
  convertSlice,
  convertTranspose,
} from './convert-shapes.ts';
import { convertUnwindows, convertWindows } from './convert-windows.ts';
import { Unsupported, type Conversion, type Converter } from './converter.ts';

export const converters: { readonly [K in OperationName]: Converter<K> } = {
  // leaves; the model's own inputs are written before the first operator
  input: refuseInput,
  stored: ({ graph, attributes, shape, weights }) => ({
    name: graph.initializer(attributes.path, shape.map(Number), {
      type: 'float',
      values: weights(attributes.path),
    }),
    extents: shape,
  }),
  constant: ({ graph, attributes }) => ({ name: graph.float(attributes.value), extents: [] }),
  iota: convertIota,
  random: refuseRandom,
  // element-wise
  ...scalarConverters,
  relu: elementwise('Relu'),
  log1p: convertLog1p,
  expm1: convertExpm1,
  stop_gradient: passOn,
  less: comparison('Less'),
  less_equal: comparison('LessOrEqual'),
  equal: comparison('Equal'),
  select: convertSelect,
  // shapes and data movement
  broadcast: convertBroadcast,
  reshape: convertReshape,
  transpose: convertTranspose,
  slice: convertSlice,
  pad: convertPad,
  concat: convertConcat,
  reverse: convertReverse,
  windows: convertWindows,
  // reductions and concatenations
  sum: convertSum,
  max: convertMax,
  argmax: convertArgmax,
  unwindows: convertUnwindows,
  cumulative_sum: convertCumulativeSum,
  softmax: alongAxis('Softmax'),
  log_softmax: alongAxis('LogSoftmax'),
  contraction: convertContraction,
  // integers as indices
  one_hot: convertOneHot,
  gather: convertGather,
  scatter_add: convertScatterAdd,
};

function refuseInput({ node, attributes }: Conversion<'input'>): never {
  throw new Unsupported(node, `it reads ${attributes.name}, which only training has`);
}
