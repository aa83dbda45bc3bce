// Where a library keeps everything: what the compiler tells the runtime about it, as data beside its bytes.

export interface NativeRegion {
  readonly name: string;
  /** In bytes, from the start of the library's memory. */
  readonly offset: number;
  /** How many float32 numbers. */
  readonly elements: number;
}

export interface NativeProgram {
  readonly name: string;
  readonly inputs: readonly NativeRegion[];
  readonly outputs: readonly NativeRegion[];
}

export interface NativeLayout {
  /** The library's programs in the order of their numbers; its start-up test follows. */
  readonly programs: readonly NativeProgram[];
  readonly stored: readonly NativeRegion[];
  /** Everything named lies below. */
  readonly bytes: number;
  /** Bytes that a thread's scratch takes. */
  readonly scratch: number;
  /** The instructions that the library was compiled for: `AVX-512`. */
  readonly machine: string;
}
