// Constants of a file and of a model, with overrides from the command line.
import type { Expression, Model } from '../../parser/ast.ts';
import type { ConstantOutcome, Context, Environment } from '../context.ts';
import { Frame, Instance } from '../instance.ts';
import { definingModule, type Module } from '../../names/module.ts';
import { namesIn } from '../../names/recursion.ts';
import { Scope } from '../scope.ts';
import type { Overrides } from './settings.ts';
import { poison, type Value } from '../values/values.ts';

/** The overrides of a file's constants. */
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

/** A constant of a file: its module and name. */
interface Place {
  readonly module: Module;
  readonly name: string;
}

/**
 * The value of a file's constant. Dependencies are evaluated first, each once and without recursion, so that the time is linear in the
 * text and chains of constants may be of any length.
 */
export function constantOf(context: Context, module: Module, name: string): Value {
  const pending: (Place & { entered: boolean })[] = [{ module, name, entered: false }];
  for (let top = pending.at(-1); top; top = pending.at(-1)) {
    const key = top.module.constants.get(top.name)?.value;
    const needed = key && !top.entered && !context.constants.has(key) ? neededBy(context, top) : [];
    if (key && (top.entered || needed.length === 0)) {
      if (!context.constants.has(key)) context.constants.set(key, outcomeOf(context, top));
      pending.pop();
      continue;
    }
    top.entered = true;
    pending.push(...needed.map((place) => ({ ...place, entered: false })));
  }
  const key = module.constants.get(name)?.value;
  const outcome = key && context.constants.get(key);
  if (outcome && 'error' in outcome) throw outcome.error;
  return outcome?.value ?? poison;
}

/** The unevaluated constants that a constant depends on. */
function neededBy(context: Context, { module, name }: Place): Place[] {
  const written = module.constants.get(name)?.value;
  if (!written) return [];
  return [...namesIn(context.mode.replaced.get(written) ?? written).keys()].flatMap((used) => {
    const place = { module: owner(module, used) ?? module, name: used };
    const key = place.module.constants.get(used)?.value;
    return key && !place.module.reported.has(used) && !context.constants.has(key) ? [place] : [];
  });
}

/** The module that defines a name; an importing one only re-exports it. */
function owner(module: Module, name: string): Module | undefined {
  const found = definingModule(module, name);
  return found === module || found === undefined ? found : owner(found, name);
}

function outcomeOf(context: Context, { module, name }: Place): ConstantOutcome {
  const written = module.constants.get(name)?.value;
  if (!written) return { value: poison };
  try {
    const environment = { scope: new Scope(module), frame: new Frame(new Instance('')) };
    const value = context.evaluate(context.mode.replaced.get(written) ?? written, environment);
    return { value: value.kind === 'number' ? { ...value, label: name } : value };
  } catch (error) {
    return { error };
  }
}
