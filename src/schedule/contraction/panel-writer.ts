// Writes a panel step by step of the depth.
import { elementSize, integer, type Place, type Value } from '../../ir/loops/type.ts';
import type { Axis } from '../../ir/stages/type.ts';
import type { Item, LoopBuilder } from '../emit/builder.ts';

/** A block of the depth to be packed: all of each axis, and a range of the split one. */
export interface DepthBlock {
  readonly axes: readonly Axis[];
  readonly split?: { readonly axis: Axis; readonly from: Value; readonly to: Value };
}

interface Walk {
  /** Axes whose loops are unrolled. */
  readonly unrolled: readonly Axis[];
  /** Depth steps that one iteration takes along the innermost axis; default 1. */
  readonly step?: number;
}

/** A cursor in a panel. The pointer is advanced once per loop iteration; stores within an iteration are at constant offsets. */
export class PanelWriter {
  private readonly at: Item;
  private pending = 0;

  constructor(
    private readonly builder: LoopBuilder,
    start: Value,
    /** Panel elements per depth step. */
    private readonly width: number,
  ) {
    this.at = builder.mutable('at', 'pointer', start);
  }

  place(element: number): Place {
    return { pointer: this.at.value, offset: elementSize * (this.pending + element) };
  }

  step(depths: number): void {
    this.pending += depths * this.width;
  }

  /**
   * Loops over a block of the depth, advancing the cursor. Where an iteration takes several steps that do not divide the axis, the last
   * one writes a surplus; the pointer is moved back, and the next writes overwrite it.
   */
  walk(depth: DepthBlock, walk: Walk, body: () => void): void {
    this.visit(depth, walk, 0, body);
    this.flush();
  }

  private visit(depth: DepthBlock, walk: Walk, index: number, body: () => void): void {
    const { builder } = this;
    const axis = depth.axes[index];
    if (!axis) {
      body();
      return;
    }
    const inner = () => this.visit(depth, walk, index + 1, body);
    const split = axis === depth.split?.axis ? depth.split : undefined;
    const unrolled = axis.size === 1 || (walk.step === undefined && walk.unrolled.includes(axis));
    if (!split && unrolled) {
      for (let at = 0; at < axis.size; at++) {
        builder.bindConstant(axis.id, at);
        inner();
      }
      return;
    }
    const innermost = index === depth.axes.length - 1;
    const step = innermost ? (walk.step ?? 1) : 1;
    const { from, to } = split ?? { from: integer(0), to: integer(axis.size) };
    const turn = (position: Item) => {
      builder.bind(axis.id, position, from.kind === 'integer' ? step : 1);
      inner();
      this.flush();
    };
    if (step > 1) builder.vectorLoop(axis.hint ?? 'k', from, to, step, turn);
    else builder.loop(axis.hint ?? 'k', from, to, 1, turn);
    // A split innermost axis ends the panel: no writes follow that would overwrite the surplus.
    if (innermost && !split) this.flush(Math.ceil(axis.size / step) * step - axis.size);
  }

  /** Advances the pointer past what was written, without the surplus steps. */
  private flush(surplus = 0): void {
    const elements = this.pending - surplus * this.width;
    this.pending = 0;
    if (elements === 0) return;
    const value: Value = { kind: 'advance', pointer: this.at.value, elements: integer(elements) };
    this.builder.assign(this.at, value);
  }
}
