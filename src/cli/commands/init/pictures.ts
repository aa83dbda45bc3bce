// A model for a folder of pictures: small convolutions, or a hidden layer where pictures are tiny.
import { fail } from '../../../diagnostics/diagnostic.ts';
import { pictureHeader, readPictureFile } from '../../../train/data/formats/picture-file.ts';
import { classesOf, partsOf } from '../../../train/data/sources/image-folder.ts';
import type { FoundPath } from '../../../train/data/sources/paths.ts';
import { convolutionalNet, least, quoted, someOf, trainingOf, type Draft } from './draft.ts';

/** The largest pictures that are taken as they are. */
const mostPixels = 64;

/** @param file how the `.nn` file calls the folder */
export async function draftForPictures(found: FoundPath, file: string): Promise<Draft> {
  const parts = await partsOf(found);
  const classes = await classesOf(parts.train);
  const names = classes.map(({ name }) => name);
  if (names.length < 2)
    fail('init.data', undefined, {
      path: found.shown,
      reason: `it holds one class, ${names[0] ?? ''}`,
      help: 'Put the pictures of each class into a folder of its own, called as the class is.',
    });
  const files = classes.flatMap((each) => each.files);
  const headers = files.map(({ real, path }) => pictureHeader(readPictureFile(real, path), path));
  const channels = headers.every(({ grey }) => grey) ? 1 : 3;
  const { height, width, resize } = sizeOf(headers);
  const count = files.length;
  const aside = count >= least;
  const kept = (parts.test || !aside ? 0 : 0.2) + (parts.validation || !aside ? 0 : 0.08);
  const options = [
    quoted(file),
    ...(parts.test || !aside ? [] : ['test = 0.2']),
    ...(resize ? ['resize = true'] : []),
    'normalize = true',
  ];
  return {
    about: [`Tells ${someOf(names)} apart: ${count} pictures of ${file} to learn from.`],
    inputs: [
      {
        name: 'image',
        type: `[${channels}, ${height}, ${width}]`,
        remark: `${channels === 1 ? 'grey' : 'color'}, height, width`,
      },
    ],
    target: { name: 'kind', type: `class(${names.length})`, remark: someOf(names) },
    net: convolutionalNet(height, width, names.length),
    loss: 'CrossEntropy',
    metrics: 'accuracy',
    data: {
      remarks: [
        'Where a mirrored picture is of the same class, `augment = [flip]` makes more of few pictures.',
        ...(options.includes('test = 0.2') ? ['A fifth of the pictures is kept for the test.'] : []),
      ],
      text: `images(${options.join(', ')})`,
    },
    train: trainingOf(
      { examples: count, trained: Math.floor(count * (1 - kept)) },
      500,
      parts.validation !== undefined,
    ),
    assumed: resize ? [`pictures are scaled to ${width} × ${height} pixels`] : [],
  };
}

interface Size {
  readonly height: number;
  readonly width: number;
}

/** Pictures of one small size stay as they are; others become squares. */
function sizeOf(headers: readonly Size[]): Size & { readonly resize: boolean } {
  const [first = { height: 1, width: 1 }] = headers;
  const { height, width } = first;
  const even = headers.every((header) => header.height === height && header.width === width);
  if (even && Math.max(height, width) <= mostPixels) return { height, width, resize: false };
  const sides = headers.map((header) => Math.min(header.height, header.width)).sort((a, b) => a - b);
  const middle = sides[Math.floor(sides.length / 2)] ?? mostPixels;
  const side = middle >= mostPixels ? mostPixels : middle >= 32 ? 32 : 16;
  return { height: side, width: side, resize: true };
}
