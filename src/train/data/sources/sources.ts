// The table of data sources that a `.nn` file can name. To add one, write a file that defines it and a line here.
import { npy, npz } from './array-sources.ts';
import { cifar10, fashionMnist, mnist } from './image-sources.ts';
import { images } from './images-source.ts';
import { idx } from './idx-source.ts';
import { csv, parquet } from './table-sources.ts';
import type { Source } from './source.ts';

export const sources: ReadonlyMap<string, Source> = new Map(
  [mnist, fashionMnist, cifar10, images, idx, csv, parquet, npy, npz].map((source) => [source.name, source]),
);
