// Rules of contractions: labels express transposes and repeated axes, a contraction without a sum becomes element-wise work or a plain
// sum, and a scale moves to the smaller operand. What is left is what a scheduler should see.
import type { Node } from '../../ir/graph/type.ts';
import { sizesAt } from '../../ops/shapes.ts';
import {
  attributesOf,
  constantOf,
  operandOf,
  ownAttributes,
  scaledOf,
  type Candidate,
  type Rule,
  type RuleEmit,
  type RuleTable,
} from './rule.ts';
import { elementCount } from '../../runtime/tensor.ts';

type Labels = readonly number[];

interface Operand {
  readonly node: Node;
  readonly labels: Labels;
}

/** Canonical labels: numbered in the order of first use, so that equal contractions compare equal */
const labelInOrder: Rule = (candidate, emit) => {
  const { a, b, output } = operandsOf(candidate);
  const labels = [...new Set([...a.labels, ...b.labels])];
  if (labels.every((label, i) => label === i)) return undefined;
  const rename = ({ node, labels: old }: Operand) => ({
    node,
    labels: old.map((label) => labels.indexOf(label)),
  });
  return contractPair(
    emit,
    rename(a),
    rename(b),
    output.map((label) => labels.indexOf(label)),
  );
};

/** a′ · b → a · b with the labels of a permuted */
const takeTranspose = onEither(({ node, labels }, other, output, emit, contract) => {
  const turned = attributesOf(node, 'transpose');
  const source = operandOf(emit, node, 'transpose');
  if (!turned || !source) return undefined;
  const straight = source.shape.map((_, axis) => labels[turned.permutation.indexOf(axis)] ?? 0);
  return contract({ node: source, labels: straight }, other, output);
});

/** −a · b → −(a · b), and (a · c) · b → (a · b) · c where the result is smaller than a */
const takeScale = onEither(({ node, labels }, other, output, emit, contract) => {
  if (emit.shared(node)) return undefined;
  const opposite = operandOf(emit, node, 'negate');
  if (opposite) return emit.negate(contract({ node: opposite, labels }, other, output));
  const scaled = scaledOf(emit, node);
  const sizes = sizesOf({ node, labels }, other);
  const size = elementCount(output.map((label) => sizes.get(label) ?? 1));
  if (!scaled || size >= elementCount(node.shape)) return undefined;
  return emit.multiply(contract({ node: scaled.of, labels }, other, output), scaled.by);
});

/** a · c → broadcast (Σ a · c · count) */
const takeConstant = onEither(({ node, labels }, other, output, emit) => {
  const value = constantOf(node);
  if (value === undefined) return undefined;
  const summed = labels.filter((label) => !output.includes(label) && !other.labels.includes(label));
  const count = elementCount(
    sizesAt(
      node.shape,
      summed.map((label) => labels.indexOf(label)),
    ),
  );
  const total = sumOver(emit, other, (label) => !output.includes(label));
  const sizes = sizesOf({ node, labels }, other);
  return broadcastTo(emit, { ...total, node: emit.multiply(total.node, value * count) }, output, sizes);
});

/** (broadcast a) · b → a · b, broadcast or scaled along the labels that b lacks */
const takeBroadcast = onEither(({ node, labels }, other, output, emit, contract) => {
  const repeated = attributesOf(node, 'broadcast');
  const source = operandOf(emit, node, 'broadcast');
  if (!repeated || !source) return undefined;
  const own = repeated.axes.map((axis) => labels[axis] ?? 0);
  const lost = labels.filter((label) => !own.includes(label) && !other.labels.includes(label));
  const summed = lost.filter((label) => !output.includes(label));
  const count = elementCount(
    sizesAt(
      node.shape,
      summed.map((label) => labels.indexOf(label)),
    ),
  );
  const kept = output.filter((label) => !lost.includes(label));
  const product = emit.multiply(contract({ node: source, labels: own }, other, kept), count);
  return broadcastTo(emit, { node: product, labels: kept }, output, sizesOf({ node, labels }, other));
});

/** Σ over labels that only a has: a · b → (Σ a) · b */
const sumAlone = onEither((operand, other, output, emit, contract) => {
  const total = sumOver(emit, operand, (label) => !output.includes(label) && !other.labels.includes(label));
  return total.labels.length === operand.labels.length ? undefined : contract(total, other, output);
});

/** A sum over an axis of size 1 is no sum */
const dropUnits: Rule = (candidate, emit) => {
  const { a, b, output } = operandsOf(candidate);
  const sizes = sizesOf(a, b);
  const drop = ({ node, labels }: Operand): Operand => {
    const kept = labels.filter((label) => output.includes(label) || sizes.get(label) !== 1);
    const shape = kept.map((label) => sizes.get(label) ?? 1);
    return { node: emit.reshape(node, shape), labels: kept };
  };
  const [left, right] = [drop(a), drop(b)];
  const dropped = left.labels.length < a.labels.length || right.labels.length < b.labels.length;
  return dropped ? contractPair(emit, left, right, output) : undefined;
};

/** Without a sum, a contraction is an element-wise product */
const multiplyOnly: Rule = (candidate, emit) => {
  const { a, b, output } = operandsOf(candidate);
  if ([...a.labels, ...b.labels].some((label) => !output.includes(label))) return undefined;
  const sizes = sizesOf(a, b);
  return emit.multiply(broadcastTo(emit, a, output, sizes), broadcastTo(emit, b, output, sizes));
};

/** (a · b)′ → a · b with the output's labels permuted */
const transposeOfContraction: Rule = (candidate, emit) => {
  const { permutation } = ownAttributes(candidate, 'transpose');
  const [x] = candidate.inputs;
  const product = attributesOf(x, 'contraction');
  if (!x || !product || emit.shared(x)) return undefined;
  const [a, b] = x.inputs.map((id) => emit.node(id));
  if (!a || !b) return undefined;
  return emit.contract(
    a,
    product.left,
    b,
    product.right,
    permutation.map((axis) => product.output[axis] ?? 0),
  );
};

/** (−x)′ → −x′, (x · c)′ → x′ · c, so that the transpose meets the contraction */
const transposeOfScaled: Rule = (candidate, emit) => {
  const { permutation } = ownAttributes(candidate, 'transpose');
  const [x] = candidate.inputs;
  if (!x || emit.shared(x)) return undefined;
  const opposite = operandOf(emit, x, 'negate');
  if (opposite) return emit.negate(emit.transpose(opposite, permutation));
  const scaled = scaledOf(emit, x);
  return scaled && emit.multiply(emit.transpose(scaled.of, permutation), scaled.by);
};

/** A rule of one operand, tried on both; `contract` keeps the operands' order. */
function onEither(
  rule: (
    operand: Operand,
    other: Operand,
    output: Labels,
    emit: RuleEmit,
    contract: (operand: Operand, other: Operand, output: Labels) => Node,
  ) => Node | undefined,
): Rule {
  return (candidate, emit) => {
    const { a, b, output } = operandsOf(candidate);
    return (
      rule(a, b, output, emit, (own, other, labels) => contractPair(emit, own, other, labels)) ??
      rule(b, a, output, emit, (own, other, labels) => contractPair(emit, other, own, labels))
    );
  };
}

function operandsOf(candidate: Candidate) {
  const { left, right, output } = ownAttributes(candidate, 'contraction');
  const [a, b] = candidate.inputs;
  if (!a || !b) throw new Error('a contraction needs two operands');
  return { a: { node: a, labels: left }, b: { node: b, labels: right }, output };
}

function contractPair(emit: RuleEmit, a: Operand, b: Operand, output: Labels): Node {
  return emit.contract(a.node, a.labels, b.node, b.labels, output);
}

/** The operand summed over some of its labels. */
function sumOver(emit: RuleEmit, { node, labels }: Operand, summed: (label: number) => boolean): Operand {
  const axes = labels.flatMap((label, axis) => (summed(label) ? [axis] : []));
  return { node: emit.sum(node, axes), labels: labels.filter((label) => !summed(label)) };
}

/** The operand broadcast along the labels of the result that it lacks. */
function broadcastTo(
  emit: RuleEmit,
  { node, labels }: Operand,
  output: Labels,
  sizes: ReadonlyMap<number, number>,
): Node {
  const shape = output.map((label) => sizes.get(label) ?? 1);
  return emit.broadcast(
    node,
    shape,
    labels.map((label) => output.indexOf(label)),
  );
}

function sizesOf(...operands: readonly Operand[]): ReadonlyMap<number, number> {
  return new Map(
    operands.flatMap(({ node, labels }) => labels.map((label, i) => [label, node.shape[i] ?? 1] as const)),
  );
}

export const contractionRules = {
  contraction: [
    labelInOrder,
    takeConstant,
    takeTranspose,
    takeBroadcast,
    takeScale,
    sumAlone,
    dropUnits,
    multiplyOnly,
  ],
  transpose: [transposeOfContraction, transposeOfScaled],
} satisfies RuleTable;
