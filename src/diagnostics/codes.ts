// The table of everything that can be wrong with a user's input: one row a code.
// `message` and `help` are templates; `{name}` is replaced by the argument of that name. Arguments are text or numbers,
// and the arguments' type of a code is read off its templates, so that a missing one does not type-check.

interface Row {
  readonly message: string;
  readonly help?: string;
}

export const codes = {
  // reading and parsing
  'source.too-large': {
    message: '{path} has {size} bytes; a source may have 10 MiB',
    help: 'Split the file and join the parts with `import`.',
  },
  'syntax.unexpected': { message: 'expected {expected}, but found {found}' },
  'syntax.character': { message: 'unexpected character {found}', help: 'Names and operators are plain ASCII.' },
  'syntax.nesting': {
    message: 'nested deeper than {limit} levels',
    help: 'Name the inner parts with `let`.',
  },
} as const satisfies Record<string, Row>;

export type DiagnosticCode = keyof typeof codes;

type Placeholders<T extends string> = T extends `${string}{${infer Name}}${infer Rest}` ? Name | Placeholders<Rest> : never;

type Templates<K extends DiagnosticCode> =
  | (typeof codes)[K]['message']
  | ((typeof codes)[K] extends { readonly help: infer H extends string } ? H : never);

/** The arguments of each code: one for every placeholder of its message and help. */
export type DiagnosticArguments = {
  readonly [K in DiagnosticCode]: { readonly [Name in Placeholders<Templates<K>>]: string | number };
};
