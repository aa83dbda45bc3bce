// Models that are legal and probably not meant: the table of warnings, each with models that get it and models that are right; and no
// warning on any example of the project.
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { compile } from '../../../src/compile.ts';
import { DiagnosticError } from '../../../src/diagnostics/diagnostic.ts';
import { diagnosticText } from '../../../src/diagnostics/message.ts';

function warningsOf(text: string, path = 'm.nn') {
  const { diagnostics } = compile({ path, text, library: false }, { programs: [] });
  return diagnostics.map((found) => ({ ...found, ...diagnosticText(found) }));
}

function codesOf(text: string): string[] {
  return warningsOf(text).map(({ code }) => code);
}

interface Case {
  readonly input?: string;
  readonly target?: string;
  readonly body: string;
  readonly loss: string;
  readonly before?: string;
}

function model({ input = '[8]', target = 'class(5)', body, loss, before = '' }: Case): string {
  return `${before}\nmodel M {\n  input x: ${input}\n  target y: ${target}\n  ${body}\n  loss ${loss}\n  optimizer SGD\n}`;
}

const net = (stages: string) => `net { ${stages} }`;

interface Row {
  readonly code: string;
  readonly wrong: readonly Case[];
  readonly right: readonly Case[];
}

const table: readonly Row[] = [
  {
    code: 'loss.logits',
    wrong: [
      { body: net('Linear(5) Softmax'), loss: 'CrossEntropy' },
      { body: net('Linear(5) LogSoftmax'), loss: 'CrossEntropy(smoothing = 0.1)' },
      { body: net('Linear(5) Sigmoid'), loss: 'CrossEntropy' },
      { body: net('Linear(5) Sigmoid'), loss: 'BinaryCrossEntropy', target: '[5]' },
      { body: net('Linear(5) Softmax Reshape([5])'), loss: 'CrossEntropy' },
      { body: 'output log(softmax(Linear(5)(x)))', loss: '2 * CrossEntropy(output, y)' },
      {
        body: net('Linear(1) Sigmoid'),
        loss: 'Odds',
        target: '[1]',
        before: 'loss Odds (logits: [...], t: [...]) = mean(softplus(logits) - t * logits)',
      },
    ],
    right: [
      { body: net('Linear(5)'), loss: 'CrossEntropy' },
      { body: net('Linear(5) LogSoftmax'), loss: 'NLL' },
      { body: net('Linear(5) Softmax'), loss: 'NLLProb' },
      { body: net('Linear(5) Sigmoid Linear(5)'), loss: 'CrossEntropy' },
      { body: net('Linear(5) Sigmoid'), loss: 'MSE', target: '[5]' },
      { body: net('Linear(5)'), loss: 'BinaryCrossEntropy', target: '[5]' },
      {
        body: 'let scores = Linear(5)(x)\n  output scores\n  output odds = softmax(scores)',
        loss: 'CrossEntropy(scores, y)',
      },
    ],
  },
  {
    code: 'linear.pair',
    wrong: [
      { body: net('Linear(16) Linear(5)'), loss: 'CrossEntropy' },
      { body: net('Linear(16, bias = false) Identity Linear(5)'), loss: 'CrossEntropy' },
      { body: net('Linear(16) Reshape([4, 4]) Flatten Linear(5)'), loss: 'CrossEntropy' },
      { body: 'param A: [9, 8] = he, B: [5, 9] = he\n  output B @ (A @ x)', loss: 'CrossEntropy' },
      { body: net('ReLU Linear(6) Linear(6) ReLU Linear(5)'), loss: 'CrossEntropy' },
    ],
    right: [
      { body: net('Linear(16) ReLU Linear(5)'), loss: 'CrossEntropy' },
      // of low rank: a pair with fewer weights than one map
      { body: net('Linear(2) Linear(5)'), loss: 'CrossEntropy' },
      { body: net('Linear(16) LayerNorm Linear(5)'), loss: 'CrossEntropy' },
      { body: net('residual { Linear(8) } Linear(5)'), loss: 'CrossEntropy' },
      // one value, several uses
      { body: 'let h = Linear(8)(x)\n  output Linear(5)(h) + Linear(5)(relu(h))', loss: 'CrossEntropy' },
      {
        body: 'let h = Linear(8)(x)\n  output code = h\n  output Linear(5)(h)',
        loss: 'CrossEntropy(output, y) + 0 * sum(code)',
      },
      // one weight, several uses
      {
        input: 'int(30)[6]',
        target: 'class(30)[6]',
        body: "let emb = Embedding(30, 16)\n  output (x -> emb -> Linear(16)) @ emb.W'",
        loss: 'CrossEntropy',
      },
      {
        input: '[6, 8]',
        body: net('MultiHeadAttention(2, 8) LayerNorm Flatten Linear(5)'),
        loss: 'CrossEntropy',
      },
      { input: '[3, 8, 8]', body: net('Conv2d(4) Conv2d(4) GlobalAvgPool Linear(5)'), loss: 'CrossEntropy' },
    ],
  },
  {
    code: 'parameter.unreached',
    wrong: [
      { body: 'param spare: [3] = zeros\n  net { Linear(5) }', loss: 'CrossEntropy' },
      {
        body: 'let h = relu(x)\n  output scores = Linear(5)(h)\n  output other = Linear(2)(h)',
        loss: 'CrossEntropy(scores, y)',
      },
      { body: 'output Linear(5)(x + argmax(Linear(4)(x)))', loss: 'CrossEntropy' },
      { body: 'output where(Linear(5)(x) > 0, Linear(5)(x), 0)', loss: 'CrossEntropy' },
    ],
    right: [
      { body: 'const spare: [5] = zeros\n  output Linear(5)(x) + spare', loss: 'CrossEntropy' },
      // what goes through `stop_gradient` is meant to stay
      { body: 'output Linear(5)(x) + stop_gradient(Linear(5)(x))', loss: 'CrossEntropy' },
      {
        body: 'let enc = Linear(4)\n  output Linear(5)(relu(enc(x)))',
        loss: 'CrossEntropy(output, y) + 0.1 * sum(enc.W * enc.W)',
      },
      { body: net('BatchNorm Linear(5)'), loss: 'CrossEntropy' },
    ],
  },
  {
    code: 'target.repeated',
    wrong: [
      { body: net('Linear(5) Reshape([5, 1])'), target: '[5]', loss: 'mean((output - y)^2)' },
      { body: net('Linear(1)'), target: '[5]', loss: 'mean(abs(output - y))' },
      { body: net('Linear(5)'), target: '[]', loss: 'mean((output - y)^2)' },
      { body: net('Linear(5)'), target: '[5, 1]', loss: 'sum(softplus(output) - y * output)' },
    ],
    right: [
      { body: net('Linear(5)'), target: '[5]', loss: 'mean((output - y)^2)' },
      { body: net('Linear(1)'), target: '[]', loss: 'mean((output - y)^2)' },
      { body: net('Linear(5)'), target: '[5]', loss: 'mean(2 * (output - 3 * y)^2)' },
      {
        body: 'param scale: [] = ones\n  net { Linear(5) }',
        target: '[5]',
        loss: 'mean((output - scale * y)^2)',
      },
      { body: net('Linear(5)'), loss: 'Hinge' },
      { body: net('Linear(5)'), target: '[5]', loss: 'Huber' },
    ],
  },
];

describe.each(table)('$code', ({ code, wrong, right }) => {
  it.each(wrong)('$body under $loss: warned of', (each) => {
    const text = model(each);
    const found = warningsOf(text);
    expect(found.map((one) => one.code)).toContain(code);
    for (const { span, help, severity, message } of found) {
      expect(severity).toBe('warning');
      expect(span?.source.text, message).toBe(text);
      expect(help?.length, message).toBeGreaterThan(10);
    }
  });

  it.each(right)('$body under $loss: as it should be', (each) => {
    expect(codesOf(model(each))).toEqual([]);
  });
});

describe('a warning', () => {
  it.each(table)('$code is silent where the text says that it is meant', ({ code, wrong }) => {
    const [first] = wrong;
    const text = first ? model(first) : '';
    const [warning] = warningsOf(text);
    const start = text.lastIndexOf('\n', warning?.span?.start) + 1;
    const meant = `${text.slice(0, start)}  // allow(${code}): as an experiment\n${text.slice(start)}`;
    expect(codesOf(meant)).toEqual([]);
  });

  it('is given once for a place, however often it is repeated', () => {
    const text = model({
      body: net('repeat 3 { Linear(8) Linear(8) ReLU } Linear(5)'),
      loss: 'CrossEntropy',
    });
    expect(codesOf(text)).toEqual(['linear.pair']);
  });
});

/** The complete models of a Markdown file. */
function modelsIn(path: string): [string, string][] {
  const blocks = [...readFileSync(path, 'utf8').matchAll(/^```nn\n([\s\S]*?)^```/gm)].map(
    ([, text = '']) => text,
  );
  return blocks.filter((text) => /^model /m.test(text)).map((text, i) => [`${path}, model ${i + 1}`, text]);
}

describe('no example is warned of', () => {
  const files = readdirSync('models').filter((file) => file.endsWith('.nn'));
  const examples: [string, string][] = [
    ...files.map((file): [string, string] => [`models/${file}`, readFileSync(`models/${file}`, 'utf8')]),
    ...modelsIn('README.md'),
    ...modelsIn('grammar/README.md'),
    ...modelsIn('grammar/data.md'),
  ];

  it.each(examples)('%s', (path, text) => {
    try {
      expect(warningsOf(text, path).map(({ message }) => message)).toEqual([]);
    } catch (error) {
      // a page's file may import another that is not there
      if (!(error instanceof DiagnosticError)) throw error;
      expect(error.diagnostics.every(({ code }) => code.startsWith('import.'))).toBe(true);
    }
  });
});
