// The part of Thrift's compact protocol that Parquet uses, with every length checked against the bytes available. It reads page headers,
// and validates a file's footer before a library parses it.

/** What is wrong with the bytes. */
export class ThriftError extends Error {
  override name = 'ThriftError';
}

export type ThriftValue = boolean | number | bigint | Uint8Array | readonly ThriftValue[] | ThriftStruct;
/** By field number. */
export type ThriftStruct = ReadonlyMap<number, ThriftValue>;

const deepest = 16;

export class ThriftReader {
  /** The next byte. */
  at: number;
  readonly #view: DataView;

  constructor(
    private readonly bytes: Uint8Array,
    start: number,
    private readonly end: number,
  ) {
    this.at = start;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  struct(depth = 0): ThriftStruct {
    if (depth > deepest) throw new ThriftError('it is nested too deeply');
    const fields = new Map<number, ThriftValue>();
    let field = 0;
    for (;;) {
      const head = this.#byte();
      const type = head & 15;
      if (type === 0) return fields;
      field = head >> 4 ? field + (head >> 4) : this.#integer();
      if (fields.has(field)) throw new ThriftError('it has a field twice');
      fields.set(field, this.#value(type, depth));
    }
  }

  #value(type: number, depth: number): ThriftValue {
    switch (type) {
      case 1:
      case 2:
        return type === 1;
      case 3:
        return this.#byte();
      case 4:
      case 5:
        return this.#integer();
      case 6: {
        const word = this.#varint();
        return (word >> 1n) ^ -(word & 1n);
      }
      case 7: {
        this.#need(8);
        this.at += 8;
        return this.#view.getFloat64(this.at - 8, true);
      }
      case 8: {
        const length = this.#length();
        this.at += length;
        return this.bytes.subarray(this.at - length, this.at);
      }
      case 9: {
        const head = this.#byte();
        // each element takes at least one byte
        const length = head >> 4 === 15 ? this.#length() : head >> 4;
        this.#need(length);
        const element = head & 15;
        return Array.from({ length }, () =>
          element <= 2 ? this.#byte() === 1 : this.#value(element, depth + 1),
        );
      }
      case 12:
        return this.struct(depth + 1);
      default:
        throw new ThriftError('it has a value of an unknown type');
    }
  }

  #byte(): number {
    this.#need(1);
    return this.bytes[this.at++] ?? 0;
  }

  #need(count: number): void {
    if (this.at + count > this.end) throw new ThriftError('it ends within a value');
  }

  #length(): number {
    const length = Number(this.#varint());
    if (length > this.end - this.at) throw new ThriftError('it claims more bytes than it has');
    return length;
  }

  #integer(): number {
    const word = this.#varint();
    if (word >= 1n << 33n) throw new ThriftError('a number in it is too large');
    return Number((word >> 1n) ^ -(word & 1n));
  }

  #varint(): bigint {
    let word = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.#byte();
      word |= BigInt(byte & 127) << shift;
      if (byte < 128) return word;
    }
    throw new ThriftError('a number in it does not end');
  }
}
