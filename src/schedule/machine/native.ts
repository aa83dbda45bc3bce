// The machines of the native target: from the macros that a C compiler predefines to what the scheduler knows of a machine. Shares of the
// peak were measured over packed panels, where such a machine was at hand; a tile keeps all sums, a row of the panel of vectors and one
// broadcast in registers.
import type { Machine, Tile } from './machine.ts';

/** Instruction sets that the C dialect supports, widest first. */
export type InstructionSet = 'avx512' | 'avx2' | 'neon' | 'sse2' | 'none';

export interface NativeMachine extends Machine {
  readonly set: InstructionSet;
}

/** Repacking an operand for each block of the other costs more than reading its panels from an outer cache. */
const cache = { first: 32 * 1024, second: 1024 * 1024, panels: 3 * 1024 * 1024 };
const depth = { unsplit: 2048, block: 384 };
/** With wide registers, direct packing is cheaper than the estimate says: Winograd must win by a wide margin. */
const winograd = { tiles: [2, 4], share: 0.5 };

/** Tiles of one width for a range of row counts: the fewer rows, the larger the share of loads. */
function tilesOf(vectors: number, most: number, least: number, best: number): Tile[] {
  return Array.from({ length: most - least + 1 }, (_, i) => {
    const rows = most - i;
    return { rows, vectors, efficiency: best * Math.min(1, (1.06 * rows) / (rows + 0.06 * most + 0.4)) };
  });
}

const machines: { readonly [set in InstructionSet]: NativeMachine } = {
  // 32 registers of 16 lanes
  avx512: {
    name: 'AVX-512',
    set: 'avx512',
    lanes: 16,
    tiles: [...tilesOf(2, 14, 4, 0.97), ...tilesOf(1, 24, 4, 0.8)],
    cache,
    depth,
    winograd,
  },
  // 16 registers of 8 lanes
  avx2: {
    name: 'AVX2',
    set: 'avx2',
    lanes: 8,
    tiles: [...tilesOf(2, 6, 3, 0.95), ...tilesOf(1, 12, 4, 0.75)],
    cache,
    depth,
    winograd,
  },
  // 32 registers of 4 lanes
  neon: {
    name: 'NEON',
    set: 'neon',
    lanes: 4,
    tiles: [...tilesOf(3, 8, 4, 0.95), ...tilesOf(1, 16, 4, 0.7)],
    cache,
    depth,
    winograd,
  },
  // 16 registers of 4 lanes, and no fused multiply-add
  sse2: {
    name: 'SSE2',
    set: 'sse2',
    lanes: 4,
    tiles: [...tilesOf(2, 5, 3, 0.9), ...tilesOf(1, 10, 4, 0.7)],
    cache,
    depth,
    winograd,
  },
  // vectors for which no instructions are known: the C compiler lowers them
  none: { name: 'plain C', set: 'none', lanes: 4, tiles: tilesOf(1, 4, 2, 0.9), cache, depth, winograd },
};

/** @param macros predefined by the C compiler */
export function nativeMachine(macros: ReadonlySet<string>): NativeMachine {
  return machines[instructionSet(macros)];
}

function instructionSet(macros: ReadonlySet<string>): InstructionSet {
  if (macros.has('__AVX512F__') && macros.has('__AVX512DQ__')) return 'avx512';
  if (macros.has('__AVX2__') && macros.has('__FMA__')) return 'avx2';
  if (macros.has('__ARM_NEON') && macros.has('__aarch64__')) return 'neon';
  return macros.has('__SSE2__') ? 'sse2' : 'none';
}

export function machineOf(set: InstructionSet): NativeMachine {
  return machines[set];
}
