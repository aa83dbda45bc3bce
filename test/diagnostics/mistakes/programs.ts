// Mistakes of the language: what people write who come from other frameworks and other languages. Each stands in a model that is right.
import type { Mistake } from './grade.ts';

const parts = {
  file: '',
  input: 'input  image: [1, 28, 28]',
  target: 'target digit: class(10)',
  net: 'Flatten\n    Linear(10)',
  loss: 'loss      CrossEntropy',
  optimizer: 'optimizer Adam',
  metrics: 'metrics   accuracy',
  data: 'data      mnist(normalize = true)',
  train: 'train { epochs = 5  batch = 64 }',
};
type Parts = { readonly [K in keyof typeof parts]?: string };

function program(changed: Parts): string {
  const { file, input, target, net, loss, optimizer, metrics, data, train } = { ...parts, ...changed };
  return [
    ...(file === '' ? [] : [file, '']),
    'model Digits {',
    ...[input, target].map((line) => `  ${line}`),
    `  net {\n    ${net}\n  }`,
    ...[loss, optimizer, metrics, data, train].map((line) => `  ${line}`),
    '}',
    '',
  ].join('\n');
}

/** A mistake in one part of the model. */
function inPart(
  part: keyof Parts,
  habit: string,
  wrong: string,
  right: string,
  others: Parts & { readonly holds?: number } = {},
): Mistake {
  const { holds, ...changed } = others;
  const made = (text: string) => program({ ...changed, [part]: text });
  return { habit, wrong: made(wrong), right: made(right), ...(holds !== undefined && { holds }) };
}

/** In the body of a layer that the model uses. */
function inLayer(habit: string, wrong: string, right: string, holds?: number): Mistake {
  const made = (body: string) => `layer Own (x: [C, H, W]) {\n  ${body.replaceAll('\n', '\n  ')}\n}`;
  const net = 'Own\n    Flatten\n    Linear(10)';
  return inPart('file', habit, made(wrong), made(right), { net, ...(holds !== undefined && { holds }) });
}

const inNet = (habit: string, wrong: string, right: string, holds?: number) =>
  inPart('net', habit, wrong, right, holds === undefined ? {} : { holds });

/** A whole file. */
const whole = (habit: string, wrong: string, right = program({}), holds?: number): Mistake => ({
  habit,
  wrong,
  right,
  ...(holds !== undefined && { holds }),
});

const names: readonly Mistake[] = [
  inNet('a module before a name', 'Flatten\n    «nn.Linear»(10)', 'Flatten\n    Linear(10)'),
  inNet('a long path of modules', 'Flatten\n    «tf.keras.layers.Dense»(10)', 'Flatten\n    Linear(10)'),
  inNet("another framework's layer", 'Flatten\n    «Dense»(10)', 'Flatten\n    Linear(10)'),
  inNet(
    'Keras’ Conv2D',
    '«Conv2D»(8, 3)\n    Flatten\n    Linear(10)',
    'Conv2d(8, 3)\n    Flatten\n    Linear(10)',
  ),
  inNet('PyTorch’s in and out', 'Flatten\n    Linear(«784», 10)', 'Flatten\n    Linear(10)'),
  inNet(
    'a size that the shape knows',
    'Flatten\n    Linear(10, «in_features = 784»)',
    'Flatten\n    Linear(10)',
  ),
  inNet(
    'an activation as an argument',
    'Flatten\n    Linear(32, «activation» = relu)\n    Linear(10)',
    'Flatten\n    Linear(32) -> ReLU\n    Linear(10)',
  ),
  inNet(
    'Keras’ Dense with an activation',
    "Flatten\n    «Dense»(10, activation='relu')",
    'Flatten\n    Linear(10) -> ReLU',
    3,
  ),
  inNet('a layer in small letters', 'Flatten\n    «linear»(10)', 'Flatten\n    Linear(10)'),
  inNet('Sequential', '«Sequential»(Flatten, Linear(10))', 'Flatten -> Linear(10)'),
  inNet('Sequential of a list', '«Sequential»([Flatten, Linear(10)])', 'Flatten -> Linear(10)'),
  inPart('loss', 'PyTorch’s name of a loss', 'loss «nn.CrossEntropyLoss»()', 'loss CrossEntropy'),
  inPart('loss', 'a loss in small letters', 'loss «cross_entropy»', 'loss CrossEntropy'),
  inPart('loss', 'a loss by its abbreviation', 'loss «mse»', 'loss MSE', {
    target: 'target digit: [10]',
    metrics: '',
  }),
  inPart('loss', 'another abbreviation', 'loss «bce»', 'loss BinaryCrossEntropy', {
    target: 'target digit: [10]',
    metrics: '',
  }),
  inPart(
    'optimizer',
    'an argument’s other name',
    'optimizer Adam(«learning_rate» = 0.01)',
    'optimizer Adam(lr = 0.01)',
  ),
  inPart('optimizer', 'an optimizer in small letters', 'optimizer «adam»', 'optimizer Adam'),
  inPart('metrics', 'acc', 'metrics «acc»', 'metrics accuracy'),
  inPart('metrics', 'mae', 'metrics «mae»', 'metrics mean_absolute_error', {
    target: 'target digit: [10]',
    loss: 'loss MSE',
  }),
  inNet('Python’s True', 'Flatten\n    Linear(10, bias = «True»)', 'Flatten\n    Linear(10, bias = true)'),
  inNet(
    'Python’s None',
    'MaxPool2d(2, stride = «None»)\n    Flatten\n    Linear(10)',
    'MaxPool2d(2, stride = none)\n    Flatten\n    Linear(10)',
  ),
  inNet(
    'JavaScript’s null',
    'MaxPool2d(2, stride = «null»)\n    Flatten\n    Linear(10)',
    'MaxPool2d(2, stride = none)\n    Flatten\n    Linear(10)',
  ),
  inPart(
    'train',
    'another name of a setting',
    'train { epochs = 5  «batch_size» = 64 }',
    'train { epochs = 5  batch = 64 }',
  ),
  inPart('train', 'the rate among the settings', 'train { epochs = 5  «lr» = 0.01 }', 'train { epochs = 5 }'),
];

const signs: readonly Mistake[] = [
  inPart('train', 'a colon in settings', 'train { epochs«:» 5 }', 'train { epochs = 5 }'),
  inPart(
    'train',
    'commas between settings',
    'train { epochs = 5«,» batch = 64 }',
    'train { epochs = 5  batch = 64 }',
  ),
  inPart(
    'train',
    'semicolons between settings',
    'train { epochs = 5«;» batch = 64 }',
    'train { epochs = 5  batch = 64 }',
  ),
  inPart(
    'train',
    'settings in parentheses',
    'train«(»epochs = 5, batch = 64)',
    'train { epochs = 5  batch = 64 }',
    { holds: 2 },
  ),
  inPart('train', 'a setting without a sign', 'train { «epochs» 5 }', 'train { epochs = 5 }'),
  inNet('commas between layers', 'Flatten«,» Linear(10)', 'Flatten\n    Linear(10)'),
  inNet('a semicolon at a line’s end', 'Flatten«;»\n    Linear(10)', 'Flatten\n    Linear(10)'),
  inPart('loss', 'an equals sign after an item', 'loss «=» CrossEntropy', 'loss CrossEntropy'),
  inPart('loss', 'a colon after an item', 'loss«:» CrossEntropy', 'loss CrossEntropy'),
  inPart('optimizer', 'a colon in arguments', 'optimizer Adam(lr«:» 0.01)', 'optimizer Adam(lr = 0.01)'),
  inPart('optimizer', 'arguments after a comma', 'optimizer «Adam, lr» = 0.01', 'optimizer Adam(lr = 0.01)'),
  inPart(
    'optimizer',
    'arguments without parentheses',
    'optimizer «Adam lr» = 0.01',
    'optimizer Adam(lr = 0.01)',
  ),
  inPart('optimizer', 'an optimizer in quotes', "optimizer «'adam'»", 'optimizer Adam'),
  inPart('loss', 'a loss in double quotes', 'loss «"mse"»', 'loss MSE', {
    target: 'target digit: [10]',
    metrics: '',
  }),
  inNet(
    'single quotes',
    "Conv2d(8, padding = «'same'»)\n    Flatten\n    Linear(10)",
    'Conv2d(8, padding = same)\n    Flatten\n    Linear(10)',
  ),
  inPart(
    'data',
    'a file in single quotes',
    'data csv(«\'digits.csv\'», target = "digit")',
    'data csv("digits.csv", target = "digit")',
  ),
  inPart(
    'data',
    'a file without quotes',
    'data csv(«digits.csv», target = "digit")',
    'data csv("digits.csv", target = "digit")',
  ),
  inNet(
    'a comment of C',
    'Flatten «/* to a vector */»\n    Linear(10)',
    'Flatten // to a vector\n    Linear(10)',
  ),
  inNet(
    'a comment of Python',
    'Flatten «#» to a vector\n    Linear(10)',
    'Flatten // to a vector\n    Linear(10)',
  ),
  inNet(
    'a text as a comment',
    '«"""to a vector"""»\n    Flatten\n    Linear(10)',
    '// to a vector\n    Flatten\n    Linear(10)',
  ),
  inNet('a pipe', 'Flatten «|>» Linear(10)', 'Flatten -> Linear(10)'),
  inNet('another arrow', 'Flatten «=>» Linear(10)', 'Flatten -> Linear(10)'),
  inNet(
    'a pair in parentheses',
    'Conv2d(8, kernel = «(3, 3)»)\n    Flatten\n    Linear(10)',
    'Conv2d(8, kernel = [3, 3])\n    Flatten\n    Linear(10)',
  ),
  inNet(
    '3x3',
    'Conv2d(8, kernel = «3x3»)\n    Flatten\n    Linear(10)',
    'Conv2d(8, kernel = [3, 3])\n    Flatten\n    Linear(10)',
  ),
  inNet('an argument without parentheses', 'Flatten\n    «Linear 10»', 'Flatten\n    Linear(10)'),
  inNet('layers multiplied', 'Flatten\n    «3 * Linear(10)»', 'Flatten\n    repeat 3 { Linear(10) }'),
  inPart('input', 'the batch in a shape', 'input image: [«batch», 1, 28, 28]', 'input image: [1, 28, 28]'),
  inPart('input', 'None for the batch', 'input image: [«None», 1, 28, 28]', 'input image: [1, 28, 28]'),
  inPart('input', '-1 for the batch', 'input image: [«-1», 1, 28, 28]', 'input image: [1, 28, 28]'),
  inPart('input', '? for the batch', 'input image: [«?», 1, 28, 28]', 'input image: [1, 28, 28]'),
  inPart('input', 'a shape in parentheses', 'input image: «(1, 28, 28)»', 'input image: [1, 28, 28]'),
  inPart('input', 'a size without brackets', 'input image: «784»', 'input image: [784]', {
    net: 'Linear(10)',
  }),
  inPart('input', 'an input without a colon', 'input image «[»784]', 'input image: [784]', {
    net: 'Linear(10)',
  }),
  inPart('input', 'an input without a name', 'input«:» [1, 28, 28]', 'input x: [1, 28, 28]'),
  inPart('input', 'an element’s type', 'input image: «float32[1, 28, 28]»', 'input image: [1, 28, 28]'),
  inPart('target', 'categorical', 'target digit: «categorical(10)»', 'target digit: class(10)'),
  inPart(
    'data',
    'texts joined',
    'data csv(«"data/" + "digits.csv"», target = "digit")',
    'data csv("data/digits.csv", target = "digit")',
  ),
];

const statements: readonly Mistake[] = [
  whole('an import of Python', `«import torch»\n${program({})}`),
  whole('a second form of it', `«from torch import nn»\n${program({})}`),
  whole(
    'a model as a class',
    `«class Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.fc = nn.Linear(784, 10)\n\n    def forward(self, x):\n        return self.fc(x)»\n`,
  ),
  whole('a call that trains', `${program({})}«model.fit(epochs = 5)»\n`),
  whole(
    'a value without const',
    `«width» = 10\n${program({ net: 'Flatten\n    Linear(width)' })}`,
    `const width = 10\n${program({ net: 'Flatten\n    Linear(width)' })}`,
  ),
  whole(
    'a let in front of the model',
    `«let» width = 10\n${program({ net: 'Flatten\n    Linear(width)' })}`,
    `const width = 10\n${program({ net: 'Flatten\n    Linear(width)' })}`,
  ),
  inPart(
    'file',
    'a function of Python',
    '«def» twice(x):\n    return x * 2',
    'function twice (x) { return x * 2 }',
    { net: 'Flatten\n    twice\n    Linear(10)', holds: 2 },
  ),
  inPart(
    'file',
    'a block of Python',
    'layer Own (x: [...])«:»\n    return x * 2',
    'layer Own (x: [...]) { return x * 2 }',
    { net: 'Flatten\n    Own\n    Linear(10)' },
  ),
  inPart(
    'file',
    'a statement that ends in a semicolon',
    'function twice(x) { return x * 2«;» }',
    'function twice(x) { return x * 2 }',
    { net: 'Flatten\n    twice\n    Linear(10)' },
  ),
  inNet(
    'a loop of Python',
    'Flatten\n    «for i in range(3)» { Linear(10) }',
    'Flatten\n    repeat 3 as i { Linear(10) }',
  ),
  inNet(
    'a loop of C',
    'Flatten\n    «for (let i = 0; i < 3; i++)» { Linear(10) }',
    'Flatten\n    repeat 3 as i { Linear(10) }',
  ),
  inLayer('var', '«var» y = x * 2\nreturn y', 'let y = x * 2\nreturn y'),
  inLayer('a power of Python', 'return x «**» 2', 'return x ^ 2'),
  inLayer('and of C', 'return where(x > 0 «&&» x < 1, x, 0)', 'return where(x > 0 and x < 1, x, 0)'),
  inLayer('a method of a value', 'return «x.mean»(axis = 0)', 'return mean(x, axis = 0)'),
  inLayer('view', 'return «x.view»(-1)', 'return flatten(x)'),
  inLayer('reshape to -1', 'return reshape(x, [«-1»])', 'return flatten(x)'),
  inLayer('the shape of a value', 'return x / «x.shape[1]»', 'return x / size(x, 0)'),
  inLayer('a transposed matrix', 'return «x.T»', "return x'"),
  inLayer('self', 'let h = ReLU\nreturn «self.h»(x)', 'let h = ReLU\nreturn h(x)'),
  inLayer('a function of another module', 'return «torch.tanh»(x)', 'return tanh(x)'),
  inLayer('an element by its index', 'return «x[0]»', 'return slice(x, axis = 0, start = 0, end = 1)'),
  inLayer(
    'a choice of Python',
    'let y = «x if x > 0 else» 2 * x\nreturn y',
    'let y = where(x > 0, x, 2 * x)\nreturn y',
  ),
  inLayer('a division of Python', 'let n = [H «//» 2]\nreturn x', 'let n = [H / 2]\nreturn x'),
];

export const programs: readonly Mistake[] = [...names, ...signs, ...statements];
