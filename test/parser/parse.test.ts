import { describe, expect, it } from 'vitest';
import type { Definition, Model, Statement } from '../../src/parser/ast.ts';
import { parse } from '../../src/parser/parse.ts';
import { projectFiles, read, shape, shapeOf, sourceOf } from './reading.ts';

function definition(text: string): Definition {
  const [first] = read(text).declarations;
  if (!first || first.kind === 'const' || first.kind === 'model') throw new Error('not a definition');
  return first;
}

function model(items: string): Model {
  const [first] = read(`model M { ${items} }`).declarations;
  if (first?.kind !== 'model') throw new Error('not a model');
  return first;
}

function statements(body: string): readonly Statement[] {
  return definition(`layer L (x) { ${body} }`).body.statements;
}

const textOf = (node: { readonly span: { readonly source: { text: string }; start: number; end: number } }) =>
  node.span.source.text.slice(node.span.start, node.span.end);

describe('the files of the project', () => {
  for (const [path, text] of projectFiles('models', 'src/std'))
    it(`${path} parses without a complaint`, () => {
      expect(parse(sourceOf(text)).diagnostics).toEqual([]);
      expect(read(text).declarations.length).toBeGreaterThan(0);
    });
});

describe('expressions', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['1 + 2 * 3', '(+ 1 (* 2 3))'],
    ['1 - 2 - 3', '(- (- 1 2) 3)'],
    ['a / b * c @ d', '(@ (* (/ a b) c) d)'],
    ['-x^2', '(- (^ x 2))'],
    ['2^-x^2', '(^ 2 (- (^ x 2)))'],
    ['a^b^c', '(^ a (^ b c))'],
    ['-a * b', '(* (- a) b)'],
    ['a * -b', '(* a (- b))'],
    ['a - -b', '(- a (- b))'],
    ["x @ W' + b", "(+ (@ x (' W)) b)"],
    ["x''", "(' (' x))"],
    ["f(x)'(y)", "(' f(x))(y)"],
    ['Linear(64)(x)', 'Linear(64)(x)'],
    ["-x'^2", "(- (^ (' x) 2))"],
    ['(a + b)^2', '(^ (+ a b) 2)'],
    ['not a == b and c or d', '(or (and (not (== a b)) c) d)'],
    ['not not a', '(not (not a))'],
    ['a and not b', '(and a (not b))'],
    ['a <= b', '(<= a b)'],
    ['a < -b', '(< a (- b))'],
    ['(a < b) == c', '(== (< a b) c)'],
    ['x -> Linear(3) -> ReLU', '(-> x Linear(3) ReLU)'],
    ['(a -> b) -> c', '(-> (-> a b) c)'],
    ['x -> a + b -> c or d', '(-> x (+ a b) (or c d))'],
    ['[1, [2], []]', '[1 [2] []]'],
    ['f(a, axis = [batch, H], if = 3,)', 'f(a axis=[batch H] if=3)'],
    ['f(none, true, false, "x")', 'f(none true false "x")'],
    ['data + loss(state)', '(+ data loss(state))'],
    ['1.5 + 1e-3 + 2E3', '(+ (+ 1.5 0.001) 2000)'],
  ];
  it.each(cases)('%s is %s', (text, expected) => {
    expect(shapeOf(text)).toBe(expected);
  });

  it('knows whole numbers from others', () => {
    const [declaration] = read('const a = [1, 1.0, 1e2]').declarations;
    if (declaration?.kind !== 'const' || declaration.value.kind !== 'list') throw new Error('not a list');
    expect(declaration.value.items).toMatchObject([
      { integer: true },
      { integer: false },
      { integer: false },
    ]);
  });

  it('decodes the escapes of a text', () => {
    expect(shapeOf(String.raw`"a\"b\\c\n\t\u{1F600}"`)).toBe(JSON.stringify('a"b\\c\n\t😀'));
  });

  it('takes in parentheses with the span of what they hold', () => {
    const [declaration] = read("const a = (b + c)'").declarations;
    if (declaration?.kind !== 'const' || declaration.value.kind !== 'transpose')
      throw new Error('not a transpose');
    expect(textOf(declaration.value)).toBe("(b + c)'");
    expect(textOf(declaration.value.operand)).toBe('(b + c)');
  });

  it('reads a sum of 10,000 terms', () => {
    const [declaration] = read(`const a = ${'1 + '.repeat(9_999)}1`).declarations;
    if (declaration?.kind !== 'const') throw new Error('not a constant');
    let terms = 1;
    for (let part = declaration.value; part.kind === 'binary'; part = part.left) terms++;
    expect(terms).toBe(10_000);
  });
});

describe('declarations', () => {
  it('imports a file, or names of it', () => {
    const { imports } = read('import "a.nn"\nimport { A, B, } from "b.nn"');
    expect(imports.map((each) => [each.path.value, each.names?.map((name) => name.text)])).toEqual([
      ['a.nn', undefined],
      ['b.nn', ['A', 'B']],
    ]);
  });

  it('gives every constant of a list its own declaration', () => {
    const names = read('const a = 1, b = 2').declarations.map((each) => each.name.text);
    expect(names).toEqual(['a', 'b']);
  });

  it('keeps the order of the text', () => {
    const text = 'model A { } const b = 1 layer C (x) = x const d = 2 loss E (x) = x';
    expect(read(text).declarations.map((each) => each.name.text)).toEqual(['A', 'b', 'C', 'd', 'E']);
  });

  it('knows hyper-parameters from inputs', () => {
    const lists = (text: string) => {
      const { hyperParameters, inputs } = definition(text);
      return [hyperParameters.map((each) => each.name.text), inputs.map((each) => each.name.text)];
    };
    expect(lists('layer L(a: int, b = 2) (x: [D]) -> [D] { x }')).toEqual([['a', 'b'], ['x']]);
    expect(lists('layer L (x: [D], y) { x }')).toEqual([[], ['x', 'y']]);
    expect(lists('schedule S(a: float, b = 2) = a')).toEqual([['a', 'b'], []]);
    expect(lists('function f(kind: one_of(same, valid)) = 1')).toEqual([['kind'], []]);
    expect(lists('metric m (label: class(10)) = label')).toEqual([[], ['label']]);
    expect(lists('metric m (token: int(50)[T]) = token')).toEqual([[], ['token']]);
    expect(lists('function f(a: int, x) = x')).toEqual([[], ['a', 'x']]);
    expect(lists('initializer zeros = 0')).toEqual([[], []]);
    expect(lists('optimizer O() (w, g) { w <- g }')).toEqual([[], ['w', 'g']]);
  });

  it('reads types and their shapes', () => {
    const { inputs, result } = definition('layer L (x: [..., D / 2], t: int(K + 1)[T]) -> class(3) { x }');
    expect(inputs[0]?.type).toMatchObject({
      kind: 'shape',
      dimensions: [{ kind: 'ellipsis' }, { kind: 'binary' }],
    });
    expect(inputs[1]?.type).toMatchObject({
      kind: 'named',
      name: { text: 'int' },
      arguments: [{ kind: 'binary' }],
      shape: { dimensions: [{ kind: 'name', text: 'T' }] },
    });
    expect(result).toMatchObject({ kind: 'named', name: { text: 'class' } });
  });

  it('turns an expression into a body that returns it', () => {
    const { body } = definition('loss MSE (a, b) = mean((a - b)^2)');
    expect(body.statements).toMatchObject([{ kind: 'return', values: [{ kind: 'call' }] }]);
  });

  it('reads the inverse of a layer apart from its body', () => {
    const { body, inverse } = definition('layer L (x) { return -x inverse (y, z) { return -y } }');
    expect(body.statements).toHaveLength(1);
    expect(inverse?.inputs.map((each) => each.name.text)).toEqual(['y', 'z']);
    expect(inverse?.body.statements).toMatchObject([{ kind: 'return' }]);
  });

  it('keeps the comment directly above as documentation', () => {
    const documentation = (text: string) => definition(text).documentation;
    expect(documentation('// One.\n//  Two.\r\nlayer L (x) { x }')).toBe('One.\n Two.');
    expect(documentation('// Apart.\n\n// Near.\nlayer L (x) { x }')).toBe('Near.');
    expect(documentation('// Apart.\n\nlayer L (x) { x }')).toBeUndefined();
    expect(read('const a = 1 // Of a.\nmodel M { }').declarations[1]).not.toHaveProperty('documentation');
  });
});

describe('models', () => {
  it('reads every item', () => {
    const { items } = model(`
      const a = 1, K: [2, 2] = eye(2)
      input x: [3]   target y: class(10)
      let enc = Linear(3)
      param w: [3] = zeros
      net { enc }
      output enc(x)
      output named = enc(x)
      loss MSE   optimizer Adam   schedule Cosine(warmup = 1)   data mnist
      metrics accuracy, top_k(3)
      train { epochs = 5 batch = 64 loss = 1 if = 2 }`);
    expect(items.map((item) => item.kind)).toEqual([
      ...['const', 'declare', 'input', 'target', 'let', 'declare', 'net', 'output', 'output'],
      ...['loss', 'optimizer', 'schedule', 'data', 'metrics', 'train'],
    ]);
    const settings = items.flatMap((item) => (item.kind === 'train' ? item.settings : []));
    expect(settings.map((setting) => setting.name.text)).toEqual(['epochs', 'batch', 'loss', 'if']);
    expect(items.flatMap((item) => (item.kind === 'output' ? [item.name?.text] : []))).toEqual([
      undefined,
      'named',
    ]);
  });

  it('lets inputs have the names of items', () => {
    const { items } = model('input input: [1] input data: [2] target target: [3] net { data -> f(input) }');
    expect(items.flatMap((item) => (item.kind === 'input' ? [item.name.text] : []))).toEqual([
      'input',
      'data',
    ]);
  });
});

describe('statements', () => {
  it('reads every kind', () => {
    const found = statements(`
      let a = 1, (b, c) = split(x)
      param W: [2] = he, v: [] = zeros
      buffer m = zeros
      const k = 3
      state s = zeros, t = zeros
      s <- s + 1
      if a { f } else if b { g } else { h }
      assert a == 1, "a is {a}"
      repeat 3 as i { f(i) }
      residual { f g }
      parallel concat(axis = 0) { f } { g }
      f
      scan x along T as x_t { g(x_t) }
      scan(x)
      return a, b`);
    expect(found.map((statement) => statement.kind)).toEqual([
      ...['let', 'declare', 'declare', 'declare', 'declare', 'update', 'if', 'assert', 'repeat', 'residual'],
      ...['parallel', 'expression', 'scan', 'expression', 'return'],
    ]);
    expect(found[0]).toMatchObject({
      bindings: [{ names: [{ text: 'a' }] }, { names: [{ text: 'b' }, { text: 'c' }] }],
    });
    expect(found[1]).toMatchObject({
      storage: 'param',
      entries: [{ shape: {} }, { shape: { dimensions: [] } }],
    });
    expect(found[8]).toMatchObject({ count: { value: 3 }, index: { text: 'i' } });
    expect(found[12]).toMatchObject({
      input: { text: 'x' },
      axis: { text: 'T' },
      name: { text: 'x_t' },
      body: {},
    });
    expect(found[10]).toMatchObject({ join: { kind: 'call' }, branches: [{}, {}] });
  });

  it('nests each `else if` in the one before', () => {
    const [first] = statements('if a { f } else if b { g } else { h }');
    expect(first).toMatchObject({
      otherwise: { statements: [{ kind: 'if', condition: { text: 'b' }, otherwise: { statements: [{}] } }] },
    });
  });

  it('reads stages side by side', () => {
    const stages = statements("ReLU  Linear(10)\n(a -> b) [1]  W' none");
    expect(stages.map((stage) => stage.kind === 'expression' && shape(stage.value))).toEqual([
      ...['ReLU', 'Linear(10)', '(-> a b)', '[1]', "(' W)", 'none'],
    ]);
  });

  it('reads words of other places as names', () => {
    const found = statements('state -> f  data <- 1  loss(x)  state a = 1');
    expect(found.map((statement) => statement.kind)).toEqual([
      'expression',
      'update',
      'expression',
      'declare',
    ]);
    const [chain] = found;
    expect(chain?.kind === 'expression' && shape(chain.value)).toBe('(-> state f)');
  });

  it('takes the former spelling of `initializer` for the present one', () => {
    const text = (word: string) =>
      `${word} small = zeros\nlayer L(init: ${word} = small) (x: [N]) -> [N] {\n  return x\n}\n`;
    const kinds = (word: string) =>
      read(text(word)).declarations.map((each) => [
        each.kind,
        ...('hyperParameters' in each ? each.hyperParameters : []).map(({ type }) =>
          type?.kind === 'named' ? type.name.text : '',
        ),
      ]);
    expect(kinds('initialiser')).toEqual([['initializer'], ['layer', 'initializer']]);
    expect(kinds('initialiser')).toEqual(kinds('initializer'));
  });
});
