// Assembles training batches: examples are gathered, augmented and normalized into float32 arrays in one shared memory, written by the
// kernel and readable by all threads. Buffers are allocated once per split; a batch allocates nothing.
import type { Arrays } from '../../../runtime/executable.ts';
import { absorb } from '../../../runtime/random.ts';
import { elementCount, namedRecord } from '../../../runtime/tensor.ts';
import { Augmenter, type PicturePlaces } from '../prepare/augment.ts';
import type { ByteColumn, Split } from '../dataset.ts';
import { gatherColumn } from './gather.ts';
import { linkPictures, type PictureKernel } from '../kernel/pictures.ts';
import { levels, normalQuantiles } from '../prepare/noise.ts';

const pageBytes = 65536;
/** The maximum size of a WebAssembly memory. */
const mostBytes = 2 ** 32 - pageBytes;

export interface AssemblyOptions {
  /** Examples per batch. */
  readonly batch: number;
  /** Batches held at once. */
  readonly slots: number;
}

/** Byte offsets in the memory. */
interface Layout {
  readonly places: ReadonlyMap<string, PicturePlaces>;
  readonly firstSlot: number;
  readonly slotBytes: number;
  readonly bytes: number;
}

function layoutOf(split: Split, { batch, slots }: AssemblyOptions): Layout {
  let at = 0;
  const take = (bytes: number) => {
    const start = at;
    at += 16 * Math.ceil(bytes / 16);
    return start;
  };
  const quantiles = take(4 * levels);
  const places = new Map<string, PicturePlaces>();
  for (const [name, column] of split.columns) {
    if (column.kind !== 'byte') continue;
    const table = 4 * 256 * column.channels;
    const staging = take(elementCount(column.shape));
    places.set(name, { staging, table: take(table), brightened: take(table), quantiles });
  }
  const firstSlot = at;
  const sizes = [...split.columns.values()].map(({ shape }) => elementCount(shape));
  const slotBytes = 4 * batch * sizes.reduce((sum, size) => sum + size, 0);
  return { places, firstSlot, slotBytes, bytes: firstSlot + slots * slotBytes };
}

/** Memory for the batches of a split, shareable between threads. */
export function batchMemory(split: Split, options: AssemblyOptions): WebAssembly.Memory {
  const { bytes } = layoutOf(split, options);
  if (bytes > mostBytes) throw new RangeError(`batches of ${bytes} bytes do not fit into one memory`);
  const pages = Math.max(1, Math.ceil(bytes / pageBytes));
  return new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
}

/** The arrays of each batch slot in the memory. */
export function batchSlots(
  split: Split,
  options: AssemblyOptions,
  { buffer }: WebAssembly.Memory,
): readonly Arrays[] {
  const { firstSlot, slotBytes } = layoutOf(split, options);
  return Array.from({ length: options.slots }, (_, slot) => {
    let at = firstSlot + slot * slotBytes;
    return namedRecord(
      [...split.columns].map(([name, { shape }]) => {
        const array = new Float32Array(buffer, at, options.batch * elementCount(shape));
        at += array.byteLength;
        return [name, array];
      }),
    );
  });
}

/** An assembler of one batch at a time, with its own memory. */
export function singleAssembler(split: Split, batch: number): Assembler {
  const options = { batch, slots: 1 };
  return new Assembler(split, options, batchMemory(split, options));
}

export class Assembler {
  readonly #slots: readonly Arrays[];
  readonly #parts: readonly BytePart[];

  /** @param memory from `batchMemory` with the same arguments */
  constructor(
    private readonly split: Split,
    options: AssemblyOptions,
    memory: WebAssembly.Memory,
  ) {
    this.#slots = batchSlots(split, options, memory);
    const { places } = layoutOf(split, options);
    const kernel = linkPictures(memory);
    const floats = new Float32Array(memory.buffer);
    const bytes = new Uint8Array(memory.buffer);
    this.#parts = [...split.columns].flatMap(([name, column]) => {
      const own = places.get(name);
      if (column.kind !== 'byte' || !own) return [];
      floats.set(column.table, own.table >> 2);
      if (split.augmentations.some(({ kind }) => kind === 'noise'))
        floats.set(normalQuantiles(), own.quantiles >> 2);
      const augmenter =
        column.picture && split.augmentations.length > 0
          ? new Augmenter(column, column.picture, split.augmentations, { kernel, places: own, floats })
          : undefined;
      return [{ name, column, size: elementCount(column.shape), places: own, augmenter, kernel, bytes }];
    });
  }

  /**
   * Writes the examples, a full batch, to a slot's arrays.
   * @param state of the random draws for augmentation
   */
  assemble(slot: number, examples: Uint32Array, state: number): Arrays {
    const arrays = this.#slots[slot] ?? {};
    for (const [name, column] of this.split.columns) {
      if (column.kind === 'byte') continue;
      gatherColumn(column, examples, elementCount(column.shape), arrays[name] ?? new Float32Array());
    }
    for (const part of this.#parts) assembleBytes(part, examples, state, arrays[part.name]?.byteOffset ?? 0);
    return arrays;
  }
}

interface BytePart {
  readonly name: string;
  readonly column: ByteColumn;
  readonly size: number;
  readonly places: PicturePlaces;
  readonly augmenter: Augmenter | undefined;
  readonly kernel: PictureKernel;
  /** The entire memory. */
  readonly bytes: Uint8Array;
}

function assembleBytes(part: BytePart, examples: Uint32Array, state: number, start: number): void {
  const { column, size, places, augmenter, kernel, bytes } = part;
  const { data, channels } = column;
  for (let i = 0; i < examples.length; i++) {
    const example = examples[i] ?? 0;
    bytes.set(data.subarray(example * size, (example + 1) * size), places.staging);
    const to = start + 4 * i * size;
    if (augmenter) augmenter.apply(absorb(state, example), to);
    else kernel.planes(places.staging, to, places.table, channels, size / channels);
  }
}
