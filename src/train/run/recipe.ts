// A program as the parts that determine what training does: net, loss, optimizer, learning rate and so on, each as the tokens of its
// text. Constants are replaced by their values, with the overrides of the command line, and every definition of the file that a part uses
// is included, so that a change is found in the part that it affects.
import type {
  Argument,
  Definition,
  Expression,
  ExpressionItem,
  Model,
  ModelItem,
  Program as Tree,
  TrainItem,
} from '../../parser/ast.ts';
import type { Span } from '../../diagnostics/source.ts';
import { parse } from '../../parser/parse.ts';
import type { Program } from './program.ts';

export const recipeParts = [
  'net',
  'loss',
  'optimizer',
  'lr',
  'schedule',
  'clip',
  'data',
  'batch',
  'accumulate',
  'seed',
  'validation',
  'epochs',
  'patience',
  'monitor',
] as const;
export type RecipePart = (typeof recipeParts)[number];

/** The lines of each part, without comments and layout; a part that the program does not state is absent. */
export type Recipe = ReadonlyMap<RecipePart, readonly string[]>;

/** @returns undefined if the text has no such model: it may come from a file */
export function recipeOf(program: Program): Recipe | undefined {
  const trees = [program.text, ...(program.imports?.values() ?? [])].map(
    (text) => parse({ path: 'program.nn', text, library: false }).program,
  );
  const models = (trees[0]?.declarations ?? []).filter(isModel);
  const model =
    program.model === undefined ? models[0] : models.find(({ name }) => name.text === program.model);
  return model && new RecipeReader(program, trees, model).read();
}

const isModel = (found: Tree['declarations'][number]): found is Model => found.kind === 'model';

/** Settings of `train` that are parts. */
const trainParts = [
  'batch',
  'accumulate',
  'seed',
  'validation',
  'epochs',
  'patience',
  'monitor',
] as const satisfies readonly RecipePart[];

class RecipeReader {
  readonly #constants = new Map<string, Expression>();
  readonly #definitions = new Map<string, Definition>();

  constructor(
    private readonly program: Program,
    trees: readonly Tree[],
    private readonly model: Model,
  ) {
    // the file's own names come last, and replace those of its imports
    for (const { declarations } of trees.toReversed())
      for (const found of declarations) {
        if (found.kind === 'const') this.#constants.set(found.name.text, found.value);
        else if (found.kind !== 'model') this.#definitions.set(found.name.text, found);
      }
    for (const item of model.items)
      if (item.kind === 'const') this.#constants.set(item.name.text, item.value);
  }

  read(): Recipe {
    const found = new Map<RecipePart, readonly string[]>();
    const add = (part: RecipePart, lines: readonly string[]) => {
      if (lines.length > 0) found.set(part, lines);
    };
    add('net', this.#lines(...this.#items(isOfNet)));
    for (const part of ['loss', 'schedule', 'data'] as const)
      add(part, this.#lines(...this.#expressions(part).map(({ value }) => value)));
    for (const { value } of this.#expressions('clip'))
      add('clip', [...this.#lines(value), ...showSettings(this.#overridesOf('clip'))]);
    for (const { value } of this.#expressions('optimizer')) {
      const { lr, others } = this.#optimizer(value);
      add('optimizer', others);
      add('lr', lr);
    }
    const train = this.#items((item): item is TrainItem => item.kind === 'train');
    for (const part of trainParts) {
      const written = train.flatMap(({ settings }) => settings).find(({ name }) => name.text === part)?.value;
      const set = this.#override(part, `train.${part}`);
      add(part, set === undefined ? (written ? this.#lines(written) : []) : [canonicalNumber(set)]);
    }
    return found;
  }

  #items<T extends ModelItem>(holds: (item: ModelItem) => item is T): T[] {
    return this.model.items.filter(holds);
  }

  #expressions(kind: ExpressionItem['kind']): ExpressionItem[] {
    return this.#items((item): item is ExpressionItem => item.kind === kind);
  }

  #override(...names: readonly string[]): string | undefined {
    const name = names.find((candidate) => this.program.overrides.has(candidate));
    return name === undefined ? undefined : this.program.overrides.get(name);
  }

  /** The overrides that reach the hyper-parameters of the optimizer or of clipping. */
  #overridesOf(kind: 'optimizer' | 'clip'): Map<string, string> {
    const found = new Map<string, string>();
    for (const [name, text] of this.program.overrides) {
      const [, prefix, key = name] = /^(\w+)\.(.*)$/.exec(name) ?? [];
      const isOwn = this.#constants.has(name) || (trainParts as readonly string[]).includes(name);
      if (prefix === kind || (prefix === undefined && kind === 'optimizer' && !isOwn)) found.set(key, text);
    }
    return found;
  }

  /** The optimizer without its learning rate, with its arguments in the order of their names; and the rate. */
  #optimizer(value: Expression): { readonly lr: readonly string[]; readonly others: readonly string[] } {
    const settings = this.#overridesOf('optimizer');
    const callee = value.kind === 'call' ? value.callee : value;
    if (callee.kind !== 'name') return { lr: [], others: [...this.#lines(value), ...showSettings(settings)] };
    const given = value.kind === 'call' ? value.arguments : [];
    const named = new Map(
      given.map((argument, i) => [
        this.#nameOf(callee.text, argument, i),
        this.#lines(argument.value).join(' '),
      ]),
    );
    for (const [name, text] of settings) named.set(name, canonicalNumber(text));
    const rate = named.get('lr');
    named.delete('lr');
    const shown = showSettings(new Map([...named].sort(([a], [b]) => (a < b ? -1 : 1))));
    const [head = '', ...definitions] = this.#lines(callee);
    return {
      lr: rate === undefined ? [] : [rate],
      others: [shown.length === 0 ? head : `${head}(${shown.join(', ')})`, ...definitions],
    };
  }

  /** The hyper-parameter that an argument sets. The optimizers of the library take `lr` first. */
  #nameOf(optimizer: string, { name }: Argument, position: number): string {
    if (name) return name.text;
    const declared = this.#definitions.get(optimizer)?.hyperParameters[position]?.name.text;
    return declared ?? (position === 0 ? 'lr' : `#${position + 1}`);
  }

  /** The lines of some places, then those of all definitions that they use, directly or not. */
  #lines(...places: readonly { readonly span: Span }[]): string[] {
    const used = new Set<string>();
    const lines = places.flatMap(({ span }) => this.#expanded(span, used));
    // the set grows while it is iterated
    for (const name of used) {
      const definition = this.#definitions.get(name);
      if (definition) lines.push(...this.#expanded(definition.span, used));
    }
    return lines;
  }

  #expanded({ source, start, end }: Span, used: Set<string>): string[] {
    return source.text
      .slice(start, end)
      .split('\n')
      .map((line) => this.#expandLine(line, used, new Set()))
      .filter((line) => line !== '');
  }

  #expandLine(line: string, used: Set<string>, within: ReadonlySet<string>): string {
    let last = '';
    const text = line.replace(token, (found: string) => {
      const before = last;
      if (found.trim() !== '') last = found;
      if (found.trim() === '') return ' ';
      if (found.startsWith('//')) return '';
      if (/^\d/.test(found)) return canonicalNumber(found);
      if (!/^[A-Za-z_]/.test(found) || before === '.') return found;
      used.add(found);
      return this.#constant(found, used, within) ?? found;
    });
    return text.trim();
  }

  /** The value of a constant, if it is one. */
  #constant(name: string, used: Set<string>, within: ReadonlySet<string>): string | undefined {
    const value = this.#constants.get(name);
    if (!value || within.has(name)) return undefined;
    const set = this.program.overrides.get(name);
    if (set !== undefined) return canonicalNumber(set);
    const { source, start, end } = value.span;
    const text = this.#expandLine(
      source.text.slice(start, end).replaceAll('\n', ' '),
      used,
      new Set([...within, name]),
    );
    return /^[\w.+-]*$/.test(text) ? text : `(${text})`;
  }
}

const showSettings = (settings: ReadonlyMap<string, string>): string[] =>
  [...settings].map(([name, text]) => `${name} = ${canonicalNumber(text)}`);

/** Strings, comments, names, numbers, spaces. */
const token = /"(?:[^"\\\n]|\\.)*"|\/\/.*|[A-Za-z_]\w*|\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|\s+|[^\s\w]/g;

function isOfNet(item: ModelItem): item is Exclude<ModelItem, TrainItem | ExpressionItem> {
  return ['input', 'target', 'let', 'declare', 'net', 'output'].includes(item.kind);
}

/** `1e-3` and `0.001` are the same. */
function canonicalNumber(text: string): string {
  const value = Number(text);
  return text.trim() !== '' && Number.isFinite(value) ? String(value) : text;
}
