// The memory of the loop interpreter: each element has its value, the buffer through whose pointer it was last written (its owner), and
// when and by which thread. A read through a buffer's pointer is undefined where another owner, or nobody, wrote last, past the buffer's
// ends, and where another thread writes between the same two barriers: a data race.

/** A buffer, or a thread's scratch memory, in elements. */
export interface Region {
  readonly name: string;
  readonly start: number;
  readonly end: number;
  /** End of the padding: full vectors may be stored up to here; the padding behind a buffer is undefined. */
  readonly room: number;
  /** Marks elements written through its pointer; never 0. */
  readonly owner: number;
  readonly isScratch: boolean;
}

/** A violation of the loop form's rules at run time. The interpreter adds the location to the message. */
export class LoopFault extends Error {
  override readonly name = 'LoopFault';
}

export interface MemorySize {
  /** Size of the memory, in elements. */
  readonly elements: number;
  /** How many elements a read may be past a region's ends. */
  readonly reach: number;
  readonly threads: number;
}

export class Memory {
  private readonly values: Float64Array;
  /** 0 where the element is undefined. */
  private readonly owners: Int32Array;
  /** Time and thread of the last write. */
  private readonly stamps: Int32Array;
  /** The first stamp after the last barrier. */
  private epoch = 1;
  private stamp = 1;
  /** The last undefined value that was read, for a message. */
  private lastUndefined: { readonly region: Region; readonly at: number; readonly stamp: number } | undefined;

  constructor(private readonly size: MemorySize) {
    this.values = new Float64Array(size.elements).fill(NaN);
    this.owners = new Int32Array(size.elements);
    this.stamps = new Int32Array(size.elements);
  }

  /** Synchronizes all threads: earlier writes are visible to everyone. */
  barrier(): void {
    this.epoch += this.size.threads;
  }

  runAs(thread: number): void {
    this.stamp = this.epoch + thread;
  }

  /** Initializes a region before a run. */
  fill(region: Region, values: ArrayLike<number>): void {
    for (let i = 0; i < region.end - region.start; i++) {
      this.values[region.start + i] = values[i] ?? NaN;
      this.owners[region.start + i] = region.owner;
    }
  }

  forget({ start, end }: Region): void {
    this.owners.fill(0, start, end);
  }

  /** A region's values after a run. @throws LoopFault where one is undefined */
  content(name: string, start: number, elements: number, owners: ReadonlySet<number>): Float64Array {
    for (let at = start; at < start + elements; at++)
      if (!owners.has(this.owners[at] ?? 0)) throw new LoopFault(`${name}[${at - start}] is never written`);
    return this.values.slice(start, start + elements);
  }

  /** Reads contiguous elements into `out`; gives a bit mask of the undefined ones. An undefined address reads undefined values. */
  read(region: Region, at: number, count: number, out: Float64Array): number {
    if (!(at >= region.start && at + count <= region.end)) return this.readOutside(region, at, count, out);
    let undefinedLanes = 0;
    for (let i = 0; i < count; i++) {
      out[i] = this.values[at + i] ?? NaN;
      if (!this.isDefined(region, at + i)) undefinedLanes |= 1 << i;
    }
    if (undefinedLanes !== 0) this.explain(region, at + (31 - Math.clz32(undefinedLanes & -undefinedLanes)));
    return undefinedLanes;
  }

  /** One element into lane `lane`; gives whether it is undefined. */
  readLane(region: Region, at: number, lane: number, out: Float64Array): boolean {
    if (!(at >= region.start && at < region.end)) {
      this.readOutside(region, at, 1, outside);
      out[lane] = NaN;
      return true;
    }
    out[lane] = this.values[at] ?? NaN;
    if (this.isDefined(region, at)) return false;
    this.explain(region, at);
    return true;
  }

  private isDefined(region: Region, at: number): boolean {
    const stamp = this.stamps[at] ?? 0;
    return this.owners[at] === region.owner && (stamp < this.epoch || stamp === this.stamp);
  }

  private readOutside(region: Region, at: number, count: number, out: Float64Array): number {
    let undefinedLanes = 0;
    for (let i = 0; i < count; i++) {
      const place = at + i;
      const beyond =
        place < Math.max(0, region.start - this.size.reach) ||
        place >= Math.min(this.size.elements, region.end + this.size.reach);
      if (beyond) {
        const where = `${region.name}[${place - region.start}]`;
        const ends = `its ${region.end - region.start} elements and the ${this.size.reach} that may be over-read`;
        throw new LoopFault(`reads ${where}, outside ${ends}`);
      }
      if (place >= region.start && place < region.end) {
        if (this.readLane(region, place, i, out)) undefinedLanes |= 1 << i;
      } else {
        out[i] = NaN;
        undefinedLanes |= 1 << i;
        this.explain(region, place);
      }
    }
    return undefinedLanes;
  }

  private explain(region: Region, at: number): void {
    this.lastUndefined = { region, at, stamp: this.stamp };
  }

  private describeCause(): string {
    if (!this.lastUndefined) return '';
    const { region, at, stamp } = this.lastUndefined;
    const place = Number.isNaN(at)
      ? `${region.name} at an undefined address`
      : `${region.name}[${at - region.start}]`;
    const written = this.stamps[at] ?? 0;
    const what = !(at >= region.start && at < region.end)
      ? 'outside its elements'
      : this.owners[at] !== region.owner
        ? 'not written before'
        : written >= this.epoch && written !== stamp
          ? `which thread ${written - this.epoch} writes with no barrier in between`
          : 'undefined when it was written';
    return `; the last undefined value that was read was ${place}, ${what}`;
  }

  /** Stores the first `count` lanes; `undefinedLanes` is the bit mask of undefined ones. */
  write(region: Region, at: number, values: Float64Array, count: number, undefinedLanes: number): void {
    for (let i = 0; i < count; i++) {
      this.writeLane(region, at + i, values[i] ?? NaN, ((undefinedLanes >> i) & 1) === 1);
    }
  }

  writeLane(region: Region, at: number, value: number, isUndefined: boolean): void {
    if (!(at >= region.start && at < region.end)) {
      if (!(at >= region.end && at < region.room)) {
        const where = Number.isNaN(at) ? 'an undefined address of it' : `element ${at - region.start}`;
        throw new LoopFault(
          `writes outside ${region.name}, ${where}, which has ${region.end - region.start} elements`,
        );
      }
      this.owners[at] = 0;
      return;
    }
    if (!region.isScratch) {
      const place = `${region.name}[${at - region.start}]`;
      if (isUndefined) throw new LoopFault(`stores an undefined value to ${place}${this.describeCause()}`);
      const stamp = this.stamps[at] ?? 0;
      if (stamp >= this.epoch && stamp !== this.stamp)
        throw new LoopFault(
          `writes ${place}, which thread ${stamp - this.epoch} has written since the last barrier`,
        );
    }
    this.values[at] = value;
    this.owners[at] = isUndefined ? 0 : region.owner;
    this.stamps[at] = this.stamp;
  }

  /**
   * The microkernel: see the form `tile`. The sums of a row are undefined where any of its own elements is, likewise for a column.
   * @throws LoopFault where an operand is out of its region's bounds
   */
  multiply(
    { rows, width, stride, step, depth, accumulate }: TileSize,
    a: Operand,
    b: Operand,
    c: Operand,
  ): void {
    contain(a, (depth - 1) * stride + (rows - 1) * step + 1, 'the left operand');
    contain(b, depth * width, 'the right operand');
    contain(c, rows * width, 'the sums');
    const sums = new Float64Array(rows * width);
    const undefinedSums = new Uint8Array(rows * width);
    const isUndefined = (operand: Operand, offset: number) =>
      !this.isDefined(operand.region, operand.at + offset);
    if (accumulate)
      for (let i = 0; i < sums.length; i++) {
        sums[i] = this.values[c.at + i] ?? NaN;
        undefinedSums[i] = Number(isUndefined(c, i));
      }
    for (let d = 0; d < depth; d++) {
      for (let row = 0; row < rows; row++) {
        const left = d * stride + row * step;
        const value = this.values[a.at + left] ?? NaN;
        if (isUndefined(a, left)) undefinedSums.fill(1, row * width, (row + 1) * width);
        for (let i = 0, from = b.at + d * width, to = row * width; i < width; i++, from++, to++)
          sums[to] = (sums[to] ?? NaN) + value * (this.values[from] ?? NaN);
      }
      for (let i = 0; i < width; i++)
        if (isUndefined(b, d * width + i))
          for (let row = 0; row < rows; row++) undefinedSums[row * width + i] = 1;
    }
    sums.forEach((sum, i) => this.writeLane(c.region, c.at + i, sum, undefinedSums[i] === 1));
  }
}

export interface TileSize {
  readonly rows: number;
  /** Elements of a row of sums. */
  readonly width: number;
  readonly stride: number;
  readonly step: number;
  readonly depth: number;
  readonly accumulate: boolean;
}

/** Where an operand of a tile starts. */
export interface Operand {
  readonly region: Region;
  readonly at: number;
}

function contain({ region, at }: Operand, elements: number, what: string): void {
  if (at >= region.start && at + elements <= region.end) return;
  const [from, size] = [at - region.start, region.end - region.start];
  throw new LoopFault(
    `${what} of a tile is ${elements} elements from ${region.name}[${from}] on, which has ${size}`,
  );
}

const outside = new Float64Array(1);
