// Checks a definition whether or not it is called: its types exist, no name is declared twice, and it declares only tensors that its kind
// may own.
import { diagnostic, type Diagnostic } from '../diagnostics/diagnostic.ts';
import type { Span } from '../diagnostics/source.ts';
import type {
  Block,
  Definition,
  DefinitionKind,
  Parameter,
  StateDeclaration,
  Statement,
} from '../parser/ast.ts';
import { enumerate } from '../diagnostics/enumerate.ts';
import { hyperTypes, isHyperType } from './hyper-types.ts';
import { meantInstead } from './meant.ts';

export function checkDefinition(definition: Definition): Diagnostic[] {
  return [...checkSignature(definition), ...misplaced(definition, definition.body, false)];
}

function checkSignature(definition: Definition): Diagnostic[] {
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

/** The named types of inputs; all other input types are shapes. */
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

/** The tensors that a kind of definition may declare, and where others belong. */
const keeps: { readonly [K in DefinitionKind]: readonly StateDeclaration['storage'][] } = {
  layer: ['param', 'buffer', 'const'],
  loss: ['param', 'buffer', 'const'],
  optimizer: ['state', 'const'],
  schedule: ['const'],
  clip: ['const'],
  initializer: ['const'],
  metric: ['const'],
  function: ['const'],
};

const places: { readonly [S in StateDeclaration['storage']]: string } = {
  param: 'A `param` belongs to a layer.',
  buffer: 'A `buffer` belongs to a layer.',
  state:
    'A `state` belongs to an optimizer or to a `scan`; what a layer keeps from step to step is a `buffer`.',
  const: '',
};

function misplaced(definition: Definition, block: Block, inScan: boolean): Diagnostic[] {
  return block.statements.flatMap((statement): Diagnostic[] => {
    if (statement.kind === 'declare') {
      const { storage, span } = statement;
      if (keeps[definition.kind].includes(storage) || (storage === 'state' && inScan)) return [];
      const kind = `${/^[aeiou]/.test(definition.kind) ? 'an' : 'a'} ${definition.kind}`;
      return [diagnostic('declare.place', span, { kind, storage, help: places[storage] })];
    }
    return blocksOf(statement).flatMap((inner) =>
      misplaced(definition, inner, inScan || statement.kind === 'scan'),
    );
  });
}

function blocksOf(statement: Statement): readonly Block[] {
  switch (statement.kind) {
    case 'if':
      return statement.otherwise ? [statement.then, statement.otherwise] : [statement.then];
    case 'repeat':
    case 'residual':
    case 'scan':
      return [statement.body];
    case 'parallel':
      return statement.branches;
    default:
      return [];
  }
}
