// What the scheduler knows of a machine: enough to size tiles and blocks of a contraction, and nothing of a target's language.

export interface Machine {
  readonly name: string;
  /** float32 lanes of a vector register. */
  readonly lanes: number;
  /** Rows × vectors of the register tiles that the target has a microkernel for, and each one's share of the peak. */
  readonly tiles: readonly Tile[];
  /** Bytes of the caches a core can count on. */
  readonly cache: {
    readonly first: number;
    readonly second: number;
    /** Cache budget of packed panels; default: the second cache. They are read in order, so that prefetching hides a slower cache. */
    readonly panels?: number;
  };
  /**
   * Whether buffers have guard gaps between them, so that no over-read meets another buffer. Over-read values are never used, but a race
   * detector cannot know.
   */
  readonly guardGaps?: boolean;
  /** The longest depth that is packed as one block, and the block length of longer ones. */
  readonly depth: { readonly unsplit: number; readonly block: number };
  /** Default: `usualWinograd`. */
  readonly winograd?: WinogradSettings;
}

export const usualWinograd: WinogradSettings = { tiles: [2, 4], share: 1 };

export const winogradSettings = ({ winograd }: Machine): WinogradSettings => winograd ?? usualWinograd;

/** Whether any convolution may be computed by Winograd convolution. */
export const mayUseWinograd = (machine: Machine): boolean => winogradSettings(machine).tiles.length > 0;

/** Winograd convolution: see src/schedule/winograd/. */
export interface WinogradSettings {
  /** Output tile sizes that may be used. */
  readonly tiles: readonly number[];
  /** The estimated cost must be below this share of the direct schedule's. */
  readonly share: number;
}

export interface Tile {
  readonly rows: number;
  readonly vectors: number;
  readonly efficiency: number;
}

/**
 * WebAssembly SIMD with fused multiply-add. V8 has 16 registers, one of them its own scratch: 6 × 8 is 12 sums, 2 vectors and
 * a broadcast. Shares were measured over packed panels in Node 20.
 */
export const wasmFused: Machine = {
  name: 'wasm relaxed simd',
  lanes: 4,
  tiles: [
    { rows: 6, vectors: 2, efficiency: 0.95 },
    { rows: 5, vectors: 2, efficiency: 0.88 },
    { rows: 4, vectors: 2, efficiency: 0.81 },
  ],
  cache: { first: 32 * 1024, second: 512 * 1024 },
  depth: { unsplit: 1280, block: 256 },
};

/** Plain WebAssembly SIMD: the product needs a register of its own, so that 6 × 8 spills. */
export const wasmPlain: Machine = {
  ...wasmFused,
  name: 'wasm simd',
  tiles: [
    { rows: 5, vectors: 2, efficiency: 0.95 },
    { rows: 4, vectors: 2, efficiency: 0.85 },
  ],
};
