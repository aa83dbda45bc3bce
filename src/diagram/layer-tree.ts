// The tree of layer applications, and for each node of the graph the innermost application that made it. Elaboration records applications
// in the order in which they ended, inner before outer.
import type { LayerRecord } from '../elaborate/context.ts';
import type { NodeId } from '../ir/graph/type.ts';

export interface Application {
  readonly record: LayerRecord;
  readonly parent: Application | undefined;
  readonly children: readonly Application[];
  /** Nesting depth. */
  readonly level: number;
}

interface Growing {
  readonly record: LayerRecord;
  parent: Growing | undefined;
  readonly children: Growing[];
  level: number;
}

/** All applications, outer before inner, in the order of the text. */
export function layerTree(records: readonly LayerRecord[]): readonly Application[] {
  const open: Growing[] = [];
  for (const record of records) {
    const made: Growing = { record, parent: undefined, children: [], level: 0 };
    const inner = open.findIndex((each) => each.record.depth > record.depth && encloses(record, each.record));
    if (inner >= 0) {
      for (const child of open.splice(inner)) {
        child.parent = made;
        made.children.push(child);
      }
    }
    open.push(made);
  }
  const all: Growing[] = [];
  const visit = (each: Growing, level: number) => {
    each.level = level;
    all.push(each);
    for (const child of each.children) visit(child, level + 1);
  };
  for (const root of open) visit(root, 0);
  return all;
}

function encloses(outer: LayerRecord, inner: LayerRecord): boolean {
  return outer.first <= inner.first && inner.end <= outer.end;
}

/** The innermost of the applications that made the node. */
export function ownerOf(applications: readonly Application[], id: NodeId): Application | undefined {
  return applications.findLast(({ record }) => record.first <= id && id < record.end);
}
