// The text that a run trains: stored in its checkpoints, and compared with the present text when the run is resumed or its weights are used.
import type { Json } from '../../runtime/specification.ts';

export interface Program {
  readonly text: string;
  /** `--set name=value`. */
  readonly overrides: ReadonlyMap<string, string>;
  /** The model's name, if the file has several. */
  readonly model?: string;
  /** The texts of all imported files, by their paths. */
  readonly imports?: ReadonlyMap<string, string>;
}

export function showProgram({ text, overrides, model, imports }: Program): Json {
  return {
    text,
    overrides: Object.fromEntries(overrides),
    ...(model !== undefined && { model }),
    ...(imports && imports.size > 0 && { imports: Object.fromEntries(imports) }),
  };
}

/** The program among the facts of config.json, and back. */
export function aboutProgram(program: Program): { readonly [name: string]: Json } {
  const { overrides, model, imports } = program;
  return {
    program: program.text,
    overrides: Object.fromEntries(overrides),
    ...(model !== undefined && { model }),
    ...(imports && imports.size > 0 && { imports: Object.fromEntries(imports) }),
  };
}

export function programAbout(about: ReadonlyMap<string, Json>): Program | undefined {
  const { program: text, overrides = {}, ...rest } = Object.fromEntries(about);
  return parseProgram({ ...rest, text, overrides });
}

/** Parses what `showProgram` returned; undefined if the checkpoint has none. */
export function parseProgram(json: unknown): Program | undefined {
  if (typeof json !== 'object' || json === null) return undefined;
  const { text, overrides, model, imports } = json as { readonly [name: string]: unknown };
  const set = textsIn(overrides);
  const imported = textsIn(imports);
  if (typeof text !== 'string' || !set) return undefined;
  return {
    text,
    overrides: set,
    ...(typeof model === 'string' && { model }),
    ...(imported && imported.size > 0 && { imports: imported }),
  };
}

/** The program in a checkpoint's settings. */
export function programIn(settings: Json): Program | undefined {
  if (typeof settings !== 'object' || settings === null || !('program' in settings)) return undefined;
  return parseProgram(settings.program);
}

function textsIn(json: unknown): Map<string, string> | undefined {
  if (typeof json !== 'object' || json === null) return undefined;
  return new Map(
    Object.entries(json).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
}
