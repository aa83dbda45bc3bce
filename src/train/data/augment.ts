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
    for (let channel = 0; channel < channels; channel++) {
      const base = 256 * channel;
      const black = table[base] ?? 0;
      for (let y = 0; y < height; y++) {
        const row = y + down;
        const start = ((example * channels + channel) * height + row) * width;
        const inside = row >= 0 && row < height;
        for (let x = 0; x < width; x++) {
          const place = x + right;
          const from = mirrored ? width - 1 - place : place;
          out[to++] =
            inside && from >= 0 && from < width ? (table[base + (data[start + from] ?? 0)] ?? 0) : black;
        }
      }
    }
  }
}
