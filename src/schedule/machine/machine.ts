// What the scheduler knows of a machine: enough to size a contraction's tile and blocks, and nothing of a target's language.

export interface Machine {
  readonly name: string;
  /** float32 lanes of a vector register. */
  readonly lanes: number;
  /** Rows × vectors of the register tiles that the target's microkernel comes in, and the share of the peak that each reaches. */
  readonly tiles: readonly Tile[];
  /** Bytes of the caches a core can count on. */
  readonly cache: {
    readonly first: number;
    readonly second: number;
    /** What packed panels may take, where it is not as much as the second cache holds. They are read in order, which a processor foresees. */
    readonly panels?: number;
  };
  /**
   * Whether buffers stand so far apart that no read past the end of one meets another. What is read there is never used, but a
   * tool that looks for races cannot know.
   */
  readonly apart?: boolean;
  /** The longest depth that is packed whole, and the length of the blocks into which longer ones are cut. */
  readonly depth: { readonly whole: number; readonly block: number };
  /** Absent: as it is everywhere, `usualFiltering`. */
  readonly filtering?: Filtering;
}

export const usualFiltering: Filtering = { tiles: [2, 4], share: 1 };

export const filteringOf = ({ filtering }: Machine): Filtering => filtering ?? usualFiltering;

/** Whether any convolution may be filtered so. */
export const mayFilter = (machine: Machine): boolean => filteringOf(machine).tiles.length > 0;

/** Winograd's filtering of convolutions: see winograd.ts. */
export interface Filtering {
  /** The tiles that may be used. */
  readonly tiles: readonly number[];
  /** Its estimated cost must be below this share of the direct schedule's. */
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
  depth: { whole: 1280, block: 256 },
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
