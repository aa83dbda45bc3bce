// Images and labels in IDX files named in the `.nn` file.
import { fail } from '../../../diagnostics/diagnostic.ts';
import { augmentations, normalizing, optional, text } from './arguments.ts';
import { readImagePair } from './image-sources.ts';
import { findData } from './paths.ts';
import { defineSource } from './source.ts';

/** `idx(images = "train-images", labels = "train-labels", test_images = …, test_labels = …)` */
export const idx = defineSource({
  name: 'idx',
  parameters: {
    images: text,
    labels: text,
    test_images: optional(text),
    test_labels: optional(text),
    normalize: normalizing,
    augment: augmentations,
  },
  async load({ images, labels, test_images, test_labels }, { roots }) {
    if ((test_images === undefined) !== (test_labels === undefined)) {
      const name = test_images === undefined ? 'test_images' : 'test_labels';
      fail('data.argument-missing', undefined, {
        source: 'idx',
        name,
        expected: 'pictures and labels come together',
      });
    }
    const read = async (pictures: string, classes: string) =>
      readImagePair(await findData(pictures, roots), await findData(classes, roots));
    const train = await read(images, labels);
    const test =
      test_images === undefined || test_labels === undefined
        ? undefined
        : await read(test_images, test_labels);
    if (test && test.shape.join() !== train.shape.join()) {
      const reason = `its examples are [${test.shape.join(', ')}], and the training part's [${train.shape.join(', ')}]`;
      fail('data.malformed', undefined, { path: test_images ?? '', format: 'IDX', reason });
    }
    const bytes = train.part.fields.get('image')?.values instanceof Uint8Array;
    return {
      fields: [
        { name: 'image', role: 'input', kind: bytes ? 'image' : 'number', shape: train.shape },
        { name: 'label', role: 'target', kind: 'class', shape: [] },
      ],
      train: train.part,
      ...(test && { test: test.part }),
      origin: images,
    };
  },
});
