import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SafetensorsError } from '../../src/runtime/errors.ts';
import { readSafetensors, writeSafetensors } from '../../src/runtime/safetensors.ts';
import { dtypeSizes, isDtype, toFloat32 } from '../../src/runtime/safetensors-dtypes.ts';
import { elementCount, type Tensor } from '../../src/runtime/tensor.ts';

const tensor = (shape: readonly number[], from = 0): Tensor => ({
  shape,
  data: Float32Array.from({ length: elementCount(shape) }, (_, i) => from + i / 4),
});

/** A file of a header and so many bytes of data. */
function file(header: string, bytes: number | Uint8Array = 0): Uint8Array {
  const text = new TextEncoder().encode(header);
  const data = typeof bytes === 'number' ? new Uint8Array(bytes) : bytes;
  const whole = new Uint8Array(8 + text.length + data.length);
  new DataView(whole.buffer).setBigUint64(0, BigInt(text.length), true);
  whole.set(text, 8);
  whole.set(data, 8 + text.length);
  return whole;
}

/** What reading throws, other than a SafetensorsError, is a fault of ours. */
function readOrReject(bytes: Uint8Array): boolean {
  try {
    for (const [name, view] of readSafetensors(bytes).tensors) toFloat32(name, view);
    return true;
  } catch (error) {
    if (error instanceof SafetensorsError) return false;
    throw error;
  }
}

const sample = writeSafetensors(
  new Map([
    ['linear_1.W', tensor([2, 3])],
    ['scalar', tensor([], 7)],
    ['linear_1.W#m', tensor([2, 3], -1)],
  ]),
  new Map([
    ['step', '12'],
    ['note', 'a "quote", a \\ and ünï\ncode'],
  ]),
);

describe('writing and reading', () => {
  it('gives back names, shapes, values and metadata', () => {
    fc.assert(
      fc.property(
        fc.dictionary(
          fc.string({ unit: 'grapheme' }).filter((name) => name !== '__metadata__'),
          fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 4 }),
          { noNullPrototype: false },
        ),
        fc.dictionary(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' })),
        (shapes, metadata) => {
          const tensors = new Map(Object.entries(shapes).map(([name, shape], i) => [name, tensor(shape, i)]));
          const read = readSafetensors(writeSafetensors(tensors, new Map(Object.entries(metadata))));
          expect(read.metadata).toEqual(new Map(Object.entries(metadata)));
          expect(new Set(read.tensors.keys())).toEqual(new Set(tensors.keys()));
          for (const [name, { shape, data }] of tensors) {
            const found = read.tensors.get(name);
            expect(found?.shape).toEqual(shape);
            expect(found && toFloat32(name, found)).toEqual(data);
          }
        },
      ),
      { seed: 11 },
    );
  });

  it('keeps every bit of a float32', () => {
    const data = Float32Array.of(NaN, Infinity, -Infinity, -0, 1.4e-45, 3.4028234663852886e38);
    const [view] = readSafetensors(writeSafetensors(new Map([['x', { shape: [6], data }]]))).tensors.values();
    expect(view && toFloat32('x', view)).toEqual(data);
  });

  it('aligns the data to 8 bytes and puts the metadata first', () => {
    const header = Number(new DataView(sample.buffer).getBigUint64(0, true));
    expect(header % 8).toBe(0);
    expect(new TextDecoder().decode(sample.subarray(8, 8 + header))).toMatchInlineSnapshot(
      `"{"__metadata__":{"step":"12","note":"a \\"quote\\", a \\\\ and ünï\\ncode"},"linear_1.W":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]},"scalar":{"dtype":"F32","shape":[],"data_offsets":[24,28]},"linear_1.W#m":{"dtype":"F32","shape":[2,3],"data_offsets":[28,52]}}       "`,
    );
  });

  it('reads a file that lies within a larger buffer, at any offset', () => {
    const larger = new Uint8Array(sample.length + 3);
    larger.set(sample, 3);
    const [view] = readSafetensors(larger.subarray(3)).tensors.values();
    expect(view && toFloat32('w', view)).toEqual(tensor([2, 3]).data);
  });

  it('reads a Node buffer, whose slices are no copies', () => {
    const view = readSafetensors(Buffer.from(sample)).tensors.get('scalar');
    expect(view && toFloat32('scalar', view)).toEqual(Float32Array.of(7));
  });

  it('has no tensor called __metadata__', () => {
    expect(() => writeSafetensors(new Map([['__metadata__', tensor([1])]]))).toThrow(SafetensorsError);
  });

  it('takes names that objects have by birth', () => {
    const names = ['__proto__', 'constructor', 'toString'];
    const read = readSafetensors(writeSafetensors(new Map(names.map((name) => [name, tensor([1])]))));
    expect([...read.tensors.keys()]).toEqual(names);
  });
});

describe('element types', () => {
  const entry = (dtype: string, length: number) =>
    `{"x":{"dtype":"${dtype}","shape":[${length}],"data_offsets":[0,${length * (isDtype(dtype) ? dtypeSizes[dtype] : 1)}]}}`;
  const read = (dtype: string, bytes: Uint8Array, rounding?: 'nearest') => {
    const size = isDtype(dtype) ? dtypeSizes[dtype] : 1;
    const [view] = readSafetensors(file(entry(dtype, bytes.length / size), bytes)).tensors.values();
    return view && [...toFloat32('x', view, rounding)];
  };
  const bytesOf = (array: ArrayBufferView) => new Uint8Array(array.buffer);

  it('become float32 where they are exact', () => {
    expect(read('U8', Uint8Array.of(0, 255))).toEqual([0, 255]);
    expect(read('BOOL', Uint8Array.of(0, 1))).toEqual([0, 1]);
    expect(read('I8', bytesOf(Int8Array.of(-128, 5)))).toEqual([-128, 5]);
    expect(read('I16', bytesOf(Int16Array.of(-32768, 5)))).toEqual([-32768, 5]);
    expect(read('U16', bytesOf(Uint16Array.of(65535)))).toEqual([65535]);
    expect(read('I32', bytesOf(Int32Array.of(-(2 ** 24), 2 ** 30)))).toEqual([-(2 ** 24), 2 ** 30]);
    expect(read('U32', bytesOf(Uint32Array.of(2 ** 31)))).toEqual([2 ** 31]);
    expect(read('I64', bytesOf(BigInt64Array.of(-5n, 2n ** 60n)))).toEqual([-5, 2 ** 60]);
    expect(read('U64', bytesOf(BigUint64Array.of(2n ** 63n)))).toEqual([2 ** 63]);
    expect(read('F64', bytesOf(Float64Array.of(0.25, -0, NaN, -Infinity)))).toEqual([
      0.25,
      -0,
      NaN,
      -Infinity,
    ]);
    const halves = [0x0000, 0x8000, 0x3c00, 0xc000, 0x7bff, 0x0001, 0x7c00, 0xfe00];
    expect(read('F16', bytesOf(Uint16Array.from(halves)))).toEqual([
      0,
      -0,
      1,
      -2,
      65504,
      2 ** -24,
      Infinity,
      NaN,
    ]);
    const brain = [0x3f80, 0xc040, 0x7f80, 0x0001];
    expect(read('BF16', bytesOf(Uint16Array.from(brain)))).toEqual([1, -3, Infinity, 2 ** -133]);
  });

  it('are refused, or rounded when asked to, where they are not', () => {
    for (const [dtype, bytes, nearest] of [
      ['F64', bytesOf(Float64Array.of(1, 0.1)), Math.fround(0.1)],
      ['F64', bytesOf(Float64Array.of(1, 1e300)), Infinity],
      ['I32', bytesOf(Int32Array.of(1, 2 ** 24 + 1)), 2 ** 24],
      ['I64', bytesOf(BigInt64Array.of(1n, 2n ** 60n + 1n)), 2 ** 60],
    ] as const) {
      expect(() => read(dtype, bytes)).toThrow(/element 1 of x, .* has no exact float32/);
      expect(read(dtype, bytes, 'nearest')).toEqual([1, nearest]);
    }
  });

  it('of 8-bit floats are not read', () => {
    expect(() => read('F8_E4M3', Uint8Array.of(1))).toThrow('x is F8_E4M3, which is not read');
  });
});

describe('a broken file', () => {
  const one = (entry: string) => `{"x":${entry}}`;
  const cases: [string, Uint8Array, string][] = [
    ['no bytes', new Uint8Array(), '0 bytes are too few'],
    ['a header longer than the file', file('{}').subarray(0, 9), 'a header of 2 bytes does not fit'],
    [
      'a header of 2^63 bytes',
      Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 128, 123, 125),
      'does not fit into a file of 10',
    ],
    ['a header that begins otherwise', file(' {}'), 'does not begin with `{`'],
    ['bytes that are no UTF-8', file('{"x').fill(0xff, 9), 'no JSON of this format'],
    ['a list', file('{"x":[]}'), 'the entry of x is no object'],
    ['an unclosed object', file('{"x":{'), 'expected a string'],
    ['something behind the header', file('{}{}'), 'expected the end at offset 2'],
    ['a key twice', file('{"x":1,"x":2}'), 'the key "x" stands twice'],
    ['an escaped key twice', file('{"x":1,"\\u0078":2}'), 'the key "x" stands twice'],
    ['a metadata key twice', file('{"__metadata__":{"a":"1","a":"2"}}'), 'the key "a" stands twice'],
    ['metadata that is no text', file('{"__metadata__":{"a":1}}'), "the metadata's a is no text"],
    ['metadata that is no object', file('{"__metadata__":"a"}'), '__metadata__ is no object'],
    [
      'an unknown dtype',
      file(one('{"dtype":"F31","shape":[1],"data_offsets":[0,4]}'), 4),
      'unknown dtype "F31"',
    ],
    ['no dtype', file(one('{"shape":[1],"data_offsets":[0,4]}'), 4), 'unknown dtype undefined'],
    [
      'an unknown key',
      file(one('{"dtype":"F32","shape":[1],"data_offsets":[0,4],"y":1}'), 4),
      'unknown key y',
    ],
    ['no shape', file(one('{"dtype":"F32","data_offsets":[0,4]}'), 4), 'shape of x is no list'],
    [
      'a negative size',
      file(one('{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}'), 4),
      'expected a value',
    ],
    [
      'a broken size',
      file(one('{"dtype":"F32","shape":[1.5],"data_offsets":[0,4]}'), 4),
      'expected `,` or `]`',
    ],
    [
      'a size past 2^53',
      file(one('{"dtype":"F32","shape":[9999999999999999],"data_offsets":[0,4]}'), 4),
      'is no list of whole',
    ],
    [
      'a product that overflows',
      file(one('{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,4]}'), 4),
      'does not fill its offsets',
    ],
    [
      'three offsets',
      file(one('{"dtype":"F32","shape":[1],"data_offsets":[0,4,4]}'), 4),
      'does not fill its offsets',
    ],
    [
      'offsets the wrong way round',
      file(one('{"dtype":"F32","shape":[1],"data_offsets":[4,0]}'), 4),
      'does not fill its offsets',
    ],
    [
      'data that is too short',
      file(one('{"dtype":"F32","shape":[2],"data_offsets":[0,8]}'), 4),
      'ends at 8, after the file',
    ],
    [
      'data that is too long',
      file(one('{"dtype":"F32","shape":[1],"data_offsets":[0,4]}'), 5),
      '1 bytes belong to no tensor',
    ],
    [
      'a gap',
      file(
        '{"x":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"y":{"dtype":"U8","shape":[1],"data_offsets":[2,3]}}',
        3,
      ),
      'the tensor y begins at 2, not at 1',
    ],
    [
      'an overlap',
      file(
        '{"x":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"y":{"dtype":"U8","shape":[2],"data_offsets":[1,3]}}',
        3,
      ),
      'the tensor y begins at 1, not at 2',
    ],
    ['deep nesting', file(`{"x":${'['.repeat(100_000)}`), 'nested deeper than 4 levels'],
  ];
  it.each(cases)('with %s says so', (_, bytes, message) => {
    expect(() => readSafetensors(bytes)).toThrow(SafetensorsError);
    expect(() => readSafetensors(bytes)).toThrow(message);
  });

  it('is rejected when cut anywhere', () => {
    for (let length = 0; length < sample.length; length++) {
      expect(readOrReject(sample.slice(0, length)), `cut to ${length} bytes`).toBe(false);
    }
  });

  it('is read or rejected, never a crash, with any bit of its header flipped', () => {
    const header = 8 + Number(new DataView(sample.buffer).getBigUint64(0, true));
    let rejected = 0;
    for (let bit = 0; bit < 8 * header; bit++) {
      const flipped = sample.slice();
      const at = Math.floor(bit / 8);
      flipped[at] = (flipped[at] ?? 0) ^ (1 << (bit % 8));
      if (!readOrReject(flipped)) rejected++;
    }
    // What is left are other letters in names, in metadata, and exchanged sizes.
    expect(rejected).toBeGreaterThan(4 * header);
  });

  it('is read or rejected, never a crash, with any bytes for a header', () => {
    fc.assert(
      fc.property(fc.oneof(fc.json(), fc.string()), fc.uint8Array({ maxLength: 64 }), (header, data) => {
        readOrReject(file(header, data));
      }),
      { seed: 5, numRuns: 500 },
    );
  });
});
