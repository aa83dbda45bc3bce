// Checks the pages of a Parquet column before a library decodes them: their counts must match the file's footer, and run lengths may not
// exceed them. Otherwise a decoder that trusts them might allocate more memory than the values need.
import { ThriftReader, type ThriftStruct, type ThriftValue } from './parquet-thrift.ts';

/** What is wrong with a column. */
export class PageError extends Error {
  override name = 'PageError';
}

/** A column chunk of a row group, according to the footer. */
export interface ColumnChunk {
  readonly start: number;
  readonly end: number;
  readonly rows: number;
  /** Maximum total of all uncompressed pages. */
  readonly unpackedSize: number;
  readonly type: string;
  /** Whether cells may be missing: then definition levels precede the values. */
  readonly optional: boolean;
}

/** Decompresses a page to exactly the given length. */
export type Unpack = (bytes: Uint8Array, length: number) => Uint8Array;

/** Maximum total length of a page's delta-encoded texts (with shared prefixes). */
const largestTexts = 2 ** 27;

const pageTypes = { data: 0, index: 1, dictionary: 2, dataV2: 3 } as const;
const encodings = {
  plain: 0,
  plainDictionary: 2,
  runs: 3,
  deltaNumbers: 5,
  deltaLengths: 6,
  deltaBytes: 7,
  dictionary: 8,
  split: 9,
} as const;

/** @throws PageError */
export function checkPages(file: Uint8Array, chunk: ColumnChunk, unpack: Unpack): void {
  new PageChecker(file, chunk, unpack).check();
}

/** A page: its header, its bytes in the file, and its uncompressed length. */
interface Page {
  readonly header: ThriftStruct;
  readonly bytes: Uint8Array;
  readonly unpacked: number;
}

class PageChecker {
  #at: number;
  #rows = 0;
  #size = 0;
  #hasDictionary = false;

  constructor(
    private readonly file: Uint8Array,
    private readonly chunk: ColumnChunk,
    private readonly unpack: Unpack,
  ) {
    this.#at = chunk.start;
  }

  check(): void {
    while (this.#rows < this.chunk.rows) this.#checkPage(this.#nextPage());
  }

  #nextPage(): Page {
    const { chunk, file } = this;
    if (this.#at >= chunk.end) throw new PageError(`it has ${this.#rows} of ${chunk.rows} rows`);
    const reader = new ThriftReader(file, this.#at, chunk.end);
    const header = reader.struct();
    const packed = count(header.get(3));
    const unpacked = count(header.get(2));
    if (packed > chunk.end - reader.at) throw new PageError('a page does not lie within it');
    this.#size += unpacked;
    if (this.#size > chunk.unpackedSize) throw new PageError('its pages are larger than its footer says');
    this.#at = reader.at + packed;
    return { header, bytes: file.subarray(reader.at, this.#at), unpacked };
  }

  #checkPage(page: Page): void {
    switch (page.header.get(1)) {
      case pageTypes.index:
        throw new PageError('it has an index page among the data');
      case pageTypes.dictionary:
        this.#checkDictionary(page);
        break;
      case pageTypes.data:
        this.#checkData(page);
        break;
      case pageTypes.dataV2:
        this.#checkDataV2(page);
        break;
      default:
        throw new PageError('it has a page of an unknown kind');
    }
  }

  #checkDictionary({ header, bytes, unpacked }: Page): void {
    const values = count(structOf(header.get(7)).get(1));
    if (this.#hasDictionary || this.#rows > 0)
      throw new PageError('it has a dictionary that is out of place');
    this.#hasDictionary = true;
    const page = this.unpack(bytes, unpacked);
    if (values > 8 * page.length) throw new PageError('its dictionary claims more than it holds');
  }

  /** Levels and values are compressed together. */
  #checkData({ header, bytes, unpacked }: Page): void {
    const about = structOf(header.get(5));
    const values = this.#countRows(about.get(1));
    const page = this.unpack(bytes, unpacked);
    let start = 0;
    if (this.chunk.optional) {
      const length = uint32(page, 0);
      checkRuns(page, 4, 4 + length, 1, values);
      start = 4 + length;
    }
    this.#checkValues(page, start, about.get(2), values);
  }

  /** Levels come first and are uncompressed. */
  #checkDataV2({ header, bytes, unpacked }: Page): void {
    const about = structOf(header.get(8));
    const values = this.#countRows(about.get(1));
    if (count(about.get(3)) !== values || count(about.get(2)) > values)
      throw new PageError('the counts of a page differ');
    const levels = count(about.get(5));
    if (count(about.get(6)) !== 0) throw new PageError('it has lists of values');
    if (levels > bytes.length || levels > unpacked) throw new PageError('a page ends within its levels');
    if (this.chunk.optional) checkRuns(bytes, 0, levels, 1, values);
    const rest = bytes.subarray(levels);
    const page = about.get(7) === false ? rest : this.unpack(rest, unpacked - levels);
    this.#checkValues(page, 0, about.get(4), values);
  }

  /** Adds a page's rows, one value per row. */
  #countRows(value: ThriftValue | undefined): number {
    const values = count(value);
    this.#rows += values;
    if (this.#rows > this.chunk.rows) throw new PageError('it has more rows than its footer says');
    return values;
  }

  /** @param values their maximum number */
  #checkValues(page: Uint8Array, start: number, encoding: ThriftValue | undefined, values: number): void {
    switch (encoding) {
      case encodings.plain:
      case encodings.split:
        // bounded by the page itself: every value takes some of its bytes
        return;
      case encodings.plainDictionary:
      case encodings.dictionary: {
        if (!this.#hasDictionary) throw new PageError('it has no dictionary');
        if (values === 0 || start >= page.length) return;
        const width = page[start] ?? 0;
        if (width > 32) throw new PageError('its dictionary is too large');
        if (width > 0) checkRuns(page, start + 1, page.length, width, values);
        return;
      }
      case encodings.runs: {
        if (this.chunk.type !== 'BOOLEAN')
          throw new PageError('it has runs of values that are not truth values');
        checkRuns(page, start + 4, start + 4 + uint32(page, start), 1, values);
        return;
      }
      case encodings.deltaNumbers:
      case encodings.deltaLengths:
      case encodings.deltaBytes:
        checkDeltas(page, start, encoding, values);
        return;
      default:
        throw new PageError('its values are encoded in a way that is not read');
    }
  }
}

/**
 * RLE and bit-packed runs (in groups of eight): a run may exceed the number of values only by the padding of its last packed group.
 */
function checkRuns(page: Uint8Array, start: number, end: number, width: number, values: number): void {
  if (end > page.length) throw new PageError('a page ends within its runs');
  let at = start;
  let seen = 0;
  while (at < end && seen < values) {
    let head = 0;
    for (let shift = 0; ; shift += 7) {
      if (at >= end || shift > 28) throw new PageError('a page ends within its runs');
      const byte = page[at++] ?? 0;
      head += (byte & 127) * 2 ** shift;
      if (byte < 128) break;
    }
    const packed = head % 2 === 1;
    const count = Math.floor(head / 2) * (packed ? 8 : 1);
    if (count === 0) throw new PageError('it has an empty run');
    at += packed ? (count / 8) * width : (width + 7) >> 3;
    seen += count;
    // some writers pad the last bit-packed group
    if (seen > values + (packed ? 8 * 64 - 1 : 0)) throw new PageError('a run is longer than the page');
  }
}

/** The decoder counts values itself; all else it takes from the page are the sizes of blocks and texts. */
function checkDeltas(page: Uint8Array, start: number, encoding: number, values: number): void {
  if (encoding === encodings.deltaNumbers) {
    new DeltaReader(page, start);
    return;
  }
  if (values > 8 * page.length) throw new PageError('a page claims more values than it holds');
  // prefix lengths of texts: each at most the length of the text before, bounded by the page
  let size = 0;
  for (const length of new DeltaReader(page, start).read(values)) {
    size += length;
    if (length < 0 || length > page.length || size > largestTexts)
      throw new PageError('its texts have impossible lengths');
  }
}

/** Delta-encoded numbers, in bit-packed blocks. */
class DeltaReader {
  #at: number;
  readonly #block: number;
  readonly #parts: number;

  constructor(
    private readonly page: Uint8Array,
    start: number,
  ) {
    this.#at = start;
    this.#block = this.#number();
    this.#parts = this.#number();
    const impossible = this.#block === 0 || this.#block > 2 ** 16 || this.#parts === 0 || this.#parts > 512;
    if (impossible || this.#block % this.#parts !== 0)
      throw new PageError('its blocks have an impossible size');
  }

  /** Reads `count` 32-bit numbers. */
  *read(count: number): Generator<number> {
    this.#number();
    let value = this.#signed();
    if (count > 0) yield value;
    let left = count - 1;
    while (left > 0) {
      const least = this.#signed();
      const widths = this.page.subarray(this.#at, this.#at + this.#parts);
      this.#at += this.#parts;
      for (const width of widths) {
        const size = this.#block / this.#parts;
        const bits = 8 * this.#at;
        if (
          left > 0 &&
          (width > 32 || this.#at + Math.ceil((Math.min(left, size) * width) / 8) > this.page.length)
        )
          throw new PageError('a page ends within its blocks');
        for (let i = 0; i < size && left > 0; i++, left--) {
          value = (value + least + this.#bits(bits + i * width, width)) | 0;
          yield value;
        }
        this.#at += (size * width) / 8;
      }
      if (widths.length < this.#parts) throw new PageError('a page ends within its blocks');
    }
  }

  #bits(start: number, width: number): number {
    let found = 0;
    for (let i = 0; i < width; i++)
      found += (((this.page[(start + i) >> 3] ?? 0) >> ((start + i) & 7)) & 1) * 2 ** i;
    return found;
  }

  #signed(): number {
    const word = this.#number();
    return word % 2 === 0 ? word / 2 : -(word + 1) / 2;
  }

  #number(): number {
    let word = 0;
    for (let shift = 0; ; shift += 7) {
      if (this.#at >= this.page.length || shift > 35) throw new PageError('a page ends within its blocks');
      const byte = this.page[this.#at++] ?? 0;
      word += (byte & 127) * 2 ** shift;
      if (byte < 128) return word;
    }
  }
}

function uint32(page: Uint8Array, at: number): number {
  if (at + 4 > page.length) throw new PageError('a page ends within its levels');
  return new DataView(page.buffer, page.byteOffset).getUint32(at, true);
}

function structOf(value: ThriftValue | undefined): ThriftStruct {
  if (value instanceof Map) return value as ThriftStruct;
  throw new PageError('a page has no header of its kind');
}

function count(value: ThriftValue | undefined): number {
  if (typeof value === 'number' && value >= 0) return value;
  throw new PageError('a page claims an impossible number');
}
