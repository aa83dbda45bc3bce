// A diagram as data: boxes, their clusters, and arrows. The makers of diagrams return it, the printers (DOT, Mermaid, SVG) take it. Texts
// are unescaped; every printer escapes them for its language.

/** The meaning of a box, which determines its color. */
export type BoxKind = 'input' | 'target' | 'layer' | 'operation' | 'loss' | 'output' | 'gradient';

export interface Box {
  /** Unique in the diagram; letters, digits and `_`. */
  readonly id: string;
  readonly kind: BoxKind;
  /** The first line: a layer's path, an input's name. */
  readonly title: string;
  /** Further lines: the layer's definition, its tensors with their shapes. */
  readonly lines: readonly string[];
  /** The cluster that contains it. */
  readonly cluster?: string;
}

/** Boxes drawn together under a heading: a layer made of layers. */
export interface Cluster {
  readonly id: string;
  readonly title: string;
  readonly parent?: string;
}

/** flow: a value; shared: two uses of one set of weights; kept: a value of the forward pass that the backward pass reads. */
export type ArrowKind = 'flow' | 'shared' | 'kept';

export interface Arrow {
  readonly from: string;
  readonly to: string;
  readonly kind: ArrowKind;
  /** The shape of the value per example, preceded by a name where that helps. */
  readonly label: string;
}

export interface Diagram {
  readonly title: string;
  readonly boxes: readonly Box[];
  readonly clusters: readonly Cluster[];
  readonly arrows: readonly Arrow[];
}
