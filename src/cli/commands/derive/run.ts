// `nnc derive`: prints each layer of a file separately, then their composition in the model.
import { compile } from '../../../compile.ts';
import { derive, printDerivation, type Format } from '../../../derive/layout.ts';
import { symbolicLayer } from '../../../derive/symbolic-layer.ts';
import { DiagnosticError, fail, type Diagnostic } from '../../../diagnostics/diagnostic.ts';
import { printable } from '../../../diagnostics/printable.ts';
import type { Source } from '../../../diagnostics/source.ts';
import { buildLibrary } from '../../../names/library.ts';
import { definingModule, visibleDefinitions, type Module } from '../../../names/module.ts';
import { loadModule } from '../../../names/modules.ts';
import type { Definition } from '../../../parser/ast.ts';
import { readImport, readLibrary } from '../../../driver/read-sources.ts';
import { helpWith } from '../../suggestion.ts';

export interface DeriveOptions {
  readonly format: Format;
  readonly layer?: string;
  readonly model?: string;
}

export function deriveFile(source: Source, options: DeriveOptions): string {
  const diagnostics: Diagnostic[] = [];
  const module = loadModule(source, readImport, buildLibrary(readLibrary()), diagnostics);
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  if (errors.length > 0) throw new DiagnosticError(errors);
  if (options.layer !== undefined) return deriveNamed(module, options.layer, options.format);
  const own = [...module.definitions.values()].filter(({ kind }) => kind === 'layer' || kind === 'loss');
  const pages = own.map((definition) => page(module, definition, options.format));
  if (module.models.length > 0) pages.push(chain(source, module, options));
  return pages.join('\n\n');
}

function deriveNamed(module: Module, name: string, format: Format): string {
  const owner = definingModule(module, name);
  const definition = owner?.definitions.get(name);
  if (!owner || !definition || (definition.kind !== 'layer' && definition.kind !== 'loss')) {
    const known = visibleDefinitions(module, ['layer', 'loss']);
    const help = helpWith(name, known, '`nnc doc` lists the layers there are.');
    return fail('derive.unknown', undefined, { name: printable(name), help });
  }
  const layer = symbolicLayer(owner, definition);
  if ('reason' in layer)
    return fail('derive.impossible', definition.name.span, {
      name: definition.name.text,
      reason: layer.reason,
    });
  return printDerivation(derive(layer), format);
}

function page(module: Module, definition: Definition, format: Format): string {
  const layer = symbolicLayer(module, definition);
  if ('graph' in layer) return printDerivation(derive(layer), format);
  return `${definition.name.text}: no formula by itself, for ${layer.reason}`;
}

/** The model as a composition: each layer passes its input's derivative on to the layer before. */
function chain(source: Source, module: Module, { format, model }: DeriveOptions): string {
  const { layers: rows, specification } = compile(source, {
    programs: [],
    ...(model !== undefined && { model }),
  });
  const layers = rows.filter(({ path }) => path !== '');
  const outermost = Math.min(...layers.map(({ depth }) => depth));
  const outer = layers.filter(({ depth }) => depth === outermost);
  const inputs = specification.inputs.map(({ name }) => name);
  const lines = outer.map(({ path, layer }) => {
    const known =
      definingModule(module, layer)?.library === undefined ? `nnc derive --layer ${layer}` : 'above';
    return `∂L/∂${path} → ${layer} (${known})`;
  });
  const steps = [...lines.reverse(), `∂L/∂${inputs.join(', ∂L/∂')}`];
  const title = `${specification.name}: ${[...inputs, ...outer.map(({ path }) => path), 'L'].join(' → ')}`;
  const intro =
    'Backwards, each layer turns the derivative towards its output into those towards its parameters and input:';
  if (format === 'latex')
    return [`% ${title}`, `% ${intro}`, ...steps.map((step) => `%   ${step}`)].join('\n');
  if (format === 'markdown')
    return [
      `### ${specification.name}`,
      '',
      `\`${title}\``,
      '',
      intro,
      '',
      ...steps.map((step) => `1. ${step}`),
    ].join('\n');
  return [title, `  ${intro}`, ...steps.map((step) => `    ${step}`)].join('\n');
}
