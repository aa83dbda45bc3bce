// A graph of one layer enters; lines of formulas leave, in the order in which a person would compute them. A value is a line of its
// own where the text names it, where it is a result, or where several formulas need it and it is long.
import type { Graph, Node, NodeId } from '../ir/graph.ts';
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

export interface Line {
  readonly name: string;
  readonly formula: Formula;
  readonly backward: boolean;
  /** Whether it is a gradient towards a parameter or an input, or the layer's result. */
  readonly result: boolean;
}

/** What is longer than this, and used more than once, is named. */
const longest = 2;

/** A function of more than a symbol is named when it is used twice. */
const functions: ReadonlySet<string> = new Set([
  'softmax',
  'sigmoid',
  'exp',
  'tanh',
  'sqrt',
  'erf',
  'softplus',
  'log',
]);

/** What slides over its input is read through, not computed. */
const lookedThrough: ReadonlySet<string> = new Set(['windows']);

export function readLines(graph: Graph): readonly Line[] {
  return new Reader(graph).read();
}

class Reader {
  private readonly lines: Line[] = [];
  private readonly known = new Map<NodeId, Formula>();
  private readonly uses = new Map<NodeId, number>();
  private readonly results = new Map<NodeId, string[]>();
  private readonly taken: Set<string>;
  private readonly formulas = new Map<string, Formula>();

  constructor(private readonly graph: Graph) {
    for (const { name, value } of graph.outputs) {
      this.results.set(value, [...(this.results.get(value) ?? []), name]);
      this.use(value);
    }
    for (const node of graph.nodes) node.inputs.forEach((input) => this.use(input));
    this.taken = new Set([
      ...graph.outputs.map(({ name }) => name),
      ...graph.nodes.flatMap((node) => (isLeaf(node) ? [leafName(node)] : [])),
      // nor do they lend their names
      ...graph.nodes.flatMap(({ operation, origin: { name } }) =>
        lookedThrough.has(operation) && name !== undefined ? [name, `∂L/∂${name}`] : [],
      ),
    ]);
  }

  read(): readonly Line[] {
    for (const node of this.graph.nodes) this.known.set(node.id, this.readNode(node));
    return this.lines;
  }

  private use(id: NodeId): void {
    this.uses.set(id, (this.uses.get(id) ?? 0) + 1);
  }

  private readNode(node: Node): Formula {
    const formula = this.formulaOf(node);
    const names = this.results.get(node.id) ?? [];
    const [first, ...others] = names;
    const backward = node.phase === 'backward';
    if (first !== undefined) {
      const leaf = isLeaf(node);
      if (leaf) {
        for (const name of names) this.push({ name, formula, backward: name.startsWith('∂'), result: true });
        return formula;
      }
      const line = this.push({ name: first, formula, backward: first.startsWith('∂'), result: true });
      for (const name of others)
        this.push({ name, formula: line, backward: name.startsWith('∂'), result: true });
      return line;
    }
    if (isLeaf(node) || formula.kind === 'symbol' || formula.kind === 'number') return formula;
    const own = this.ownName(node);
    if (lookedThrough.has(node.operation)) return formula;
    const weight = weigh(formula);
    const long =
      weight > longest ||
      (functions.has(node.operation) && node.operation === nameOfApplied(formula) && !isPlain(formula));
    const repeated = (this.uses.get(node.id) ?? 0) > 1 && long;
    if (own === undefined && !repeated) return formula;
    if (silentOperations.has(node.operation)) return formula;
    if (own !== undefined && !repeated && weight <= 1) return formula;
    // a scale stays with whoever uses the value, so that scales meet
    const { coefficient } = asProduct(formula);
    if (own === undefined && coefficient !== 1 && formula.kind === 'product') {
      const bare = product(formula.shape, [formula], [number(coefficient, formula.shape)]);
      const line = this.push({ name: this.fresh(node), formula: bare, backward, result: false });
      return product(formula.shape, [line], [number(1 / coefficient, formula.shape)]);
    }
    return this.push({ name: own ?? this.fresh(node), formula, backward, result: false });
  }

  private push(line: Line): Formula {
    this.lines.push(line);
    this.taken.add(line.name);
    this.formulas.set(line.name, line.formula);
    return symbol(line.name, line.formula.shape);
  }

  /** What the text calls a value, or the cotangent of one; nothing where another has that name. */
  private ownName(node: Node): string | undefined {
    const { name } = node.origin;
    if (name === undefined) return undefined;
    const shown = node.phase === 'backward' ? name.replace(/^d_/, '∂L/∂') : name;
    return this.taken.has(shown) || shown.startsWith('scan') ? undefined : shown;
  }

  private fresh(node: Node): string {
    const [base = 'u', ...others] = customary.get(node.operation) ?? ['u', 'v', 'w'];
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
    if (isLeaf(node)) return symbol(leafName(node), shape);
    const operands = node.inputs.map((id) => this.operand(id));
    const [a, b] = operands;
    switch (operation) {
      case 'negate':
        return a ? negate(a) : number(0, shape);
      case 'add':
        return sum(shape, operands);
      case 'subtract':
        return a && b ? sum(shape, [a, negate(b)]) : number(0, shape);
      case 'multiply':
        return product(shape, operands);
      case 'divide':
        return product(shape, a ? [a] : [], b ? [b] : []);
      case 'exp': {
        const of = a?.kind === 'symbol' ? this.formulas.get(a.name) : a;
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
      case 'slice':
        return this.scaled(node, operands);
      default:
        return apply(operation, operands, attributes, shape);
    }
  }

  /** Numbers are numbers in any shape; repetition and change of shape pass to the factors of a product. */
  private moved(node: Node, operand: Formula): Formula {
    const { operation, attributes, shape } = node;
    if (operand.kind === 'number') return number(operand.value, shape);
    if (operand.kind === 'product') {
      const over = operand.factors.map((factor) => this.moved(node, factor));
      const under = operand.divisors.map((divisor) => this.moved(node, divisor));
      return product(shape, [number(operand.coefficient, shape), ...over], under);
    }
    if (operation === 'reshape') {
      const inner =
        operand.kind === 'apply' && operand.operation === 'reshape' ? operand.operands[0] : operand;
      if (!inner || sameShape(inner.shape, shape)) return inner ?? operand;
      return apply('reshape', [inner], { shape }, shape);
    }
    return apply(operation, [operand], attributes, shape);
  }

  /** A linear primitive: the scales of its operands stand before it. */
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

/** Short names that people give to such values. */
const customary: ReadonlyMap<string, readonly string[]> = new Map([
  ['softmax', ['s', 'p']],
  ['sigmoid', ['s']],
  ['exp', ['e']],
  ['tanh', ['t']],
  ['sqrt', ['r']],
  ['sum', ['a', 'c', 'd']],
  ['contraction', ['u', 'v', 'w']],
]);

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
