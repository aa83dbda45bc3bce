// The data sets available for download: URLs, and digests to verify them.

/** A file to download, and the files made from it. */
export interface PublishedFile {
  readonly url: string;
  /** Maximum bytes to download. */
  readonly most: number;
  /** Digest of the download, if its publisher states it. */
  readonly digest?: Digest;
  /** How the download is unpacked. */
  readonly form: 'gzip' | 'tar.gz';
  readonly contents: readonly ContentFile[];
}

/** A file to keep. */
export interface ContentFile {
  /** Its path in the data set's folder; in an archive also the end of the member's name. */
  readonly name: string;
  readonly size: number;
  readonly digest?: Digest;
}

export interface Digest {
  readonly algorithm: 'sha256' | 'md5';
  /** Hexadecimal. */
  readonly value: string;
}

export interface PublishedSet {
  readonly name: string;
  /** The folder's name in --data-root, where the data source of that name looks. */
  readonly folder: string;
  readonly files: readonly PublishedFile[];
}

const sha256 = (value: string): Digest => ({ algorithm: 'sha256', value });

/** The four files of MNIST and of data sets in its format; the digests are of the unpacked files. */
function mnistLike(
  base: string,
  digests: readonly [trainImages: string, trainLabels: string, testImages: string, testLabels: string],
): readonly PublishedFile[] {
  const [trainImages, trainLabels, testImages, testLabels] = digests;
  return (
    [
      ['train-images-idx3-ubyte', 47_040_016, trainImages],
      ['train-labels-idx1-ubyte', 60_008, trainLabels],
      ['t10k-images-idx3-ubyte', 7_840_016, testImages],
      ['t10k-labels-idx1-ubyte', 10_008, testLabels],
    ] as const
  ).map(([name, size, digest]) => ({
    url: `${base}${name}.gz`,
    most: size,
    form: 'gzip',
    contents: [{ name, size, digest: sha256(digest) }],
  }));
}

const cifarFiles = [...[1, 2, 3, 4, 5].map((number) => `data_batch_${number}.bin`), 'test_batch.bin'];

export const publishedSets: readonly PublishedSet[] = [
  {
    name: 'mnist',
    folder: 'mnist',
    files: mnistLike('https://ossci-datasets.s3.amazonaws.com/mnist/', [
      'ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db',
      '65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5',
      '0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7',
      'ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2',
    ]),
  },
  {
    name: 'fashion_mnist',
    folder: 'fashion-mnist',
    files: mnistLike('http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/', [
      'c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888',
      'bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9',
      '5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b',
      '0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34',
    ]),
  },
  {
    name: 'cifar10',
    folder: 'cifar-10-batches-bin',
    files: [
      {
        url: 'https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz',
        most: 200_000_000,
        digest: { algorithm: 'md5', value: 'c32a1d4ab5d03f1284b67883e8d87530' },
        form: 'tar.gz',
        contents: cifarFiles.map((name) => ({ name, size: 30_730_000 })),
      },
    ],
  },
];
