// Data in files that the `.nn` file names: IDX and CSV.
import { fail } from '../../diagnostics/diagnostic.ts';
import {
  augmentations,
  character,
  columnNames,
  fileOrShare,
  flag,
  optional,
  text,
  withDefault,
} from './arguments.ts';
import { planCsv, readCsvPart, type CsvFile } from './csv.ts';
import { readImagePair } from './image-sources.ts';
import { findData } from './paths.ts';
import type { SourceContext } from './raw-data.ts';
import { readData } from './read-file.ts';
import { defineSource } from './source.ts';

/** `idx(images = "train-images", labels = "train-labels", test_images = …, test_labels = …)` */
export const idx = defineSource({
  name: 'idx',
  parameters: {
    images: text,
    labels: text,
    test_images: optional(text),
    test_labels: optional(text),
    normalize: flag,
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

/** `csv("file.csv", target = "species", header = true, separator = ",", features = […], test = "test.csv" or 0.2)` */
export const csv = defineSource({
  name: 'csv',
  parameters: {
    file: text,
    target: optional(columnNames),
    features: optional(columnNames),
    header: withDefault(flag, true),
    separator: withDefault(character, ','),
    test: optional(fileOrShare),
    normalize: flag,
  },
  async load({ file, target, features, header, separator, test }, context) {
    if (target === undefined && context.targets.length > 0) {
      const expected = `the columns of the model's target ${context.targets.map((port) => port.name).join(', ')}`;
      fail('data.argument-missing', undefined, { source: 'csv', name: 'target', expected });
    }
    const train = await readText(file, context);
    const plan = planCsv(train, { header, separator }, { target: target ?? [], features }, context);
    const { part, categories } = readCsvPart(train, plan);
    const testPart =
      typeof test === 'string' ? readCsvPart(await readText(test, context), plan, categories).part : test;
    const [texts] = categories.values();
    return {
      fields: plan.fields.map(({ field }) => {
        const found = categories.get(field.name);
        return found ? { ...field, classes: found.size } : field;
      }),
      train: part,
      ...(testPart !== undefined && { test: testPart }),
      ...(texts && categories.size === 1 && { classes: [...texts.keys()] }),
      origin: train.path,
    };
  },
});

async function readText(path: string, { roots }: SourceContext): Promise<CsvFile> {
  const found = await findData(path, roots);
  const bytes = await readData(found, 'CSV');
  try {
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(bytes), path: found.shown };
  } catch {
    const reason = 'it is no text in UTF-8, or too long for one';
    return fail('data.malformed', undefined, { path: found.shown, format: 'CSV', reason });
  }
}
