// Augmentation of byte images while a batch is gathered. What is drawn for an example depends on seed, epoch and example only,
// so an interrupted epoch goes on with the same pictures.
import { absorb } from '../../runtime/random.ts';
import type { Augmentation, ByteColumn } from './dataset.ts';
import { below } from './shuffle.ts';

/** Where an example's pixels come from: column `x` of the result shows column `x + right` (of the mirrored image). */
interface Placement {
  readonly mirrored: boolean;
  readonly right: number;
  readonly down: number;
}

function place(augmentations: readonly Augmentation[], state: number): Placement {
  let mirrored = false;
  let right = 0;
  let down = 0;
  augmentations.forEach((augmentation, k) => {
    switch (augmentation.kind) {
      case 'flip':
        // A mirror after a move turns the move round.
        if (below(2, absorb(state, 2 * k)) === 1) {
          mirrored = !mirrored;
          right = -right;
        }
        return;
      case 'crop':
        right += below(2 * augmentation.pad + 1, absorb(state, 2 * k)) - augmentation.pad;
        down += below(2 * augmentation.pad + 1, absorb(state, 2 * k + 1)) - augmentation.pad;
    }
  });
  return { mirrored, right, down };
}

/** Gathers the examples, each changed as drawn from the state. */
export function gatherAugmented(
  column: ByteColumn,
  { height, width }: NonNullable<ByteColumn['picture']>,
  augmentations: readonly Augmentation[],
  examples: Uint32Array,
  state: number,
  out: Float32Array,
): void {
  const { data, table, channels } = column;
  let to = 0;
  for (const example of examples) {
    const { mirrored, right, down } = place(augmentations, absorb(state, example));
    // The columns of the result that show something of the picture, and where the first of them comes from.
    const first = Math.min(width, Math.max(0, -right));
    const end = Math.max(first, Math.min(width, width - right));
    const stride = mirrored ? -1 : 1;
    const source = mirrored ? width - 1 - (first + right) : first + right;
    for (let channel = 0; channel < channels; channel++) {
      const base = 256 * channel;
      const black = table[base] ?? 0;
      for (let y = 0; y < height; y++) {
        const row = y + down;
        const next = to + width;
        if (row < 0 || row >= height) out.fill(black, to, next);
        else {
          out.fill(black, to, to + first);
          out.fill(black, to + end, next);
          let from = ((example * channels + channel) * height + row) * width + source;
          for (let x = first; x < end; x++, from += stride)
            out[to + x] = table[base + (data[from] ?? 0)] ?? 0;
        }
        to = next;
      }
    }
  }
}
