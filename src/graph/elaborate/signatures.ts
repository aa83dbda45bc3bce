// A definition's head, checked by itself, whether or not anything calls it: the types it names, and that no name stands twice.
import { diagnostic, type Diagnostic } from '../../diagnostics/diagnostic.ts';
import type { Span } from '../../diagnostics/source.ts';
import type { Definition, Parameter } from '../../parser/ast.ts';
import { enumerate, hyperTypes, isHyperType } from './hyper.ts';
import { meantInstead } from './meant.ts';

export function checkSignature(definition: Definition): Diagnostic[] {
  const found: Diagnostic[] = [];
  for (const { type } of definition.hyperParameters) {
    if (!type || isHyperType(type)) continue;
    const name = type.kind === 'named' ? type.name.text : 'a shape';
    const otherwise = `The types are ${enumerate(hyperTypes, 'and')}.`;
    const { help, options } =
      type.kind === 'named'
        ? meantInstead(name, type.name.span, hyperTypes, otherwise)
        : { help: 'A list in parentheses of its own holds the inputs: `(x: [C, H, W])`.', options: {} };
    const shown = type.kind === 'named' ? `\`${name}\`` : name;
    found.push(diagnostic('type.hyper', type.span, { name: shown, help }, options));
  }
  for (const { type } of definition.inputs) {
    if (type?.kind !== 'named' || inputTypes.includes(type.name.text)) continue;
    found.push(diagnostic('type.unknown', type.span, { name: type.name.text }));
  }
  return [...found, ...namedTwice([...definition.hyperParameters, ...definition.inputs])];
}

/** The named types of inputs; all others are shapes. */
export const inputTypes: readonly string[] = ['class', 'int'];

function namedTwice(parameters: readonly Parameter[]): Diagnostic[] {
  const seen = new Map<string, Span>();
  return parameters.flatMap(({ name }) => {
    const first = seen.get(name.text);
    if (!first) {
      seen.set(name.text, name.span);
      return [];
    }
    const related = [{ span: first, message: 'first named here' }];
    return [diagnostic('name.twice', name.span, { name: name.text }, { related })];
  });
}
