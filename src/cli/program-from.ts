// The program that a command line names, as runs keep it.
import { importedTexts } from '../driver/imported-texts.ts';
import type { Source } from '../diagnostics/source.ts';
import type { Program } from '../train/run/program.ts';

export function programFrom(
  source: Source,
  overrides: ReadonlyMap<string, string>,
  model: string | undefined,
): Program {
  return {
    text: source.text,
    overrides,
    imports: importedTexts(source),
    ...(model !== undefined && { model }),
  };
}
