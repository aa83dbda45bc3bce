// What a data source is: a name, parameters, and a function that reads it.
import type { DataSetting } from '../../../runtime/specification.ts';
import { readArguments, type Arguments, type Parameters } from './arguments.ts';
import type { Augmentation } from '../dataset.ts';
import type { RawData, SourceContext } from '../prepare/raw-data.ts';

export interface Loaded {
  readonly data: RawData;
  /** Whether the inputs are to be normalized by the training part. */
  readonly normalize: boolean;
  readonly augmentations: readonly Augmentation[];
}

export interface Source {
  readonly name: string;
  /** @throws DiagnosticError for bad arguments, a missing or a malformed file */
  load(setting: DataSetting, context: SourceContext): Promise<Loaded>;
}

interface Description<P extends Parameters> {
  readonly name: string;
  readonly parameters: P;
  load(given: Arguments<P>, context: SourceContext): Promise<RawData>;
}

/** What a source may take on top of its own: read here, so that every source that has them means the same by them. */
interface Common {
  readonly normalize?: unknown;
  readonly augment?: unknown;
}

/** Ties the types of a source's parameters to its `load`. */
export function defineSource<P extends Parameters & Common>(description: Description<P>): Source {
  return {
    name: description.name,
    async load(setting, context) {
      const given = readArguments(setting, description.parameters);
      const { normalize, augment } = given as { normalize?: boolean; augment?: readonly Augmentation[] };
      const data = await description.load(given, context);
      return { data, normalize: normalize ?? false, augmentations: augment ?? [] };
    },
  };
}
