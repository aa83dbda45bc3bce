// Layer instances: what owns parameters, and how they are called. Applying an instance again finds the same parameters,
// because children and tensors are looked up by name before they are made.
import type { Span } from '../diagnostics/source.ts';
import type { Node } from '../ir/graph/type.ts';

/** A stored tensor that an instance owns, with the names of its axes and the place of its first use. */
export interface OwnedTensor {
  readonly node: Node;
  readonly labels: readonly (string | undefined)[];
  readonly span: Span;
}

export class Instance {
  readonly tensors = new Map<string, OwnedTensor>();
  private readonly children = new Map<string, Instance>();

  /** `path` is empty for the model itself; an optimizer's states stand behind a weight's path and `#`. */
  constructor(
    readonly path: string,
    private readonly separator: '.' | '#' = '.',
  ) {}

  child(name: string): Instance {
    const known = this.children.get(name);
    if (known) return known;
    const child = new Instance(this.pathOf(name));
    this.children.set(name, child);
    return child;
  }

  /** `conv_block_1.W`: the path of something that this instance owns. */
  pathOf(name: string): string {
    return this.path === '' ? name : `${this.path}${this.separator}${name}`;
  }
}

/** One application of an instance: it names the layers it calls, as if `repeat` were unrolled, and no two of them alike. */
export class Frame {
  private readonly counts = new Map<string, number>();
  private readonly taken = new Set<string>();
  /** Where the tensors that this application declares are declared. */
  readonly declared = new Map<string, Span>();

  constructor(readonly instance: Instance) {}

  /** The instance of the next unnamed call of a layer, numbered from 1: `conv2d_2`. */
  next(layer: string): Instance {
    return this.child(snakeCase(layer), 1);
  }

  /** The instance that a `let` names; where a `repeat` comes to it again, it is numbered from 2. */
  named(name: string): Instance {
    return this.taken.has(name) ? this.child(name, 2) : this.take(name);
  }

  private child(base: string, from: number): Instance {
    let count = this.counts.get(base) ?? from;
    while (this.taken.has(`${base}_${count}`)) count++;
    this.counts.set(base, count + 1);
    return this.take(`${base}_${count}`);
  }

  private take(name: string): Instance {
    this.taken.add(name);
    return this.instance.child(name);
  }
}

/** `ConvBlock` → `conv_block`, `ReLU` → `relu`, `MaxPool2d` → `max_pool2d`, `RMSNorm` → `rms_norm`, `BatchNorm` → `batch_norm`. */
export function snakeCase(name: string): string {
  return name
    .replaceAll('ReLU', 'Relu')
    .replace(/(?<=[A-Z])(?=[A-Z][a-z])/g, '_')
    .replace(/(?<=[a-z0-9])(?=[A-Z])/g, '_')
    .toLowerCase();
}
