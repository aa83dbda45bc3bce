// Hyper-parameters, and sizes that are known when a model is compiled, outside of the range in which a definition means something: an
// error at the place where they are given, whatever else the model holds. The value beside it is right.
import { describe, expect, it } from 'vitest';
import { compile } from '../../src/compile.ts';
import { DiagnosticError, type Diagnostic } from '../../src/diagnostics/diagnostic.ts';
import { diagnosticText } from '../../src/diagnostics/message.ts';

interface Parts {
  readonly net?: string;
  readonly input?: string;
  readonly target?: string;
  readonly loss?: string;
  readonly optimizer?: string;
  readonly more?: string;
}

function text(parts: Parts): string {
  const {
    net = 'Linear(3)',
    input = '[4]',
    target = '[3]',
    loss = 'MSE',
    optimizer = 'SGD',
    more = '',
  } = parts;
  return `model M {
  input x: ${input}
  target y: ${target}
  net { ${net} }
  loss ${loss}
  optimizer ${optimizer}
  ${more}
}`;
}

/** As `nnc check` compiles. */
function problems(source: string, batch = 8): readonly Diagnostic[] {
  try {
    compile({ path: 'm.nn', text: source, library: false }, { programs: [], batch });
    return [];
  } catch (error) {
    if (!(error instanceof DiagnosticError)) throw error;
    return error.diagnostics;
  }
}

/** One error, whose frame begins at `place` in the text and whose message has `words`. */
function expectError(source: string, place: string, words: RegExp, batch?: number): void {
  const found = problems(source, batch);
  expect(found.map(({ code }) => code)).toHaveLength(1);
  const [error] = found;
  if (!error) return;
  expect(source.slice(error.span?.start).startsWith(place), diagnosticText(error).message).toBe(true);
  expect(diagnosticText(error).message).toMatch(words);
}

describe('optimizers', () => {
  it.each([
    ['SGD(lr = -0.1)', /learning rate .* not -0.1/, 'SGD(lr = 0)'],
    ['SGD(momentum = 1)', /momentum .* not 1/, 'SGD(momentum = 0.99)'],
    ['SGD(momentum = -0.1)', /momentum/, 'SGD(momentum = 0)'],
    ['SGD(nesterov = true)', /needs a momentum/, 'SGD(momentum = 0.9, nesterov = true)'],
    ['SGD(weight_decay = -1)', /weight decay .* not -1/, 'SGD(weight_decay = 1)'],
    ['Adam(lr = -1)', /learning rate/, 'Adam(lr = 1)'],
    ['Adam(beta1 = 1)', /`beta1` .* not 1/, 'Adam(beta1 = 0)'],
    ['Adam(beta2 = 1.5)', /`beta2` .* not 1.5/, 'Adam(beta2 = 0.5)'],
    ['Adam(eps = 0)', /`eps` .* not 0/, 'Adam(eps = 1e-12)'],
    ['Adam(weight_decay = -1)', /weight decay/, 'Adam(weight_decay = 0.1)'],
    ['AdamW(weight_decay = -1)', /weight decay/, 'AdamW(weight_decay = 0)'],
    ['AdamW(beta1 = -0.1)', /`beta1`/, 'AdamW(beta1 = 0.5)'],
    ['RMSProp(alpha = 1)', /`alpha`/, 'RMSProp(alpha = 0.9)'],
    ['RMSProp(momentum = 2)', /momentum/, 'RMSProp(momentum = 0.9)'],
    ['Adagrad(lr = -1e-3)', /learning rate/, 'Adagrad(lr = 1e-3)'],
    ['Adagrad(eps = -1)', /`eps`/, 'Adagrad(eps = 1)'],
    ['Lion(beta2 = 1)', /`beta2`/, 'Lion(beta2 = 0.99)'],
  ])('%s', (wrong, words, right) => {
    expectError(text({ optimizer: wrong }), wrong, words);
    expect(problems(text({ optimizer: right }))).toEqual([]);
  });

  it('the rate is looked at as it was given, whatever the schedule makes of it', () => {
    expectError(text({ optimizer: 'Adam(lr = -1)', more: 'schedule Cosine' }), 'Adam', /not -1/);
    expect(problems(text({ optimizer: 'Adam', more: 'schedule Cosine(warmup = 3)' }))).toEqual([]);
  });

  it('the value from the command line is looked at, too', () => {
    const source = { path: 'm.nn', text: text({}), library: false };
    const overrides = new Map([['lr', '-1']]);
    expect(() => compile(source, { programs: [], overrides })).toThrow(/assert.failed/);
  });
});

describe('schedules and clips', () => {
  it.each([
    ['schedule Constant(warmup = -1)', /warm-up .* not -1/, 'schedule Constant(warmup = 5)'],
    ['schedule Step(every = 0)', /`every` .* not 0/, 'schedule Step(every = 1)'],
    ['schedule Step(every = 5, gamma = 0)', /factor above 0/, 'schedule Step(every = 5, gamma = 0.5)'],
    ['schedule Exponential(gamma = -1)', /factor above 0/, 'schedule Exponential(gamma = 0.9)'],
    ['schedule Cosine(warmup = -3)', /warm-up/, 'schedule Cosine(warmup = 3)'],
    ['schedule Cosine(least = 2)', /`least`/, 'schedule Cosine(least = 1)'],
    ['schedule OneCycle(rise = 1.5)', /`rise`/, 'schedule OneCycle(rise = 0.5)'],
    ['schedule OneCycle(start = -1)', /`start`/, 'schedule OneCycle(start = 0)'],
    ['schedule OneCycle(end = 2)', /`end`/, 'schedule OneCycle(end = 0)'],
    ['clip ByNorm(-1)', /limit above 0 .* not -1/, 'clip ByNorm(1)'],
    ['clip ByNorm(1, eps = -1)', /`eps`/, 'clip ByNorm(1, eps = 0)'],
    ['clip ByValue(0)', /limit above 0/, 'clip ByValue(0.1)'],
  ])('%s', (wrong, words, right) => {
    expectError(text({ more: wrong }), wrong.split(' ')[1] ?? '', words);
    expect(problems(text({ more: right }))).toEqual([]);
  });
});

describe('initializers', () => {
  it.each([
    ['normal(-1)', /deviation/, 'normal(0)'],
    ['uniform(1, -1)', /lower bound/, 'uniform(-1, 1)'],
    ['variance_scaling(0)', /scale above 0/, 'variance_scaling(2)'],
    ['orthogonal(-1)', /gain above 0/, 'orthogonal(2)'],
  ])('%s', (wrong, words, right) => {
    expectError(text({ net: `Linear(3, init = ${wrong})` }), wrong, words);
    expect(problems(text({ net: `Linear(3, init = ${right})` }))).toEqual([]);
  });
});

describe('losses and metrics', () => {
  const classes = { target: 'class(3)' };
  it.each([
    ['CrossEntropy(smoothing = 1)', /smoothing/, 'CrossEntropy(smoothing = 0.9)', classes],
    ['NLLProb(eps = 0)', /`eps`/, 'NLLProb(eps = 1e-6)', classes],
    ['Hinge(margin = 0)', /margin above 0/, 'Hinge(margin = 0.1)', classes],
    ['Huber(0)', /`delta`/, 'Huber(0.1)', {}],
  ])('%s', (wrong, words, right, parts) => {
    expectError(text({ ...parts, loss: wrong }), wrong, words);
    expect(problems(text({ ...parts, loss: right }))).toEqual([]);
  });

  it.each(['CrossEntropy', 'NLL', 'NLLProb', 'Hinge'])('%s of one class', (loss) => {
    expectError(text({ net: 'Linear(1)', target: 'class(1)', loss }), loss, /of one class/);
    expect(problems(text({ net: 'Linear(2)', target: 'class(2)', loss }))).toEqual([]);
  });

  it.each([0, 3])('top_k(%i) of three classes', (k) => {
    const parts = { ...classes, loss: 'CrossEntropy' };
    expectError(text({ ...parts, more: `metrics top_k(${k})` }), `top_k(${k})`, /always be the same/);
    expect(problems(text({ ...parts, more: 'metrics top_k(2)' }))).toEqual([]);
  });
});

describe('layers', () => {
  const image = '[4, 6, 6]';
  const sequence = '[5, 4]';
  it.each([
    ['Dropout(1)', /probability/, 'Dropout(0.9)', '[4]'],
    ['BatchNorm(momentum = 1)', /`momentum`/, 'BatchNorm(momentum = 0.5)', '[4]'],
    ['BatchNorm(eps = 0)', /`eps`/, 'BatchNorm(eps = 1e-3)', '[4]'],
    ['LayerNorm(eps = -1)', /`eps`/, 'LayerNorm(eps = 1)', '[4]'],
    ['RMSNorm(eps = 0)', /`eps`/, 'RMSNorm(eps = 1)', '[4]'],
    ['GroupNorm(0)', /one group or more/, 'GroupNorm(1)', image],
    ['GroupNorm(3)', /do not split/, 'GroupNorm(4)', image],
    ['GroupNorm(2, eps = 0)', /`eps`/, 'GroupNorm(2, eps = 1)', image],
    ['Conv2d(4, groups = 0)', /one group or more/, 'Conv2d(4, groups = 4)', image],
    ['Conv2d(4, groups = 3)', /do not split/, 'Conv2d(4, groups = 2)', image],
    ['Conv2d(4, stride = 0, padding = same)', /stride of 1/, 'Conv2d(4, stride = 2, padding = same)', image],
    ['Conv2d(4, dilation = 0)', /dilation of 1/, 'Conv2d(4, dilation = 2)', image],
    ['Conv2d(4, padding = -1)', /padding of 0/, 'Conv2d(4, padding = 1)', image],
    ['Conv2d(4, kernel = 7)', /does not fit/, 'Conv2d(4, kernel = 7, padding = 1)', image],
    ['Conv1d(4, groups = 3)', /do not split/, 'Conv1d(4, groups = 2)', sequence],
    ['Conv1d(4, kernel = 6)', /does not fit/, 'Conv1d(4, kernel = 5)', sequence],
    [
      'Conv1d(4, stride = 0, padding = same)',
      /stride of 1/,
      'Conv1d(4, stride = 2, padding = same)',
      sequence,
    ],
    ['Conv1d(4, padding = -1)', /padding of 0/, 'Conv1d(4, padding = 1)', sequence],
    [
      'ConvTranspose2d(2, output_padding = 1)',
      /output padding/,
      'ConvTranspose2d(2, stride = 2, output_padding = 1)',
      image,
    ],
    ['ConvTranspose2d(2, padding = 4)', /nothing/, 'ConvTranspose2d(2, padding = 3)', image],
    ['ConvTranspose2d(2, groups = 3)', /do not split/, 'ConvTranspose2d(2, groups = 2)', image],
    ['ConvTranspose2d(2, dilation = 0)', /dilation of 1/, 'ConvTranspose2d(2, dilation = 2)', image],
    ['MaxPool2d(2, padding = 2)', /half the window/, 'MaxPool2d(2, padding = 1)', image],
    [
      'MaxPool2d(3, padding = [1, 2])',
      /half the window/,
      'MaxPool2d(3, dilation = 2, padding = [1, 2])',
      image,
    ],
    ['MaxPool2d(7)', /does not fit/, 'MaxPool2d(6)', image],
    ['AvgPool2d(2, padding = 2)', /half the window/, 'AvgPool2d(2, padding = 1)', image],
    ['MaxPool1d(6)', /does not fit/, 'MaxPool1d(5)', sequence],
    ['MaxPool1d(2, padding = 2)', /half the window/, 'MaxPool1d(2, padding = 1)', sequence],
    ['MultiHeadAttention(0, 4)', /one head or more/, 'MultiHeadAttention(2, 4)', sequence],
    ['MultiHeadAttention(3, 4)', /do not split/, 'MultiHeadAttention(4, 4)', sequence],
    ['SelfAttention(4, scale = -1)', /scale above 0/, 'SelfAttention(4, scale = 2)', sequence],
  ])('%s', (wrong, words, right, input) => {
    const parts = { input, loss: 'sum(output) + 0 * sum(y)' };
    expectError(text({ ...parts, net: wrong }), wrong, words);
    expect(problems(text({ ...parts, net: right }))).toEqual([]);
  });

  it.each([
    ['Softmax', /always|whatever/],
    ['LogSoftmax', /whatever/],
    ['LayerNorm', /over 1 value/],
    ['RMSNorm', /over 1 value/],
  ])('%s over one value', (layer, words) => {
    const parts = { target: '[1]' };
    expectError(text({ ...parts, net: `Linear(1) ${layer}` }), layer, words);
    expect(problems(text({ target: '[2]', net: `Linear(2) ${layer}` }))).toEqual([]);
  });

  it('GroupNorm over one value', () => {
    const parts = { input: '[4, 1, 1]', loss: 'sum(output) + 0 * sum(y)' };
    expectError(text({ ...parts, net: 'GroupNorm(4)' }), 'GroupNorm', /fewer groups/);
    expect(problems(text({ ...parts, net: 'GroupNorm(2)' }))).toEqual([]);
  });
});

describe('BatchNorm over one value', () => {
  const source = text({ net: 'BatchNorm  Linear(3)' });

  it('is refused with a batch of one, where nothing else is normalized over', () => {
    expectError(source, 'BatchNorm', /batch of 2/, 1);
    expect(problems(source, 2)).toEqual([]);
  });

  it('has many values of an image in a batch of one', () => {
    const image = text({ input: '[4, 2, 2]', net: 'BatchNorm  Flatten  Linear(3)' });
    expect(problems(image, 1)).toEqual([]);
  });

  it('predicts one example at a time', () => {
    const { programs } = compile(
      { path: 'm.nn', text: source, library: false },
      { programs: ['forward'], batch: 1 },
    );
    expect([...programs.keys()]).toEqual(['forward']);
  });
});
