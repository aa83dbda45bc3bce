// The syntax tree of a `.nn` file: plain readonly data, every node with its span. Names are not resolved.
import type { Span } from '../diagnostics/source.ts';

interface Located {
  readonly span: Span;
}

export interface Name extends Located {
  readonly text: string;
}

export interface Program extends Located {
  readonly imports: readonly Import[];
  readonly declarations: readonly Declaration[];
}

/** `import "layers.nn"` (everything) or `import { A, B } from "layers.nn"`. */
export interface Import extends Located {
  readonly path: StringLiteral;
  readonly names?: readonly Name[];
}

export type Declaration = ConstDeclaration | Definition | Model;

/** `const width = 16`, at the top of a file or in a model. */
export interface ConstDeclaration extends Located {
  readonly kind: 'const';
  readonly name: Name;
  readonly value: Expression;
}

export type DefinitionKind =
  'layer' | 'loss' | 'optimizer' | 'schedule' | 'clip' | 'initializer' | 'metric' | 'function';

/**
 * `layer Linear(out: int, bias: bool = true) (x: [..., D]) -> [..., out] { … }`, and the same form for losses, optimizers, schedules,
 * clips, initializers, metrics and plain functions. `= expression` instead of a block is a block with a single `return`. A single list
 * contains the inputs, unless every entry has a hyper-parameter's type or a default value.
 */
export interface Definition extends Located {
  readonly kind: DefinitionKind;
  readonly name: Name;
  readonly hyperParameters: readonly Parameter[];
  readonly inputs: readonly Parameter[];
  readonly result?: TypeExpression;
  readonly body: Block;
  readonly inverse?: Inverse;
  readonly overall?: Overall;
  /** The comment directly above, without its slashes. */
  readonly documentation?: string;
}

/** `inverse (y) { … }` of a layer. */
export interface Inverse extends Located {
  readonly inputs: readonly Parameter[];
  readonly body: Block;
}

/** `overall (a, b) { … }` of a metric: computes its value from the means of its body's results over all examples. */
export interface Overall extends Located {
  readonly inputs: readonly Parameter[];
  readonly body: Block;
}

export interface Parameter extends Located {
  readonly name: Name;
  readonly type?: TypeExpression;
  readonly default?: Expression;
}

export type TypeExpression = ShapeType | NamedType;

/** `[..., D]` */
export interface ShapeType extends Located {
  readonly kind: 'shape';
  readonly dimensions: readonly Dimension[];
}

/** `int`, `float`, `bool`, `symbol`, `layer`, `list`, `class(10)`, `int(5000)[T]`: their meaning is defined in elaboration. */
export interface NamedType extends Located {
  readonly kind: 'named';
  readonly name: Name;
  readonly arguments: readonly Expression[];
  readonly shape?: ShapeType;
}

export type Dimension = Ellipsis | Expression;

export interface Ellipsis extends Located {
  readonly kind: 'ellipsis';
}

export interface Model extends Located {
  readonly kind: 'model';
  readonly name: Name;
  readonly items: readonly ModelItem[];
  readonly documentation?: string;
}

export type ModelItem =
  | ConstDeclaration
  | ModelInput
  | LetStatement
  | StateDeclaration
  | NetItem
  | OutputItem
  | ExpressionItem
  | MetricsItem
  | TrainItem;

/** `input image: [1, 28, 28]` or `target digit: class(10)` */
export interface ModelInput extends Located {
  readonly kind: 'input' | 'target';
  readonly name: Name;
  readonly type: TypeExpression;
}

/** `net { … }`: a chain from the first input to the output. */
export interface NetItem extends Located {
  readonly kind: 'net';
  readonly body: Block;
}

/** `output Linear(3)(found)` or `output name = expression` */
export interface OutputItem extends Located {
  readonly kind: 'output';
  readonly name?: Name;
  readonly value: Expression;
}

/** `loss …`, `optimizer …`, `schedule …`, `clip …`, `data …` */
export interface ExpressionItem extends Located {
  readonly kind: 'loss' | 'optimizer' | 'schedule' | 'clip' | 'data';
  readonly value: Expression;
}

/** `metrics accuracy, top_k(3)` */
export interface MetricsItem extends Located {
  readonly kind: 'metrics';
  readonly values: readonly Expression[];
}

/** `train { epochs = 5  batch = 64 }` */
export interface TrainItem extends Located {
  readonly kind: 'train';
  readonly settings: readonly Setting[];
}

export interface Setting extends Located {
  readonly name: Name;
  readonly value: Expression;
}

/** Statements in order. In a chain (`net`, `repeat`, `residual`, a branch) an expression statement is a stage. */
export interface Block extends Located {
  readonly statements: readonly Statement[];
}

export type Statement =
  | LetStatement
  | StateDeclaration
  | UpdateStatement
  | IfStatement
  | ReturnStatement
  | AssertStatement
  | RepeatStatement
  | ResidualStatement
  | ParallelStatement
  | ScanStatement
  | ExpressionStatement;

/** `let q = Linear(d)(x), k = Linear(d)(x)` or `let (a, b) = split(x, axis = C)` */
export interface LetStatement extends Located {
  readonly kind: 'let';
  readonly bindings: readonly Binding[];
}

export interface Binding extends Located {
  /** Several names destructure a tuple. */
  readonly names: readonly Name[];
  readonly value: Expression;
}

/** `param W: [out, D] = he`, `buffer mean: [C] = zeros`, `const K: [2, 2] = eye(2)`, `state m = zeros, v = zeros` */
export interface StateDeclaration extends Located {
  readonly kind: 'declare';
  readonly storage: 'param' | 'buffer' | 'const' | 'state';
  readonly entries: readonly StateEntry[];
}

export interface StateEntry extends Located {
  readonly name: Name;
  readonly shape?: ShapeType;
  readonly initial: Expression;
}

/** `m <- beta1 * m + (1 - beta1) * g` */
export interface UpdateStatement extends Located {
  readonly kind: 'update';
  readonly target: Name;
  readonly value: Expression;
}

export interface IfStatement extends Located {
  readonly kind: 'if';
  readonly condition: Expression;
  readonly then: Block;
  readonly otherwise?: Block;
}

/** `return x` or `return a, b` */
export interface ReturnStatement extends Located {
  readonly kind: 'return';
  readonly values: readonly Expression[];
}

/** `assert H == W, "needs a square image, not {H} × {W}"` */
export interface AssertStatement extends Located {
  readonly kind: 'assert';
  readonly condition: Expression;
  readonly message?: StringLiteral;
}

/** `repeat 3 { … }` or `repeat 3 as i { … }`, i from 0 */
export interface RepeatStatement extends Located {
  readonly kind: 'repeat';
  readonly count: Expression;
  readonly index?: Name;
  readonly body: Block;
}

/** `residual { … }`: x + body(x) */
export interface ResidualStatement extends Located {
  readonly kind: 'residual';
  readonly body: Block;
}

/** `parallel concat(axis = 0) { … } { … }` or `parallel sum { … } { … }`: all branches take the same input. */
export interface ParallelStatement extends Located {
  readonly kind: 'parallel';
  readonly join: Expression;
  readonly branches: readonly Block[];
}

/** `scan x along T as x_t { … }`: the body runs for each position of an axis in sequence; its results are stacked. */
export interface ScanStatement extends Located {
  readonly kind: 'scan';
  readonly input: Expression;
  readonly axis: Expression;
  /** The name of the input at one position, in the body. */
  readonly name: Name;
  readonly body: Block;
}

export interface ExpressionStatement extends Located {
  readonly kind: 'expression';
  readonly value: Expression;
}

export type Expression =
  | NumberLiteral
  | StringLiteral
  | BooleanLiteral
  | NoneLiteral
  | NameExpression
  | ListExpression
  | CallExpression
  | UnaryExpression
  | BinaryExpression
  | TransposeExpression
  | MemberExpression
  | ChainExpression;

export interface NumberLiteral extends Located {
  readonly kind: 'number';
  readonly value: number;
  /** Whether it is written without point and exponent. */
  readonly integer: boolean;
}

export interface StringLiteral extends Located {
  readonly kind: 'string';
  readonly value: string;
}

export interface BooleanLiteral extends Located {
  readonly kind: 'boolean';
  readonly value: boolean;
}

export interface NoneLiteral extends Located {
  readonly kind: 'none';
}

export interface NameExpression extends Located {
  readonly kind: 'name';
  readonly text: string;
}

export interface ListExpression extends Located {
  readonly kind: 'list';
  readonly items: readonly Expression[];
}

/** `Linear(64)(x)`: no space before the opening parenthesis. */
export interface CallExpression extends Located {
  readonly kind: 'call';
  readonly callee: Expression;
  readonly arguments: readonly Argument[];
}

export interface Argument extends Located {
  readonly name?: Name;
  readonly value: Expression;
}

export interface UnaryExpression extends Located {
  readonly kind: 'unary';
  readonly operator: '-' | 'not';
  readonly operand: Expression;
}

export type BinaryOperator =
  '+' | '-' | '*' | '/' | '@' | '^' | '==' | '!=' | '<' | '<=' | '>' | '>=' | 'and' | 'or';

export interface BinaryExpression extends Located {
  readonly kind: 'binary';
  readonly operator: BinaryOperator;
  readonly left: Expression;
  readonly right: Expression;
}

/** `W'`: the last two axes swapped */
export interface TransposeExpression extends Located {
  readonly kind: 'transpose';
  readonly operand: Expression;
}

/** `emb.W`: a tensor of a layer that has a name, or a layer within it */
export interface MemberExpression extends Located {
  readonly kind: 'member';
  readonly owner: Expression;
  readonly name: Name;
}

/** `x -> Linear(3) -> ReLU`, or `ReLU -> Linear(3)`, a composed layer */
export interface ChainExpression extends Located {
  readonly kind: 'chain';
  readonly stages: readonly Expression[];
}
