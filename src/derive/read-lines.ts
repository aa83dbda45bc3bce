// Converts a layer's graph to lines of formulas, in order of computation. A value gets its own line if the text names it, if it is a
// result, or if it is long and used several times.
import type { Graph, Node, NodeId, Shape } from '../ir/graph/type.ts';
import { scalarFunctions, scalarRow, unaryNames } from '../ir/scalar.ts';
import {
  apply,
  asProduct,
  negate,
  number,
  product,
  silentOperations,
  sum,
  symbol,
  weigh,
  type Formula,
} from './formula.ts';
import { PlacedNames } from './placed-names.ts';
import { placeOf, scansOf, type Place } from './positions.ts';
import { findStacks, gatheredRows, rowOf, type Stack, type Stacks } from './stacks.ts';

export interface Line {
  readonly name: string;
  readonly formula: Formula;
  readonly backward: boolean;
  /** Whether it is a gradient of a parameter or an input, or the layer's result. */
  readonly result: boolean;
  /** Its scan and position, if it is a scan's value. */
  readonly place?: Place;
  /** The array whose rows these positions are, if any. */
  readonly stacked?: Stacked;
}

export interface Stacked {
  readonly axis: number;
  /** The shape of the complete array. */
  readonly shape: Shape;
}

/** Longer formulas are named if they are used more than once. */
const longest = 2;

/** Functions that are named if they are used twice with more than a symbol. */
const functions: ReadonlySet<string> = new Set([
  'softmax',
  ...unaryNames.filter((name) => scalarFunctions[name].cost > scalarFunctions.add.cost),
]);

/** Sliding windows are inlined, not computed. */
const lookedThrough: ReadonlySet<string> = new Set(['windows']);

export function readLines(graph: Graph): readonly Line[] {
  return new Reader(graph).read();
}

/** Names for repeated values inside scans that the text does not name. */
export function namesOfRepeated(graph: Graph): ReadonlyMap<NodeId, string> {
  const reader = new Reader(graph);
  reader.read();
  return reader.placed.invented;
}

class Reader {
  private readonly lines: Line[] = [];
  private readonly known = new Map<NodeId, Formula>();
  private readonly uses = new Map<NodeId, number>();
  private readonly results = new Map<NodeId, string[]>();
  private readonly taken: Set<string>;
  private readonly formulas = new Map<string, Formula>();
  private readonly scans: ReadonlyMap<string, number>;
  private readonly stacks: Stacks;
  readonly placed: PlacedNames;

  constructor(private readonly graph: Graph) {
    for (const { name, value } of graph.outputs) {
      this.results.set(value, [...(this.results.get(value) ?? []), name]);
      this.use(value);
    }
    for (const node of graph.nodes) node.inputs.forEach((input) => this.use(input));
    this.taken = new Set([
      ...graph.outputs.map(({ name }) => name),
      ...graph.nodes.flatMap((node) => (isLeaf(node) ? [leafName(node)] : [])),
      // nor are their names used
      ...graph.nodes.flatMap(({ operation, origin: { name } }) =>
        lookedThrough.has(operation) && name !== undefined ? [name, `∂L/∂${name}`] : [],
      ),
    ]);
    this.scans = scansOf(graph);
    // the loop variable
    if (this.scans.size > 0) this.taken.add('t');
    this.stacks = findStacks(graph, this.scans, (node) => {
      const name = this.results.get(node.id)?.[0] ?? this.ownName(node);
      if (name !== undefined) this.taken.add(name);
      return name;
    });
    this.placed = new PlacedNames(graph, this.taken);
  }

  read(): readonly Line[] {
    for (const node of this.graph.nodes) this.known.set(node.id, this.readNode(node));
    return this.lines;
  }

  private use(id: NodeId): void {
    this.uses.set(id, (this.uses.get(id) ?? 0) + 1);
  }

  private readNode(node: Node): Formula {
    const names = this.results.get(node.id) ?? [];
    const stack = this.stacks.arrays.get(node.id);
    const formula = stack ? this.stackOf(node, stack) : this.formulaOf(node);
    if (isLeaf(node) && formula.kind === 'symbol' && formula.position)
      return this.pushStart(node, formula.name);
    const [first, ...others] = names;
    const backward = node.phase === 'backward';
    const place = placeOf(node);
    const row = this.stacks.rows.get(node.id);
    if (row?.name !== undefined && place)
      return this.pushAt(place, { name: row.name, formula, backward, result: row.result, stacked: row });
    if (first !== undefined) {
      const leaf = isLeaf(node) || stack?.name === first;
      if (leaf) {
        for (const name of stack ? others : names)
          this.push({ name, formula, backward: name.startsWith('∂'), result: true });
        return formula;
      }
      const line = this.push({ name: first, formula, backward: first.startsWith('∂'), result: true });
      for (const name of others)
        this.push({ name, formula: line, backward: name.startsWith('∂'), result: true });
      return line;
    }
    if (isLeaf(node) || stack || formula.kind === 'number') return formula;
    const ownPlaced = this.placed.own(node);
    const own = ownPlaced?.name ?? (place ? undefined : this.ownName(node));
    if (formula.kind === 'symbol') return formula;
    if (lookedThrough.has(node.operation)) return formula;
    const weight = weigh(formula);
    const long =
      weight > longest ||
      (functions.has(node.operation) && node.operation === nameOfApplied(formula) && !isPlain(formula));
    const repeated = (this.uses.get(node.id) ?? 0) > 1 && long;
    if (own === undefined && !repeated) return formula;
    if (silentOperations.has(node.operation)) return formula;
    if (own !== undefined && !repeated && weight <= 1) return formula;
    // the scale is inlined into formulas that use the value, so that scales are multiplied there
    const { coefficient } = asProduct(formula);
    if (own === undefined && coefficient !== 1 && formula.kind === 'product') {
      const bare = product(formula.shape, [formula], [number(coefficient, formula.shape)]);
      const line = this.pushFresh(node, bare);
      return product(formula.shape, [line], [number(1 / coefficient, formula.shape)]);
    }
    if (own === undefined) return this.pushFresh(node, formula);
    const line: Line = { name: own, formula, backward, result: false };
    return ownPlaced ? this.pushAt(ownPlaced.place, line) : this.push(line);
  }

  /** The symbol of an initial state. */
  private pushStart(node: Node, name: string): Formula {
    const place = placeOf(node) ?? { scan: '', position: 0 };
    return this.pushAt(place, {
      name,
      formula: symbol(String(node.attributes['name']), node.shape),
      backward: false,
      result: false,
    });
  }

  private pushFresh(node: Node, formula: Formula): Formula {
    const backward = node.phase === 'backward';
    const place = placeOf(node);
    if (!place) return this.push({ name: this.fresh(node), formula, backward, result: false });
    const name = this.placed.invent(node, place, lettersFor(node));
    return this.pushAt(place, { name, formula, backward, result: false });
  }

  private pushAt(place: Place, line: Line): Formula {
    this.lines.push({ ...line, place });
    this.placed.take(line.name, place);
    this.formulas.set(`${line.name}[${place.position}]`, line.formula);
    return symbol(line.name, line.formula.shape, place.position);
  }

  /** The value at each position is a line; the array has the name of all of them. */
  private stackOf({ phase, shape }: Node, { name, scan, axis, parts, result }: Stack): Formula {
    if (name === undefined) {
      const rows = parts.map((id) => this.operand(id));
      return this.stackedRows(rows, scan, axis, shape, phase === 'backward');
    }
    parts.forEach((id, i) => {
      if (this.stacks.rows.has(id)) return;
      const line = { name, formula: this.operand(id), backward: phase === 'backward', result };
      this.pushAt({ scan, position: i + 1 }, { ...line, stacked: { axis, shape } });
    });
    return symbol(name, shape);
  }

  /** An unnamed array has the name of its rows. */
  private stackedRows(
    rows: readonly Formula[],
    scan: string,
    axis: number,
    shape: Shape,
    backward: boolean,
  ): Formula {
    const [first] = rows;
    const common = first?.kind === 'symbol' && first.position ? first.name : undefined;
    const alike = rows.every(
      (row, i) =>
        row.kind === 'symbol' &&
        row.name === common &&
        row.position &&
        'at' in row.position &&
        row.position.at === i + 1,
    );
    const stacked = { axis, shape };
    if (common !== undefined && alike) {
      this.lines.forEach((line, i) => {
        if (line.name === common && line.place && line.place.position > 0)
          this.lines[i] = { ...line, stacked: line.stacked ?? stacked };
      });
      return symbol(common, shape);
    }
    const name = this.freeName(otherNames);
    this.taken.add(name);
    rows.forEach((formula, i) =>
      this.pushAt({ scan, position: i + 1 }, { name, formula, backward, result: false, stacked }),
    );
    return symbol(name, shape);
  }

  /** Added rows of an array are lines, and their sum is the array. */
  private gathered(formula: Formula, { phase, shape }: Node): Formula {
    const found = gatheredRows(formula, this.scans);
    if (!found) return formula;
    const { rows, scan, axis, others } = found;
    return sum(shape, [this.stackedRows(rows, scan, axis, shape, phase === 'backward'), ...others]);
  }

  private push(line: Line): Formula {
    this.lines.push(line);
    this.taken.add(line.name);
    this.formulas.set(line.name, line.formula);
    return symbol(line.name, line.formula.shape);
  }

  /** The text's name for a value, or for its cotangent; undefined if it is taken. */
  private ownName(node: Node): string | undefined {
    const { name } = node.origin;
    if (name === undefined) return undefined;
    const shown = node.phase === 'backward' ? name.replace(/^d_/, '∂L/∂') : name;
    return this.taken.has(shown) || shown.startsWith('scan') ? undefined : shown;
  }

  private fresh(node: Node): string {
    return this.freeName(lettersFor(node));
  }

  private freeName([base = 'u', ...others]: readonly string[]): string {
    const free = [base, ...others].find((name) => !this.taken.has(name));
    if (free !== undefined) return free;
    for (let i = 1; ; i++) if (!this.taken.has(`${base}${i}`)) return `${base}${i}`;
  }

  private operand(id: NodeId | undefined): Formula {
    const found = id === undefined ? undefined : this.known.get(id);
    if (!found) throw new Error(`%${id} is read before it stands in the graph`);
    return found;
  }

  private formulaOf(node: Node): Formula {
    const { operation, attributes, shape } = node;
    if (operation === 'constant') return number(Number(attributes['value']), shape);
    const placed = isLeaf(node) ? this.placed.own(node) : undefined;
    if (placed) return symbol(placed.name, shape, placed.place.position);
    if (isLeaf(node)) return symbol(leafName(node), shape);
    const operands = node.inputs.map((id) => this.operand(id));
    const [a, b] = operands;
    switch (operation) {
      case 'negate':
        return a ? negate(a) : number(0, shape);
      case 'add':
        return this.gathered(sum(shape, operands), node);
      case 'subtract':
        return a && b ? sum(shape, [a, negate(b)]) : number(0, shape);
      case 'multiply':
        return product(shape, operands);
      case 'divide':
        return product(shape, a ? [a] : [], b ? [b] : []);
      case 'exp': {
        const of = a?.kind === 'symbol' ? this.formulas.get(keyOfSymbol(a)) : a;
        if (of?.kind === 'apply' && of.operation === 'log_softmax')
          return apply('softmax', of.operands, of.attributes, shape);
        return apply(operation, operands, attributes, shape);
      }
      case 'broadcast':
      case 'reshape':
        return a ? this.moved(node, a) : number(0, shape);
      case 'sum':
      case 'contraction':
      case 'transpose':
      case 'unwindows':
        return this.scaled(node, operands);
      case 'slice':
        return rowOf(node, operands, this.scans) ?? this.scaled(node, operands);
      default:
        return apply(operation, operands, attributes, shape);
    }
  }

  /** Numbers have no shape; broadcasts and reshapes are pushed into the factors of a product. */
  private moved(node: Node, operand: Formula): Formula {
    const { operation, attributes, shape } = node;
    if (operand.kind === 'number') return number(operand.value, shape);
    if (operand.kind === 'product') {
      const over = operand.factors.map((factor) => this.moved(node, factor));
      const under = operand.divisors.map((divisor) => this.moved(node, divisor));
      return product(shape, [number(operand.coefficient, shape), ...over], under);
    }
    if (operation === 'reshape') {
      if (operand.kind === 'row' && solid(operand.shape) === solid(shape)) return { ...operand, shape };
      const inner =
        operand.kind === 'apply' && operand.operation === 'reshape' ? operand.operands[0] : operand;
      if (!inner || sameShape(inner.shape, shape)) return inner ?? operand;
      return apply('reshape', [inner], { shape }, shape);
    }
    return apply(operation, [operand], attributes, shape);
  }

  /** A linear primitive: scales of its operands are factored out. */
  private scaled({ operation, attributes, shape }: Node, operands: readonly Formula[]): Formula {
    const parts = operands.map(asProduct);
    const coefficient = parts.reduce((total, part) => total * part.coefficient, 1);
    const bare = parts.map((part) =>
      part.factors.length + part.divisors.length === 0
        ? number(1, part.shape)
        : product(part.shape, part.factors, part.divisors),
    );
    return product(shape, [number(coefficient, shape), apply(operation, bare, attributes, shape)]);
  }
}

const otherNames: readonly string[] = ['u', 'v', 'w'];

/** Customary short names for such values. */
const customary: ReadonlyMap<string, readonly string[]> = new Map([
  ['softmax', ['s', 'p']],
  ['sum', ['a', 'c', 'd']],
  ['contraction', ['u', 'v', 'w']],
]);

function lettersFor({ operation }: Node): readonly string[] {
  return scalarRow(operation)?.letters ?? customary.get(operation) ?? otherNames;
}

function keyOfSymbol({ name, position }: Formula & { readonly kind: 'symbol' }): string {
  return position && 'at' in position ? `${name}[${position.at}]` : name;
}

/** A shape without axes of size 1. */
function solid(shape: Shape): string {
  return shape.filter((size) => size !== 1).join();
}

function isLeaf(node: Node): boolean {
  return ['input', 'stored', 'constant'].includes(node.operation);
}

function leafName({ attributes, origin }: Node): string {
  return origin.name ?? String(attributes['name'] ?? attributes['path'] ?? '');
}

function nameOfApplied(formula: Formula): string | undefined {
  return formula.kind === 'apply' ? formula.operation : undefined;
}

/** A function of one symbol: `exp(y)` is as short as a name. */
function isPlain(formula: Formula): boolean {
  return formula.kind === 'apply' && formula.operands.every(({ kind }) => kind === 'symbol');
}

function sameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((size, i) => size === b[i]);
}
