// Layer instances, which own parameters, and their calls. Applying an instance again reuses its parameters, because children and tensors
// are looked up by name before they are made.
import type { Span } from '../diagnostics/source.ts';
import type { Node } from '../ir/graph/type.ts';

/** A stored tensor owned by an instance, with its axis names and the place of its first use. */
export interface OwnedTensor {
  readonly node: Node;
  readonly labels: readonly (string | undefined)[];
  readonly span: Span;
}

export class Instance {
  readonly tensors = new Map<string, OwnedTensor>();
  private readonly children = new Map<string, Instance>();

  /** `path` is empty for the model itself; an optimizer's states have the weight's path, `#` and their name. */
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

  /** A layer inside of this one that was called before. */
  known(name: string): Instance | undefined {
    return this.children.get(name);
  }

  /** The names of the layers inside of this one. */
  get layers(): readonly string[] {
    return [...this.children.keys()];
  }

  /** `conv_block_1.W`: the path of a tensor or child of this instance. */
  pathOf(name: string): string {
    return this.path === '' ? name : `${this.path}${this.separator}${name}`;
  }
}

/** One application of an instance. It gives each layer called a unique name, as if `repeat` were unrolled. */
export class Frame {
  private readonly counts = new Map<string, number>();
  private readonly taken = new Set<string>();
  /** The places of the tensors declared in this application. */
  readonly declared = new Map<string, Span>();

  constructor(readonly instance: Instance) {}

  /** The instance of the next unnamed call of a layer, numbered from 1: `conv2d_2`. */
  next(layer: string): Instance {
    return this.child(snakeCase(layer), 1);
  }

  /** The instance named by a `let`; further ones in a `repeat` are numbered from 2. */
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
