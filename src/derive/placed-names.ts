// Names for a scan's values at each position: those in the text, or invented ones. A value has the same name at every position, and no
// name is used for two values.
import type { Graph, Node, NodeId } from '../ir/graph/type.ts';
import { placedName, writePlacedName, type Place } from './positions.ts';

export interface PlacedLineName {
  readonly name: string;
  readonly place: Place;
}

export class PlacedNames {
  /** Invented names, by scan. */
  readonly invented = new Map<NodeId, string>();
  /** Names claimed at each position, by the scan and the text's name. */
  private readonly claimed = new Map<string, string>();
  /** The scan of each invented name. */
  private readonly owners = new Map<string, string>();
  private readonly used = new Set<string>();

  /** @param taken names in use; extended by those assigned here */
  constructor(
    graph: Graph,
    private readonly taken: Set<string>,
  ) {
    for (const node of graph.nodes) this.own(node);
  }

  /** The text's name for a value, or for its cotangent; undefined if that is taken at this position. */
  own(node: Node): PlacedLineName | undefined {
    const found = placedName(node);
    if (!found) return undefined;
    const { place, base, cotangent } = found;
    const claim = this.claim(place.scan, base);
    const name = cotangent ? `∂L/∂${claim}` : claim;
    return this.used.has(`${name}[${place.position}]`) ? undefined : { name, place };
  }

  /** The first of some names, numbered if necessary, that is free at the position. */
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

  /** Marks the name as taken at the position. */
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
