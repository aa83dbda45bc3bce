// The user's own images, one folder per class: PNG and JPEG.
import { fail } from '../../../diagnostics/diagnostic.ts';
import type { PictureForm } from '../../../runtime/preparation/pictures.ts';
import type { Port } from '../../../runtime/specification.ts';
import { augmentations, fileOrShare, flag, normalizing, optional, text } from './arguments.ts';
import { decodeFiles, type PictureFile } from '../formats/decode-files.ts';
import { classesOf, partsOf, requireFolder, type ClassFolder } from './image-folder.ts';
import { matchPorts } from '../prepare/match.ts';
import { findData } from './paths.ts';
import { pictureHeader, readPictureFile } from '../formats/picture-file.ts';
import type { RawField, RawPart, SourceContext } from '../prepare/raw-data.ts';
import { largestFile } from './read-file.ts';
import { defineSource } from './source.ts';

/**
 * `images("folder", test = "other" or 0.2, resize = true)`: one folder per class, or such folders in `train`, `val` and `test`. Images
 * are converted to the channels of the model's input; another size is an error, or resized.
 */
export const images = defineSource({
  name: 'images',
  parameters: {
    folder: text,
    test: optional(fileOrShare),
    resize: flag,
    normalize: normalizing,
    augment: augmentations,
  },
  async load({ folder, test, resize }, context) {
    const root = await findData(folder, context.roots);
    await requireFolder(root);
    const parts = await partsOf(root);
    if (parts.test && test !== undefined) {
      const expected = 'nothing where the folder has a part `test` of its own';
      fail('data.argument', undefined, {
        source: 'images',
        name: 'test',
        expected,
        found: JSON.stringify(test),
      });
    }
    const classes = await classesOf(parts.train);
    const testFolder = typeof test === 'string' ? await findData(test, context.roots) : parts.test;
    const testClasses = testFolder && (await classesOf(testFolder));
    const valClasses = parts.validation && (await classesOf(parts.validation));
    const { form, shape } = formOf(context.inputs, classes[0]?.files[0]);
    const names = classes.map(({ name }) => name);
    const fields: readonly RawField[] = [
      { name: 'image', role: 'input', kind: 'image', shape, resize },
      { name: 'label', role: 'target', kind: 'class', shape: [], classes: names.length, labels: names },
    ];
    // checks the match with the model before any image is decoded
    const nothing = { count: 0, fields: new Map() };
    matchPorts('images', { fields, train: nothing, origin: root.shown }, context.inputs, context.targets);
    const read = (found: readonly ClassFolder[], path: string) =>
      readPart(found, names, path, { form, resize, context });
    const train = await read(classes, parts.train.shown);
    const validation =
      parts.validation && valClasses ? await read(valClasses, parts.validation.shown) : undefined;
    const other = testFolder && testClasses ? await read(testClasses, testFolder.shown) : undefined;
    return {
      fields,
      train,
      ...(validation && { validation }),
      ...(other ? { test: other } : typeof test === 'number' ? { test } : {}),
      classes: names,
      origin: root.shown,
    };
  },
});

/** The model's input form if that is an image, else the first image's form. */
function formOf(
  inputs: readonly Port[],
  first: PictureFile | undefined,
): { readonly form: PictureForm; readonly shape: readonly number[] } {
  const shape = inputs[0]?.shape ?? [];
  const [height = 0, width = 0] = shape.slice(-2);
  if (shape.length === 2) return { form: { channels: 1, height, width }, shape };
  const [channels = 0] = shape;
  if (shape.length === 3 && channels >= 1 && channels <= 4)
    return { form: { channels, height, width }, shape };
  const header = first && pictureHeader(readPictureFile(first.real, first.path), first.path);
  const form = { channels: header?.grey ? 1 : 3, height: header?.height ?? 0, width: header?.width ?? 0 };
  return { form, shape: [form.channels, form.height, form.width] };
}

interface ReadOptions {
  readonly form: PictureForm;
  readonly resize: boolean;
  readonly context: SourceContext;
}

/** @param names of all classes: the labels are their indices */
async function readPart(
  classes: readonly ClassFolder[],
  names: readonly string[],
  path: string,
  { form, resize, context }: ReadOptions,
): Promise<RawPart> {
  const malformed = (reason: string): never =>
    fail('data.malformed', undefined, { path, format: 'a folder of pictures', reason });
  const files = classes.flatMap((found) => found.files);
  const labels = classes.flatMap((found) => {
    const label = names.indexOf(found.name);
    if (label < 0) malformed(`it has the class ${found.name}, which the training part does not have`);
    return found.files.map(() => label);
  });
  const size = form.channels * form.height * form.width;
  if (files.length * size > largestFile)
    malformed(
      `its ${files.length} pictures take ${files.length * size} bytes, and at most ${largestFile} are read`,
    );
  const pixels = await decodeFiles(files, {
    form,
    resize,
    ...(context.progress && { progress: context.progress }),
  });
  return {
    count: files.length,
    fields: new Map([
      ['image', { values: pixels, path }],
      ['label', { values: Float32Array.from(labels), path }],
    ]),
  };
}
