// What is done to every pixel of every batch, in AssemblyScript: compiled by scripts/data-kernel.mjs into pictures-code.ts.
// Addresses are checked by nobody: assembler.ts lays the memory out.

/** Each of `count` bytes becomes what it is worth by a table of 256 float32. */
function lookUp(from: usize, to: usize, table: usize, count: i32): void {
  const end = from + <usize>count;
  const fours = from + <usize>(count & ~3);
  for (; from < fours; from += 4, to += 16) {
    store<f32>(to, worth(table, load<u8>(from)));
    store<f32>(to, worth(table, load<u8>(from, 1)), 4);
    store<f32>(to, worth(table, load<u8>(from, 2)), 8);
    store<f32>(to, worth(table, load<u8>(from, 3)), 12);
  }
  for (; from < end; from++, to += 4) store<f32>(to, worth(table, load<u8>(from)));
}

/** The same from right to left: `from` is the last byte. */
function lookUpMirrored(from: usize, to: usize, table: usize, count: i32): void {
  const end = to + ((<usize>count) << 2);
  for (; to < end; from--, to += 4) store<f32>(to, worth(table, load<u8>(from)));
}

// @ts-ignore: decorator
@inline
function worth(table: usize, byte: u8): f32 {
  return load<f32>(table + ((<usize>byte) << 2));
}

function fill(to: usize, count: i32, value: f32): void {
  const end = to + ((<usize>count) << 2);
  for (; to < end; to += 4) store<f32>(to, value);
}

/** Planes of bytes, each with a table of its own, as they are. */
export function planes(from: usize, to: usize, table: usize, channels: i32, plane: i32): void {
  for (let channel = 0; channel < channels; channel++) {
    lookUp(from, to, table, plane);
    from += <usize>plane;
    to += (<usize>plane) << 2;
    table += 1024;
  }
}

/**
 * A picture, mirrored and moved: column x of the result shows column x + right of the (mirrored) picture, and row y its row
 * y + down. What comes in from outside is black.
 */
export function picture(
  from: usize,
  to: usize,
  table: usize,
  channels: i32,
  height: i32,
  width: i32,
  mirrored: bool,
  right: i32,
  down: i32,
): void {
  // the columns of the result that show something of the picture, and where the first of them comes from
  const first = min(width, max(0, -right));
  const end = max(first, min(width, width - right));
  const source = mirrored ? width - 1 - (first + right) : first + right;
  for (let channel = 0; channel < channels; channel++) {
    const black = load<f32>(table);
    for (let y = 0; y < height; y++) {
      const row = y + down;
      if (row < 0 || row >= height) {
        fill(to, width, black);
      } else {
        const start = from + <usize>(row * width + source);
        const shown = to + ((<usize>first) << 2);
        fill(to, first, black);
        if (mirrored) lookUpMirrored(start, shown, table, end - first);
        else lookUp(start, shown, table, end - first);
        fill(to + ((<usize>end) << 2), width - end, black);
      }
      to += (<usize>width) << 2;
    }
    from += <usize>(height * width);
    table += 1024;
  }
}

/**
 * Adds noise to `count` float32: of 4096 quantiles of a distribution those that the words of a xorshift generator (Marsaglia
 * 2003) choose, two a word, times the deviation.
 */
export function addNoise(to: usize, quantiles: usize, count: i32, deviation: f64, word: i32): void {
  const end = to + ((<usize>count) << 2);
  while (to < end) {
    word ^= word << 13;
    word ^= word >>> 17;
    word ^= word << 5;
    add(to, deviation * <f64>load<f32>(quantiles + ((<usize>(word >>> 20)) << 2)));
    to += 4;
    if (to == end) return;
    add(to, deviation * <f64>load<f32>(quantiles + ((<usize>((word >>> 4) & 4095)) << 2)));
    to += 4;
  }
}

// @ts-ignore: decorator
@inline
function add(to: usize, value: f64): void {
  store<f32>(to, <f32>(<f64>load<f32>(to) + value));
}
