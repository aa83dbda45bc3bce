// Constants of a file and of a model, with what the command line sets in their place.
import type { Expression, Model } from '../../parser/ast.ts';
import type { Context, Environment } from '../context.ts';
import type { Module } from '../../names/module.ts';
import type { Overrides } from './settings.ts';

/** The expressions that stand in place of a file's constants. */
export function replacedConstants(module: Module, overrides: Overrides): Map<Expression, Expression> {
  const replaced = new Map<Expression, Expression>();
  for (const [name, { value, span }] of module.constants) {
    const chosen = overrides.apply([name], value, span);
    if (chosen && chosen !== value) replaced.set(value, chosen);
  }
  return replaced;
}

/** Binds a model's own constants. */
export function bindConstants(
  context: Context,
  model: Model,
  environment: Environment,
  overrides: Overrides,
): void {
  for (const item of model.items) {
    if (item.kind !== 'const') continue;
    const name = item.name.text;
    const known = environment.scope.own(name);
    if (known) {
      const related = [{ span: known.span, message: 'first named here' }];
      context.report(context.error('name.twice', item.name.span, { name }, { related }));
    }
    const chosen = overrides.apply([name], item.value, item.span) ?? item.value;
    const value = context.attempt(item.span, () => context.evaluate(chosen, environment));
    environment.scope.bind(name, {
      value: value.kind === 'number' ? { ...value, label: name } : value,
      span: item.name.span,
    });
  }
}
