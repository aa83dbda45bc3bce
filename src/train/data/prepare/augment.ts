// Augments byte images while a batch is assembled. The random draws for an example depend only on seed, epoch and example: images are the
// same on any number of threads, in any order, and after an interruption. Nothing is allocated per image; the pixel loops are in the
// kernel.
import { absorb } from '../../../runtime/random.ts';
import type { Augmentation, ByteColumn } from '../dataset.ts';
import type { PictureKernel } from '../kernel/pictures.ts';
import { below } from '../feed/shuffle.ts';

/** Byte addresses of a column's data in the kernel's memory. */
export interface PicturePlaces {
  /** The image's bytes. */
  readonly staging: number;
  /** Lookup table of the bytes' values, 256 float32 per channel; and a second one, scaled by the brightness drawn. */
  readonly table: number;
  readonly brightened: number;
  readonly quantiles: number;
}

export interface PictureMemory {
  readonly kernel: PictureKernel;
  readonly places: PicturePlaces;
  /** The kernel's entire memory. */
  readonly floats: Float32Array;
}

/** Augments one image: flip and crop in the order listed, then brightness, noise, and finally cutout. */
export class Augmenter {
  private readonly kernel: PictureKernel;
  private readonly places: PicturePlaces;
  private readonly floats: Float32Array;
  // the composed shift and flip: column x of the result is column x + right of the (mirrored) image
  #mirrored = false;
  #right = 0;
  #down = 0;
  #factor = 1;

  constructor(
    private readonly column: ByteColumn,
    private readonly picture: NonNullable<ByteColumn['picture']>,
    private readonly augmentations: readonly Augmentation[],
    { kernel, places, floats }: PictureMemory,
  ) {
    this.kernel = kernel;
    this.places = places;
    this.floats = floats;
  }

  /** Writes the staged image to `to`, augmented by draws from the state. */
  apply(drawn: number, to: number): void {
    const { augmentations, kernel, places } = this;
    const { channels } = this.column;
    const { height, width } = this.picture;
    this.#place(drawn);
    const table = this.#factor === 1 ? places.table : this.#brightened();
    kernel.picture(
      places.staging,
      to,
      table,
      channels,
      height,
      width,
      this.#mirrored,
      this.#right,
      this.#down,
    );
    for (let k = 0; k < augmentations.length; k++) {
      const augmentation = augmentations[k];
      if (augmentation?.kind === 'noise') this.#addNoise(augmentation.deviation, absorb(drawn, 2 * k), to);
    }
    for (let k = 0; k < augmentations.length; k++) {
      const augmentation = augmentations[k];
      if (augmentation?.kind === 'cutout') this.#cutOut(augmentation.size, drawn, k, to >> 2);
    }
  }

  #place(drawn: number): void {
    this.#mirrored = false;
    this.#right = 0;
    this.#down = 0;
    this.#factor = 1;
    for (let k = 0; k < this.augmentations.length; k++) {
      const augmentation = this.augmentations[k];
      switch (augmentation?.kind) {
        case 'flip':
          // Flipping after a shift reverses the shift.
          if (below(2, absorb(drawn, 2 * k)) === 1) {
            this.#mirrored = !this.#mirrored;
            this.#right = -this.#right;
          }
          break;
        case 'crop':
          this.#right += below(2 * augmentation.pad + 1, absorb(drawn, 2 * k)) - augmentation.pad;
          this.#down += below(2 * augmentation.pad + 1, absorb(drawn, 2 * k + 1)) - augmentation.pad;
          break;
        case 'brightness': {
          const side = (2 * absorb(drawn, 2 * k)) / 2 ** 32 - 1;
          this.#factor *= Math.max(0, 1 + side * augmentation.amount);
        }
      }
    }
  }

  /** The bytes' values times the factor, at most that of white. */
  #brightened(): number {
    const { table, channels } = this.column;
    const { brightened } = this.places;
    const to = brightened >> 2;
    for (let base = 0; base < 256 * channels; base += 256) {
      const black = table[base] ?? 0;
      const white = table[base + 255] ?? 0;
      const step = (this.#factor * (white - black)) / 255;
      for (let byte = 0; byte < 256; byte++)
        this.floats[to + base + byte] = Math.min(white, black + step * byte);
    }
    return brightened;
  }

  /** @param deviation standard deviation, where black is 0 and white is 1 */
  #addNoise(deviation: number, state: number, to: number): void {
    const { table, channels } = this.column;
    const size = this.picture.height * this.picture.width;
    for (let channel = 0; channel < channels; channel++) {
      const unit = (table[256 * channel + 255] ?? 0) - (table[256 * channel] ?? 0);
      // the generator would stay at zero
      const word = absorb(state, channel) | 0 || 1;
      this.kernel.addNoise(to + 4 * channel * size, this.places.quantiles, size, deviation * unit, word);
    }
  }

  /** A square centered at a random pixel, clipped to the image. Zero is the normalized mean. */
  #cutOut(size: number, drawn: number, k: number, start: number): void {
    const { height, width } = this.picture;
    const left = below(width, absorb(drawn, 2 * k)) - (size >> 1);
    const top = below(height, absorb(drawn, 2 * k + 1)) - (size >> 1);
    const first = Math.max(0, left);
    const end = Math.min(width, left + size);
    const last = Math.min(height, top + size);
    for (let channel = 0; channel < this.column.channels; channel++) {
      for (let y = Math.max(0, top); y < last; y++) {
        const row = start + (channel * height + y) * width;
        for (let to = row + first; to < row + end; to++) this.floats[to] = 0;
      }
    }
  }
}
