import { mkdir, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Json, Port } from '../../../src/runtime/specification.ts';
import { slice } from '../../../src/train/data/feed/batches.ts';
import { decodeFiles } from '../../../src/train/data/formats/decode-files.ts';
import type { Dataset } from '../../../src/train/data/dataset.ts';
import { compileForThread } from './compiled.ts';
import { classOf, diagnosticOf, folderWith, loadOrDiagnose, real, setting } from './files.ts';
import { jpegFile, pngFile } from './pictures.ts';

const cleanup: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const remove of cleanup.splice(0)) await remove();
});

type Files = { readonly [path: string]: string | Uint8Array };

async function folderOf(files: Files): Promise<string> {
  const { folder, remove } = await folderWith(files);
  cleanup.push(remove);
  return folder;
}

const even = (red: number, green: number, blue: number) => pngFile(2, 2, () => [red, green, blue]);
const color = { inputs: [real('image', [3, 2, 2])], targets: [classOf('label', 2)] };
const grey = { ...color, inputs: [real('image', [2, 2])] };

async function load(
  folder: string,
  named: { readonly [name: string]: Json } = {},
  ports: { inputs: Port[]; targets: Port[] } = color,
): Promise<Dataset | string> {
  const found = await loadOrDiagnose(setting('images', named, ['p']), ports, { folder });
  if (!('code' in found)) return found;
  return `${found.code}: ${Object.values(found.args).join(' | ')}`.replaceAll(folder, 'DIR');
}

function values(
  found: Dataset | string,
  part: 'train' | 'validation' | 'test',
  name: string,
): number[] | string {
  if (typeof found === 'string') return found;
  const split = found[part];
  return split ? [...(slice(split, 0, split.count)[name] ?? [])] : 'no such part';
}

const bytes = (found: Dataset | string, part: 'train' | 'validation' | 'test' = 'train') => {
  const read = values(found, part, 'image');
  return typeof read === 'string' ? read : read.map((value) => Math.round(255 * value));
};

describe('a folder of pictures', () => {
  const two = { 'p/b/2.png': even(40, 50, 60), 'p/a/1.PNG': even(10, 20, 30), 'p/b/.hidden': 'x' };

  it('has a class a folder, by name, and planes of pixels', async () => {
    const found = await load(await folderOf(two));
    expect(bytes(found)).toEqual([10, 10, 10, 10, 20, 20, 20, 20, 30, 30, 30, 30, 40, 40, 40, 40, 50, 50, 50, 50, 60, 60, 60, 60]); // prettier-ignore
    expect(values(found, 'train', 'label')).toEqual([0, 1]);
    expect(found).toMatchObject({
      classes: ['a', 'b'],
      preprocessing: { inputs: [{ kind: 'image', shape: [3, 2, 2], resize: false }] },
    });
  });

  it('is read as grey by a grey input, and grey pictures by a color input', async () => {
    const folder = await folderOf({
      'p/a/1.png': pngFile(2, 2, () => [100, 100, 100], 0),
      'p/b/1.png': pngFile(2, 2, () => [255, 0, 0, 7], 6),
    });
    expect(bytes(await load(folder, {}, grey))).toEqual([100, 100, 100, 100, 76, 76, 76, 76]);
    expect(bytes(await load(folder))).toEqual([
      ...Array.from({ length: 12 }, () => 100),
      255, 255, 255, 255, 0, 0, 0, 0, 0, 0, 0, 0,
    ]); // prettier-ignore
  });

  it('takes the first picture’s form where the input has none', async () => {
    const flat = { ...color, inputs: [real('image', [12])] };
    expect(bytes(await load(await folderOf(two), {}, flat))).toHaveLength(24);
    const seven = { ...color, inputs: [real('image', [7])] };
    expect(await load(await folderOf(two), {}, seven)).toBe(
      'data.port: input | image | [7] | images | [3, 2, 2] | Write `input image: [3, 2, 2]`; any shape of as many elements will do.',
    );
  });

  it('may hold JPEG', async () => {
    const folder = await folderOf({
      'p/a/1.jpg': jpegFile(8, 8, (x) => (x < 4 ? [250, 10, 10] : [10, 10, 250])),
      'p/b/1.JPEG': jpegFile(8, 8, () => [128, 128, 128]),
    });
    const found = bytes(await load(folder, {}, { ...color, inputs: [real('image', [3, 8, 8])] }));
    if (typeof found === 'string') return expect.fail(found);
    const near = (place: number, wanted: number) =>
      expect(Math.abs((found[place] ?? 0) - wanted)).toBeLessThan(40);
    near(0, 250);
    near(7, 10);
    near(64, 10);
    near(128, 10);
    near(128 + 7, 250);
    near(192, 128);
  });

  it('may have parts, or a share or a folder for the test', async () => {
    const one = even(1, 2, 3);
    const parts = await folderOf({
      'p/train/a/1.png': one,
      'p/train/b/1.png': one,
      'p/train/b/2.png': one,
      'p/test/b/1.png': even(9, 9, 9),
      'other/b/1.png': one,
      'other/c/1.png': one,
    });
    const found = await load(parts);
    expect(values(found, 'train', 'label')).toEqual([0, 1, 1]);
    expect(values(found, 'test', 'label')).toEqual([1]);
    expect(bytes(found, 'test')).toEqual(Array.from({ length: 12 }, () => 9));
    expect(await load(parts, { test: 0.5 })).toContain(
      'nothing where the folder has a part `test` of its own',
    );

    const plain = await folderOf({ ...two, 'other/b/1.png': one, 'third/c/1.png': one });
    expect(values(await load(plain, { test: 'other' }), 'test', 'label')).toEqual([1]);
    expect(await load(plain, { test: 'third' })).toContain(
      'it has the class c, which the training part does not have',
    );
    const share = await load(plain, { test: 0.5 });
    expect([values(share, 'train', 'label').length, values(share, 'test', 'label').length]).toEqual([1, 1]);
  });

  it.each(['val', 'valid', 'validation', 'Val'])('may have a part %s for validation', async (name) => {
    const one = even(1, 2, 3);
    const folder = await folderOf({
      'p/train/a/1.png': one,
      'p/train/b/1.png': one,
      [`p/${name}/b/1.png`]: even(7, 7, 7),
      'p/test/a/1.png': even(9, 9, 9),
    });
    const found = await load(folder);
    expect(values(found, 'train', 'label')).toEqual([0, 1]);
    expect(values(found, 'validation', 'label')).toEqual([1]);
    expect(bytes(found, 'validation')).toEqual(Array.from({ length: 12 }, () => 7));
    expect(bytes(found, 'test')).toEqual(Array.from({ length: 12 }, () => 9));
    const normalized = await load(folder, { normalize: true });
    // by the statistics of the training part
    const { mean, deviation } = (typeof normalized === 'object' && normalized.normalization.get('image')) || {
      mean: [],
      deviation: [],
    };
    const [seven = NaN] = values(normalized, 'validation', 'image') as number[];
    expect(seven).toBeCloseTo((7 / 255 - (mean[0] ?? NaN)) / (deviation[0] ?? NaN), 4);
  });

  it('with a part for validation keeps no share for it, and knows its data by it', async () => {
    const one = even(1, 2, 3);
    const files = { 'p/train/a/1.png': one, 'p/train/b/1.png': one, 'p/val/a/1.png': one };
    const folder = await folderOf(files);
    const found = await loadOrDiagnose(setting('images', {}, ['p']), color, { folder, validation: 0.5 });
    expect('code' in found ? found.args : found).toMatchObject({ name: 'validation', found: '0.5' });
    const other = await folderOf({ ...files, 'p/val/a/1.png': even(1, 2, 4) });
    const prints = [await load(folder), await load(other)].map(
      (each) => typeof each === 'object' && each.fingerprint,
    );
    expect(prints[0]).not.toBe(prints[1]);
  });

  it('with pictures of another size says so, or scales them', async () => {
    const folder = await folderOf({
      'p/a/1.png': even(8, 8, 8),
      'p/b/1.png': pngFile(4, 4, (x) => (x < 2 ? [100, 0, 0] : [200, 0, 0])),
      'p/b/2.png': pngFile(1, 1, () => [5, 6, 7]),
    });
    expect(await load(folder)).toBe('data.picture-size: DIR/p/b/1.png | 4 × 4 | 2 × 2');
    const found = bytes(await load(folder, { resize: true }));
    // a triangle of two pixels to each side: 1, 3, 3, 1 of eight, cut off at the border
    expect(found.slice(12, 16)).toEqual([114, 186, 114, 186]);
    expect(found.slice(24)).toEqual([5, 5, 5, 5, 6, 6, 6, 6, 7, 7, 7, 7]);
  });

  it.each<[string, Files, string]>([
    ['nothing', { 'p/.x': '' }, 'DIR/p | a folder of pictures | it holds no folder of a class'],
    ['an empty class', { ...two, 'p/c/.x': '' }, 'DIR/p/c | a folder of pictures | it holds no picture'],
    ['a stray picture', { ...two, 'p/1.png': '' }, 'DIR/p/1.png | a folder of pictures | it lies beside'],
    ['another file', { ...two, 'p/a/1.webp': '' }, 'DIR/p/a/1.webp | a folder of pictures | its name ends'],
    [
      'a deeper folder',
      { ...two, 'p/a/x/1.png': '' },
      'DIR/p/a/x | a folder of pictures | it is a folder within',
    ],
    [
      'a part and a class',
      { 'p/train/a/1.png': '', 'p/b/1.png': '' },
      'DIR/p | a folder of pictures | beside `train` it holds b, which is no part',
    ],
    [
      'two parts of one kind',
      { 'p/train/a/1.png': '', 'p/val/a/1.png': '', 'p/valid/a/1.png': '' },
      'DIR/p | a folder of pictures | it holds both val and valid',
    ],
    [
      'no picture',
      { ...two, 'p/a/0.png': 'hello' },
      'DIR/p/a/0.png | a picture | it begins neither as PNG nor as JPEG',
    ],
    [
      'a huge picture',
      { ...two, 'p/a/0.png': hugePng() },
      'DIR/p/a/0.png | a picture | it has 65535 × 65535 pixels, and at most',
    ],
    ['no folder', { p: 'x' }, 'DIR/p | a folder of pictures | it is not a folder'],
  ])('with %s is refused', async (_, files, message) => {
    expect(await load(await folderOf(files))).toContain(message);
  });

  it('that does not suit the model is refused before a picture is decoded', async () => {
    const folder = await folderOf({ 'p/a/1.png': 'x', 'p/b/1.png': 'x', 'p/c/1.png': 'x' });
    expect(await load(folder)).toBe(
      'data.port: target | label | class(2) | images | a class of 3 | Write `target label: class(3)`.',
    );
  });

  it('is not left by symbolic links', async () => {
    const outside = await folderOf({ 'c/1.png': even(1, 2, 3) });
    const folder = await folderOf(two);
    await symlink(join(outside, 'c'), join(folder, 'p', 'c'));
    expect(await load(folder)).toBe('data.outside: DIR/p/c | DIR');
    await rm(join(folder, 'p', 'c'));
    await mkdir(join(folder, 'p', 'c'));
    await symlink(join(outside, 'c', '1.png'), join(folder, 'p', 'c', '1.png'));
    expect(await load(folder)).toBe('data.outside: DIR/p/c/1.png | DIR');
  });
});

function hugePng(): Uint8Array {
  const file = even(1, 2, 3);
  new DataView(file.buffer).setUint32(16, 65535);
  new DataView(file.buffer).setUint32(20, 65535);
  return file;
}

describe('threads that decode', () => {
  const entry = 'src/train/data/formats/decode-worker.ts';
  let thread: URL;
  beforeAll(async () => {
    thread = await compileForThread(entry);
  });
  afterAll(() => rm(fileURLToPath(thread).slice(0, -entry.length), { recursive: true }));
  const form = { channels: 1, height: 2, width: 2 };

  it('give what one alone gives, and tell the first file that is wrong', async () => {
    const folder = await folderOf({ 'good.png': even(7, 7, 7), 'bad.png': 'x', 'worse.png': 'y' });
    const file = (name: string) => ({ real: join(folder, name), path: name });
    const files = Array.from({ length: 300 }, () => file('good.png'));
    const told: number[] = [];
    const progress = (done: number) => told.push(done);
    const here = await decodeFiles(files, { form, resize: false, thread: false });
    expect(await decodeFiles(files, { form, resize: false, thread, progress })).toEqual(here);
    expect(here).toEqual(new Uint8Array(1200).fill(7));
    expect(told.at(-1)).toBe(300);

    files[140] = file('bad.png');
    files[290] = file('worse.png');
    const failed = await decodeFiles(files, { form, resize: false, thread }).catch(diagnosticOf);
    expect(failed).toMatchObject({ code: 'data.malformed', args: { path: 'bad.png' } });
  });
});
