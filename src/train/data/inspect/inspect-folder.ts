// A folder of images, one folder per class: counts per class, image sizes, and the pixel range if all have the same size.
import { decodeFiles } from '../formats/decode-files.ts';
import { classesOf, partsOf, type ClassFolder } from '../sources/image-folder.ts';
import type { FoundPath } from '../sources/paths.ts';
import { pictureHeader, readPictureFile } from '../formats/picture-file.ts';
import { rangeOf, type FieldFacts, type Inspection, type PartFacts, type ValueCount } from './facts.ts';

type Progress = ((done: number, total: number) => void) | undefined;

/** @throws DiagnosticError when it contains anything else */
export async function inspectFolder(folder: FoundPath, progress: Progress): Promise<Inspection> {
  const parts = await partsOf(folder);
  const train = await classesOf(parts.train);
  const found = [await partFacts('train', train, progress)];
  for (const name of ['validation', 'test'] as const) {
    const own = parts[name];
    if (own) found.push(await partFacts(name, await classesOf(own), progress));
  }
  return { format: 'images', path: folder.shown, parts: found };
}

async function partFacts(
  name: PartFacts['name'],
  classes: readonly ClassFolder[],
  progress: Progress,
): Promise<PartFacts> {
  const files = classes.flatMap((found) => found.files);
  const sizes = new Map<string, number>();
  let colors = false;
  let first: { readonly width: number; readonly height: number } | undefined;
  for (const { real, path } of files) {
    const header = pictureHeader(readPictureFile(real, path), path);
    const size = `${header.width} × ${header.height}`;
    sizes.set(size, (sizes.get(size) ?? 0) + 1);
    colors ||= !header.grey;
    first ??= header;
  }
  const { width, height } = first ?? { width: 0, height: 0 };
  const channels = colors ? 3 : 1;
  const single = sizes.size === 1;
  const pixels = single
    ? await decodeFiles(files, {
        form: { channels, height, width },
        resize: false,
        ...(progress && { progress }),
      })
    : [];
  const counts: ValueCount[] = [...sizes]
    .map(([value, count]) => ({ value, count }))
    .sort((a, b) => b.count - a.count || (a.value < b.value ? -1 : 1));
  const image: FieldFacts = {
    name: 'image',
    kind: 'image',
    shape: single ? [channels, height, width] : [channels],
    ...rangeOf(pixels),
    ...(!single && { sizes: counts }),
  };
  const label: FieldFacts = {
    name: 'label',
    kind: 'class',
    shape: [],
    missing: 0,
    distinct: classes.length,
    values: classes.map(({ name: value, files: own }) => ({ value, count: own.length })),
  };
  return { name, examples: files.length, fields: [image, label] };
}
