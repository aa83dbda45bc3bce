// The graph's leaves: values that no primitive computes. Their shape is an attribute.
import type { InputRole } from '../ir/stages/type.ts';
import type { Shape } from '../ir/graph/type.ts';
import type { Initializer, Storage, TargetScale } from '../runtime/specification.ts';
import { number } from './expressions.ts';
import type { Operation } from './operation.ts';

export type InputAttributes = { readonly name: string; readonly role: InputRole; readonly shape: Shape };

/** An argument of each run. */
export const input: Operation<InputAttributes> = {
  formula: 'an input',
  shape: (_, { shape }) => shape,
  gradient: 'none',
  lower: 'leaf',
  samples: [],
};

export type StoredAttributes = {
  readonly path: string;
  readonly storage: Storage;
  readonly initial: Initializer;
  readonly shape: Shape;
  /** Of a target's scale: see `TargetScale`. */
  readonly target?: string;
  readonly statistic?: TargetScale['statistic'];
};

/** A tensor that persists between runs. */
export const stored: Operation<StoredAttributes> = {
  formula: 'a stored tensor',
  shape: (_, { shape }) => shape,
  gradient: 'none',
  lower: 'leaf',
  samples: [],
};

export type ConstantAttributes = { readonly value: number; readonly shape: Shape };

/** The same number in every element. */
export const constant: Operation<ConstantAttributes> = {
  formula: 'y = value',
  shape: (_, { shape }) => shape,
  gradient: 'none',
  lower: ({ attributes, result }) => result(() => number(attributes.value)),
  samples: [{ shapes: [], attributes: { value: 0.5, shape: [2, 3] } }],
};
