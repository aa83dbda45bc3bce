// What other frameworks and languages call things: the one table of names that people bring with them. Which of the names behind a
// foreign one is meant depends on what is known at its place: the first of them that is.

const words = (text: string) => text.split(' ');

/** The names of this language and its library, each with the foreign ones that mean it. */
const foreignOf: readonly (readonly [meant: string, foreign: readonly string[]])[] = [
  // layers
  ['Linear', words('Dense FullyConnected Affine FC fc Gemm LazyLinear linear dense InnerProduct')],
  ['Conv1d', words('Convolution1D LazyConv1d')],
  ['Conv2d', words('Conv Convolution Convolution2D SpatialConvolution LazyConv2d conv')],
  ['ConvTranspose2d', words('Conv2DTranspose Deconvolution Deconv2d ConvTranspose')],
  ['MaxPool1d', words('MaxPooling1D')],
  ['MaxPool2d', words('MaxPool MaxPooling2D MaxPooling Pooling max_pool')],
  ['AvgPool2d', words('AvgPool AveragePooling2D AveragePool AveragePooling avg_pool')],
  ['GlobalAvgPool', words('GlobalAveragePooling2D AdaptiveAvgPool2d GlobalAveragePool GlobalMeanPool')],
  ['GlobalMaxPool', words('GlobalMaxPooling2D AdaptiveMaxPool2d GlobalMaxPooling')],
  ['BatchNorm', words('BatchNorm1d BatchNorm2d BatchNorm3d BatchNormalization SyncBatchNorm BN')],
  ['LayerNorm', words('LayerNormalization')],
  ['GroupNorm', words('GroupNormalization')],
  ['RMSNorm', words('RMSNormalization')],
  ['Dropout', words('Dropout1d Dropout2d SpatialDropout2D AlphaDropout')],
  ['Swish', words('SiLU swish silu')],
  ['SoftPlus', words('Softplus')],
  ['MultiHeadAttention', words('MultiheadAttention')],
  ['Embedding', words('Embed')],
  ['RNN', words('SimpleRNN')],
  // losses
  [
    'CrossEntropy',
    words(
      'CrossEntropyLoss SparseCategoricalCrossentropy CategoricalCrossentropy cross_entropy ce xent CE ' +
        'sparse_categorical_crossentropy categorical_crossentropy softmax_cross_entropy log_loss',
    ),
  ],
  ['NLL', words('NLLLoss nll_loss')],
  ['MSE', words('MSELoss MeanSquaredError L2Loss mse_loss l2 L2')],
  ['MAE', words('L1Loss MeanAbsoluteError l1_loss l1 L1')],
  ['Huber', words('HuberLoss SmoothL1Loss smooth_l1_loss')],
  [
    'BinaryCrossEntropy',
    words('BCE bce BCELoss BCEWithLogitsLoss BinaryCrossentropy binary_crossentropy binary_cross_entropy'),
  ],
  ['KLDivergence', words('KLDivLoss KLD kl_div')],
  ['Hinge', words('HingeLoss MarginRankingLoss MultiMarginLoss hinge_loss')],
  // metrics
  ['accuracy', words('acc Accuracy categorical_accuracy binary_accuracy sparse_categorical_accuracy')],
  ['top_k', words('TopK top5 top_5 TopKCategoricalAccuracy')],
  ['mean_absolute_error', words('mae MAE MeanAbsoluteError l1')],
  ['mean_squared_error', words('mse MSE rmse RMSE MeanSquaredError')],
  ['r2', words('r2_score R2Score')],
  ['f1', words('f1_score F1Score')],
  ['confusion_matrix', words('ConfusionMatrix')],
  // optimizers, schedules, initializers, clips
  ['RMSProp', words('rmsprop')],
  ['SGD', words('Momentum MomentumSGD NesterovSGD GradientDescent')],
  ['Cosine', words('CosineAnnealing CosineAnnealingLR CosineDecay')],
  ['Step', words('StepLR StepDecay')],
  ['Exponential', words('ExponentialLR ExponentialDecay')],
  ['OneCycle', words('OneCycleLR')],
  ['ByNorm', words('clip_grad_norm_ clipnorm GradientClipping clip_by_norm')],
  ['ByValue', words('clip_grad_value_ clipvalue clip_by_value')],
  ['glorot', words('xavier xavier_uniform glorot_uniform')],
  ['he', words('kaiming he_normal kaiming_normal')],
  ['normal', words('gaussian randn random_normal truncated_normal')],
  ['uniform', words('rand random_uniform')],
  ['variance_scaling', words('lecun lecun_normal')],
  // types
  ['int', words('integer Int int32 int64 long')],
  ['float', words('number real double Float float32 float64')],
  ['bool', words('boolean Bool')],
  ['string', words('str text String')],
  ['list', words('array tuple List')],
  ['class', words('categorical category classes label enum one_hot onehot')],
  // arguments and settings
  ['lr', words('learning_rate learningRate step_size alpha eta')],
  ['out', words('out_features units output_dim outputs num_units features width size')],
  ['channels', words('filters out_channels')],
  ['hidden', words('hidden_size hidden_dim units')],
  ['kernel', words('kernel_size filter_size')],
  ['window', words('pool_size kernel_size')],
  ['stride', words('strides step')],
  ['p', words('rate prob probability drop dropout drop_prob')],
  ['eps', words('epsilon')],
  ['beta1', words('beta_1 b1')],
  ['beta2', words('beta_2 b2')],
  ['init', words('kernel_initializer initializer weight_init')],
  ['bias', words('use_bias with_bias')],
  ['heads', words('num_heads n_heads')],
  ['dim', words('embed_dim embedding_dim key_dim d_model')],
  ['size', words('num_embeddings input_dim vocab_size')],
  ['axis', words('dim dims axes')],
  ['keep', words('keepdim keepdims keep_dims')],
  ['smoothing', words('label_smoothing')],
  ['class_weights', words('weight weights class_weight')],
  ['batch', words('batch_size batchSize batchsize bs')],
  ['epochs', words('epoch num_epochs n_epochs max_epochs')],
  ['seed', words('random_seed random_state')],
  ['validation', words('validation_split val_split val validation_fraction')],
  ['patience', words('early_stopping')],
  ['accumulate', words('accumulate_grad_batches gradient_accumulation_steps accumulation_steps')],
  // functions
  ['log', words('ln')],
  ['concat', words('cat stack concatenate hstack vstack')],
  ['mean', words('reduce_mean average avg')],
  ['sum', words('reduce_sum')],
  ['max', words('reduce_max amax maximum')],
  ['min', words('reduce_min amin minimum')],
  ['reshape', words('view')],
  ['permute', words('transpose swapaxes')],
  ['stop_gradient', words('detach')],
  ['cumulative_sum', words('cumsum')],
  ['reverse', words('flip')],
  ['arange', words('range')],
  ['random', words('rand_like uniform_like')],
  ['lookup', words('gather take embedding')],
  ['infinity', words('inf Infinity Inf')],
  // words
  ['none', words('null nil undefined NULL nullptr Null')],
  ['true', words('yes on TRUE')],
  ['false', words('no off FALSE')],
  // keywords
  ['let', words('var val auto')],
  ['function', words('def fn fun func')],
  ['model', words('network module struct')],
  ['net', words('layers sequential architecture forward')],
  ['input', words('inputs feature')],
  ['target', words('targets labels output_class')],
  ['loss', words('criterion objective')],
  ['optimizer', words('optim solver')],
  ['schedule', words('scheduler lr_scheduler lr_schedule')],
  ['train', words('trainer training fit')],
  ['data', words('dataset datasets')],
  ['metrics', words('metric')],
];

const byForeign = new Map<string, string[]>();
for (const [meant, foreign] of foreignOf)
  for (const name of foreign) byForeign.set(name, [...(byForeign.get(name) ?? []), meant]);

/** The known name that a foreign one stands for. */
export function foreignName(name: string, known: readonly string[]): string | undefined {
  return byForeign.get(name)?.find((meant) => known.includes(meant));
}

/** What to say of an argument that other frameworks need and this language does not. */
export const needlessArguments: ReadonlyMap<string, string> = new Map([
  ...words('in_features in_channels input_dim input_size input_shape num_features normalized_shape').map(
    (name) => [name, 'The size of its input is known from the shape that comes in.'] as const,
  ),
  ...words('dtype device name requires_grad trainable inplace').map(
    (name) => [name, 'Leave it out: there is nothing to choose here.'] as const,
  ),
]);

/** Arguments by which other frameworks put an activation into a layer. */
export const activationArguments: readonly string[] = words('activation act activation_fn nonlinearity');

/** Modules of other frameworks, and what stands for the object itself, in front of a dot. */
export const foreignModules: ReadonlySet<string> = new Set(
  words(
    'nn torch F tf tensorflow keras layers np numpy jnp jax math Math optim functional losses metrics activations ' +
      'optimizers self this flax linen mx models torchvision nnc std',
  ),
);
