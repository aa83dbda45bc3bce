// Suggests a known name for an unknown one, as a sentence and as an edit.
import type { Edit } from '../diagnostics/diagnostic.ts';
import type { Span } from '../diagnostics/source.ts';
import { editDistance, suggest } from '../diagnostics/suggest.ts';

/** Names in other frameworks. */
const otherNames: ReadonlyMap<string, string> = new Map(
  Object.entries({
    ...{ Dense: 'Linear', FullyConnected: 'Linear', Affine: 'Linear', FC: 'Linear', Gemm: 'Linear' },
    ...{ Conv: 'Conv2d', Convolution: 'Conv2d', Convolution2D: 'Conv2d', MaxPool: 'MaxPool2d' },
    ...{ MaxPooling2D: 'MaxPool2d', AvgPool: 'AvgPool2d', AveragePooling2D: 'AvgPool2d' },
    ...{ GlobalAveragePooling2D: 'GlobalAvgPool', GlobalMaxPooling2D: 'GlobalMaxPool' },
    ...{ AdaptiveAvgPool2d: 'GlobalAvgPool', AdaptiveMaxPool2d: 'GlobalMaxPool' },
    ...{ BatchNorm1d: 'BatchNorm', BatchNorm2d: 'BatchNorm', BatchNormalization: 'BatchNorm' },
    ...{
      LayerNormalization: 'LayerNorm',
      Dropout2d: 'Dropout',
      SiLU: 'Swish',
      MultiheadAttention: 'MultiHeadAttention',
    },
    ...{ CrossEntropyLoss: 'CrossEntropy', SparseCategoricalCrossentropy: 'CrossEntropy', NLLLoss: 'NLL' },
    ...{ MSELoss: 'MSE', MeanSquaredError: 'MSE', L1Loss: 'MAE', L2Loss: 'MSE', HuberLoss: 'Huber' },
    ...{ SmoothL1Loss: 'Huber', BCE: 'BinaryCrossEntropy', BCELoss: 'BinaryCrossEntropy' },
    ...{ BCEWithLogitsLoss: 'BinaryCrossEntropy', KLDivLoss: 'KLDivergence', KLD: 'KLDivergence' },
    ...{
      CosineAnnealing: 'Cosine',
      CosineAnnealingLR: 'Cosine',
      StepLR: 'Step',
      ExponentialLR: 'Exponential',
    },
    ...{
      OneCycleLR: 'OneCycle',
      xavier: 'glorot',
      kaiming: 'he',
      gaussian: 'normal',
      lecun: 'variance_scaling',
    },
    ...{ integer: 'int', number: 'float', real: 'float', double: 'float', boolean: 'bool', str: 'string' },
    ...{
      text: 'string',
      array: 'list',
      learning_rate: 'lr',
      in_features: '',
      out_features: 'out',
      units: 'out',
    },
    ...{ filters: 'channels', out_channels: 'channels', kernel_size: 'kernel', pool_size: 'window' },
    ...{
      strides: 'stride',
      rate: 'p',
      epsilon: 'eps',
      batch_size: 'batch',
      use_bias: 'bias',
      pow: '',
      ln: 'log',
    },
    ...{
      matmul: '',
      cat: 'concat',
      stack: 'concat',
      clip: '',
      clamp: '',
      reduce_mean: 'mean',
      reduce_sum: 'sum',
    },
  }),
);

/** The candidate that was probably meant. */
export function meant(name: string, candidates: Iterable<string>): string | undefined {
  const [initial] = name;
  const known = [...new Set(candidates)];
  const other = otherNames.get(name);
  if (other !== undefined && known.includes(other)) return other;
  // Of two equally near, the one with the same case of its first letter: `sigmod` is `sigmoid`, `Sigmod` is `Sigmoid`.
  const sameCase = known.filter((candidate) => candidate[0] === initial);
  const found = suggest(name, [...sameCase, ...known]);
  if (found === undefined) return undefined;
  const plain = (text: string) => text.toLowerCase().replaceAll('_', '');
  const slips = Math.max(1, Math.floor(name.length / 3));
  return editDistance(plain(name), plain(found), slips) <= slips ? found : undefined;
}

/** A help line and an edit: the suggested name, or else `otherwise`. */
export function meantInstead(
  name: string,
  span: Span,
  candidates: Iterable<string>,
  otherwise = '',
): { readonly help: string; readonly options: { readonly edit?: Edit } } {
  const replacement = meant(name, candidates);
  if (replacement === undefined) return { help: otherwise, options: {} };
  return { help: `Did you mean \`${replacement}\`?`, options: { edit: { span, replacement } } };
}
