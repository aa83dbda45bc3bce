// Augmentation of byte images while a batch is gathered. What is drawn for an example depends on seed, epoch and example only:
// the same pictures whoever gathers them, in whatever order, and wherever an interrupted epoch is taken up.
// The loops run over every pixel of every batch: typed arrays and plain numbers, nothing is allocated.
import { absorb } from '../../runtime/random.ts';
import type { Augmentation, ByteColumn } from './dataset.ts';
import { addNoise } from './noise.ts';
import { below } from './shuffle.ts';

/** What is done to one picture: flip and crop in the order they are listed, then brightness, noise, and cutout last. */
export class Augmenter {
  // where an example's pixels come from: column x of the result shows column x + right of the (mirrored) image
  #mirrored = false;
  #right = 0;
  #down = 0;
  #factor = 1;
  /** The worth of each byte, for the brightness that was drawn. */
  readonly #table: Float32Array;

  constructor(
    private readonly column: ByteColumn,
    private readonly picture: NonNullable<ByteColumn['picture']>,
    private readonly augmentations: readonly Augmentation[],
  ) {
    this.#table = new Float32Array(column.table);
  }

  /** Writes the examples to `out`, each changed as drawn from the state. */
  gather(examples: Uint32Array, state: number, out: Float32Array): void {
    const size = this.column.channels * this.picture.height * this.picture.width;
    for (let i = 0; i < examples.length; i++) {
      const example = examples[i] ?? 0;
      const drawn = absorb(state, example);
      this.#place(drawn);
      this.#copy(example, out, i * size);
      for (let k = 0; k < this.augmentations.length; k++) {
        const augmentation = this.augmentations[k];
        if (augmentation?.kind === 'noise')
          this.#addNoise(augmentation.deviation, absorb(drawn, 2 * k), out, i * size);
      }
      for (let k = 0; k < this.augmentations.length; k++) {
        const augmentation = this.augmentations[k];
        if (augmentation?.kind === 'cutout') this.#cutOut(augmentation.size, drawn, k, out, i * size);
      }
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
          // A mirror after a move turns the move round.
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

  /** The worth of the bytes times the factor, at most that of white. */
  #brightened(): Float32Array {
    const { table, channels } = this.column;
    if (this.#factor === 1) return table;
    for (let base = 0; base < 256 * channels; base += 256) {
      const black = table[base] ?? 0;
      const white = table[base + 255] ?? 0;
      const step = (this.#factor * (white - black)) / 255;
      for (let byte = 0; byte < 256; byte++) this.#table[base + byte] = Math.min(white, black + step * byte);
    }
    return this.#table;
  }

  #copy(example: number, out: Float32Array, start: number): void {
    const { data, channels } = this.column;
    const { height, width } = this.picture;
    const table = this.#brightened();
    const right = this.#right;
    const down = this.#down;
    // The columns of the result that show something of the picture, and where the first of them comes from.
    const first = Math.min(width, Math.max(0, -right));
    const end = Math.max(first, Math.min(width, width - right));
    const stride = this.#mirrored ? -1 : 1;
    const source = this.#mirrored ? width - 1 - (first + right) : first + right;
    let to = start;
    for (let channel = 0; channel < channels; channel++) {
      const base = 256 * channel;
      const black = table[base] ?? 0;
      for (let y = 0; y < height; y++) {
        const row = y + down;
        const next = to + width;
        if (row < 0 || row >= height) {
          while (to < next) out[to++] = black;
          continue;
        }
        for (const shown = to + first; to < shown; to++) out[to] = black;
        let from = ((example * channels + channel) * height + row) * width + source;
        for (const shown = next - width + end; to < shown; to++, from += stride)
          out[to] = table[base + (data[from] ?? 0)] ?? 0;
        for (; to < next; to++) out[to] = black;
      }
    }
  }

  /** @param deviation where black is 0 and white is 1 */
  #addNoise(deviation: number, state: number, out: Float32Array, start: number): void {
    const { table, channels } = this.column;
    const size = this.picture.height * this.picture.width;
    for (let channel = 0; channel < channels; channel++) {
      const unit = (table[256 * channel + 255] ?? 0) - (table[256 * channel] ?? 0);
      addNoise(out, start + channel * size, size, deviation * unit, absorb(state, channel));
    }
  }

  /** A square about any of the pixels; what of it lies outside is lost. Zero is what normalisation makes of the mean. */
  #cutOut(size: number, drawn: number, k: number, out: Float32Array, start: number): void {
    const { height, width } = this.picture;
    const left = below(width, absorb(drawn, 2 * k)) - (size >> 1);
    const top = below(height, absorb(drawn, 2 * k + 1)) - (size >> 1);
    const first = Math.max(0, left);
    const end = Math.min(width, left + size);
    const last = Math.min(height, top + size);
    for (let channel = 0; channel < this.column.channels; channel++) {
      for (let y = Math.max(0, top); y < last; y++) {
        const row = start + (channel * height + y) * width;
        for (let to = row + first; to < row + end; to++) out[to] = 0;
      }
    }
  }
}
