// The interface of a data source: a name, parameters, and a function that reads it.
import type { DataSetting } from '../../../runtime/specification.ts';
import {
  normalizing,
  readArguments,
  type Arguments,
  type Normalizing,
  type Parameters,
} from './arguments.ts';
import type { Augmentation } from '../dataset.ts';
import type { RawData, SourceContext } from '../prepare/raw-data.ts';

export interface Loaded {
  readonly data: RawData;
  readonly normalize: Normalizing;
  readonly augmentations: readonly Augmentation[];
}

export interface Source {
  readonly name: string;
  /** @throws DiagnosticError for invalid arguments, a missing or a malformed file */
  load(setting: DataSetting, context: SourceContext): Promise<Loaded>;
}

interface Description<P extends Parameters> {
  readonly name: string;
  readonly parameters: P;
  load(given: Arguments<P>, context: SourceContext): Promise<RawData>;
}

/** Parameters common to several sources, parsed here so that they mean the same in all. */
interface Common {
  readonly normalize?: unknown;
  readonly augment?: unknown;
}

/** Connects the types of a source's parameters with its `load`. */
export function defineSource<P extends Parameters & Common>(description: Description<P>): Source {
  return {
    name: description.name,
    async load(setting, context) {
      const given = readArguments(setting, description.parameters);
      const { normalize, augment } = given as { normalize?: Normalizing; augment?: readonly Augmentation[] };
      const data = await description.load(given, context);
      return { data, normalize: normalize ?? normalizing.absent(), augmentations: augment ?? [] };
    },
  };
}
