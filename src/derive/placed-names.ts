// Names for what a scan computes at each of its positions: the text's own, and others where it has none. The same value has the
// same name at every position, and no name stands for two values.
import type { Graph, Node, NodeId } from '../ir/graph/type.ts';
import { placedName, writePlacedName, type Place } from './positions.ts';

export interface PlacedLineName {
  readonly name: string;
  readonly place: Place;
}

export class PlacedNames {
  /** Names that `invent` found, behind their scan's. */
  readonly invented = new Map<NodeId, string>();
  /** By the scan and the text's name. */
  private readonly claimed = new Map<string, string>();
  /** Which scan an invented name belongs to. */
  private readonly owners = new Map<string, string>();
  private readonly used = new Set<string>();

  /** @param taken names that stand for something else; grows by those that are given here */
  constructor(
    graph: Graph,
    private readonly taken: Set<string>,
  ) {
    for (const node of graph.nodes) this.own(node);
  }

  /** What the text calls a value, or the cotangent of one; nothing where that is used at this position. */
  own(node: Node): PlacedLineName | undefined {
    const found = placedName(node);
    if (!found) return undefined;
    const { place, base, cotangent } = found;
    const claim = this.claim(place.scan, base);
    const name = cotangent ? `∂L/∂${claim}` : claim;
    return this.used.has(`${name}[${place.position}]`) ? undefined : { name, place };
  }

  /** The first of some names, numbered after these, that is free at the position. */
  invent(node: Node, place: Place, names: readonly string[]): string {
    const [base = 'u'] = names;
    const isFree = (name: string) =>
      (this.owners.get(name) === place.scan || !this.taken.has(name)) &&
      !this.used.has(`${name}[${place.position}]`);
    let name = names.find(isFree);
    for (let i = 1; name === undefined; i++) if (isFree(`${base}${i}`)) name = `${base}${i}`;
    this.owners.set(name, place.scan);
    this.taken.add(name);
    this.invented.set(node.id, writePlacedName(place, name));
    return name;
  }

  /** The name is given away at the position. */
  take(name: string, { position }: Place): void {
    this.used.add(`${name}[${position}]`);
  }

  private claim(scan: string, base: string): string {
    const key = `${scan} ${base}`;
    const known = this.claimed.get(key);
    if (known !== undefined) return known;
    let name = base;
    for (let i = 2; this.taken.has(name); i++) name = `${base}${i}`;
    this.claimed.set(key, name);
    this.taken.add(name);
    return name;
  }
}
