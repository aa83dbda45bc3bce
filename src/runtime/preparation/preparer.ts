// A model's preparation: raw examples in, inputs out, and outputs back to values of the data.
import { ModelInputError, ModelStateError } from '../errors.ts';
import type { ModelArrays, Named } from '../model.ts';
import { isObject } from '../model-input.ts';
import type { ModelSpecification } from '../specification.ts';
import type { Tensor } from '../tensor.ts';
import { isPlain, type Preparation } from './form.ts';
import { inputForms, prepareExample, prepareExamples, type Example, type PreparedInput } from './prepare.ts';
import { present, presentationOf, type Prediction } from './present.ts';

/** The record, and its JSON, which may hold more than this version reads. */
export interface StoredPreparation {
  readonly json: string;
  readonly record: Preparation;
}

export class Preparer {
  /** That of the state in the model; undefined if the state has none. */
  stored: StoredPreparation | undefined;
  /** Arrays that this has returned. */
  readonly #prepared = new WeakSet<object>();

  constructor(private readonly specification: ModelSpecification) {}

  /** @throws ExampleError */
  prepare(example: Example): Named<Float32Array> {
    return this.#remember(prepareExample(this.#inputs(), example));
  }

  /** @throws ExampleError */
  prepareAll(examples: Iterable<Example>): Named<Float32Array> {
    return this.#remember(prepareExamples(this.#inputs(), examples));
  }

  /** @throws ModelInputError when an output is missing */
  present(outputs: Named<Tensor>): readonly Prediction[] {
    for (const { name } of this.specification.outputs) {
      const found = isObject(outputs) && Object.hasOwn(outputs, name) ? outputs[name] : undefined;
      if (!found) throw new ModelInputError(name, 'an output of `forward`', 'nothing');
    }
    return present(presentationOf(this.specification, this.stored?.record.targets), outputs);
  }

  /**
   * For arrays that this has not returned, if their numbers would have been changed.
   * @throws ModelInputError
   */
  refuseRaw(inputs: ModelArrays): void {
    if (!isObject(inputs)) return;
    const raw = this.stored?.record.inputs.find((form) => {
      const given = Object.hasOwn(inputs, form.name) ? inputs[form.name] : undefined;
      return given !== undefined && !isPlain(form) && !this.#prepared.has(given);
    });
    if (!raw) return;
    const expected = 'what `prepare` returned, or be marked with `{ prepared: true }`';
    const given = 'numbers that may be raw: the model was trained on prepared ones';
    throw new ModelInputError(raw.name, expected, given);
  }

  #inputs(): readonly PreparedInput[] {
    const { name, inputs } = this.specification;
    if (this.stored) return inputForms(inputs, this.stored.record);
    throw new ModelStateError(
      `nothing says how examples of ${name} are prepared: \`load\` a checkpoint that \`nnc train\` has written`,
    );
  }

  #remember(arrays: Named<Float32Array>): Named<Float32Array> {
    for (const { name } of this.specification.inputs) {
      const array = arrays[name];
      if (array) this.#prepared.add(array);
    }
    return arrays;
  }
}
