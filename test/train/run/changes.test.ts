import { describe, expect, it } from 'vitest';
import { DiagnosticError } from '../../../src/diagnostics/diagnostic.ts';
import { renderDiagnostics } from '../../../src/diagnostics/render.ts';
import {
  changesBetween,
  parseAllowed,
  refuseChanges,
  showChange,
  type AllowablePart,
} from '../../../src/train/run/changes.ts';
import {
  aboutProgram,
  parseProgram,
  programAbout,
  showProgram,
  type Program,
} from '../../../src/train/run/program.ts';

const program = (text: string, overrides: { readonly [name: string]: string } = {}): Program => ({
  text,
  overrides: new Map(Object.entries(overrides)),
});
const text = `const width = 4
const drop = 0.5

layer Twice (x: [D]) -> [D] = 2 * x
loss Squared (y: [K], t: [K]) = sum((y - t)^2)

model M {
  input x: [3]
  target t: [1]
  net { Linear(width) Twice Dropout(drop) Linear(1) }   // a comment
  loss Squared
  optimizer Adam(lr = 1e-3, beta1 = 0.9)
  schedule Cosine(warmup = 5)
  clip ByNorm(1)
  data csv("a.csv")
  train { epochs = 3  batch = 4  seed = 1  monitor = loss }
}`;

/** What differs when a part of the text, or what was set, is another. */
const changed = (from: string, to: string, set: { readonly [name: string]: string } = {}) => {
  expect(text).toContain(from);
  return changesBetween(program(text), program(text.replace(from, to), set)).flatMap(showChange);
};

describe('the changes between two programs', () => {
  it('are none in another layout, with other comments, numbers in another form, or constants written out', () => {
    const other = text
      .replace('// a comment', '')
      .replaceAll('  ', '      ')
      .replace('net { Linear(width) Twice', 'net {\n // first\n Linear( width )\n Twice')
      .replace('1e-3', '0.001')
      .replace('Dropout(drop)', 'Dropout(0.50)');
    expect(changesBetween(program(text), program(`// first\n\n${other}`))).toEqual([]);
  });

  it.each([
    [
      'loss Squared\n',
      'loss MSE\n',
      ['loss:', '  - Squared', '  - loss Squared (y: [K], t: [K]) = sum((y - t)^2)', '  + MSE'],
    ],
    ['lr = 1e-3', 'lr = 0.1', ['lr: 0.001 then, 0.1 now']],
    [
      'Adam(lr = 1e-3, beta1 = 0.9)',
      'Adam(0.1, 0.9)',
      ['optimizer: Adam(beta1 = 0.9) then, Adam(#2 = 0.9) now', 'lr: 0.001 then, 0.1 now'],
    ],
    [
      'Adam(lr = 1e-3, beta1 = 0.9)',
      'SGD(beta1 = 0.9, lr = 0.001)',
      ['optimizer: Adam(beta1 = 0.9) then, SGD(beta1 = 0.9) now'],
    ],
    ['schedule Cosine(warmup = 5)', '', ['schedule: Cosine(warmup = 5) then, not set now']],
    ['ByNorm(1)', 'ByValue(2)', ['clip: ByNorm(1) then, ByValue(2) now']],
    ['"a.csv"', '"b.csv"', ['data: csv("a.csv") then, csv("b.csv") now']],
    ['batch = 4', 'batch = 8', ['batch: 4 then, 8 now']],
    ['seed = 1', 'seed = 2', ['seed: 1 then, 2 now']],
    ['epochs = 3', 'epochs = 5', ['epochs: 3 then, 5 now']],
    [
      'monitor = loss',
      'accumulate = 2',
      ['monitor: loss then, not set now', 'accumulate: not set then, 2 now'],
    ],
  ])('are found in the part that has changed: %j', (from, to, expected) => {
    expect([...changed(from, to)].sort()).toEqual([...expected].sort());
  });

  it('are found in the net, where a constant or a definition that it uses has changed', () => {
    expect(changed('const drop = 0.5', 'const drop = 0.2')).toEqual([
      'net:',
      '  - net { Linear(4) Twice Dropout(0.5) Linear(1) }',
      '  + net { Linear(4) Twice Dropout(0.2) Linear(1) }',
    ]);
    expect(changed('= 2 * x', '= 3 * x')).toEqual([
      'net:',
      '  - layer Twice (x: [D]) -> [D] = 2 * x',
      '  + layer Twice (x: [D]) -> [D] = 3 * x',
    ]);
    expect(changed('Linear(width) Twice', 'Twice Linear(width)')).toHaveLength(3);
    const lines = text.replace('Twice Dropout(drop)', '\nTwice\nDropout(drop)\n');
    const swapped = text.replace('Twice Dropout(drop)', '\nDropout(drop)\nTwice\n');
    expect(changesBetween(program(lines), program(swapped)).flatMap(showChange)).toEqual([
      'net: its lines have another order',
    ]);
  });

  it('are found in an imported file', () => {
    const importing = `import "twice.nn"\n${text.replace(/^layer.*$/m, '')}`;
    const imports = (body: string) => new Map([['twice.nn', `layer Twice (x: [D]) -> [D] = ${body}`]]);
    const before = { ...program(importing), imports: imports('2 * x') };
    expect(changesBetween(before, before)).toEqual([]);
    const changes = changesBetween(before, { ...before, imports: imports('x') });
    expect(changes.map(({ part }) => part)).toEqual(['net']);
  });

  it.each([
    [{ lr: '0.1' }, 'lr', '0.1'],
    [{ 'optimizer.lr': '0.1' }, 'lr', '0.1'],
    [{ beta1: '0.8' }, 'optimizer', 'Adam(beta1 = 0.8)'],
    [{ batch: '8' }, 'batch', '8'],
    [{ 'train.seed': '8' }, 'seed', '8'],
    [{ width: '16' }, 'net', 'net { Linear(16) Twice Dropout(0.5) Linear(1) }'],
  ])('are found in what was set: %j', (set, part, now) => {
    const [change, ...others] = changesBetween(program(text), program(text, set));
    expect([change?.part, others]).toEqual([part, []]);
    expect(change?.now).toContain(now);
    // set to what it is
    expect(changesBetween(program(text, set), program(text, set))).toEqual([]);
  });

  it('are those of the chosen model', () => {
    const two = `${text}\n${text.replace('model M', 'model N').replace(/^(?:const|layer|loss S).*$/gm, '')}`;
    const edited = two.replace('model N', 'model  N').replace(/lr = 1e-3(?![\s\S]*lr = 1e-3)/, 'lr = 7');
    const parts = (model: string) =>
      changesBetween({ ...program(two), model }, { ...program(edited), model }).map(({ part }) => part);
    expect([parts('M'), parts('N')]).toEqual([[], ['lr']]);
  });

  it('are none where a text is no program', () => {
    for (const wrong of ['', '{{{', 'layer A (x) = x'])
      expect(changesBetween(program(wrong), program(text))).toEqual([]);
  });
});

describe('a change of a resumed run', () => {
  const refusal = (from: string, to: string, allowed: readonly AllowablePart[], within = false) => {
    const changes = changesBetween(program(text), program(text.replace(from, to)));
    try {
      refuseChanges({ path: 'last.safetensors', within }, changes, new Set(allowed));
      return undefined;
    } catch (error) {
      if (!(error instanceof DiagnosticError)) throw error;
      return renderDiagnostics(error.diagnostics, { color: false });
    }
  };

  it('is refused with what it is, and how to ask for it', () => {
    expect(refusal('lr = 1e-3', 'lr = 1', [])).toBe(
      `error[resume.changed]: last.safetensors was trained otherwise:
  lr: 0.001 then, 1 now
help: --allow lr goes on with what is there now. Otherwise undo the change, or begin anew without --resume.`,
    );
    expect(refusal('lr = 1e-3', 'lr = 1', ['loss'])).toContain('--allow lr goes on');
    expect(refusal('lr = 1e-3', 'lr = 1', ['lr'])).toBeUndefined();
  });

  it('names all parts that must be asked for, those that were included', () => {
    const both = 'Cosine(warmup = 5)\n  clip ByNorm(1)';
    expect(refusal(both, 'Constant\n  clip ByNorm(2)', ['clip'])).toContain('--allow schedule,clip goes on');
  });

  it('of how long it trains needs no asking, and of its seed is never allowed', () => {
    expect(refusal('epochs = 3', 'epochs = 9', [])).toBeUndefined();
    expect(refusal('seed = 1', 'seed = 2', [])).toContain('Within a run, seed cannot change');
  });

  it('of the batch is possible between epochs alone', () => {
    expect(refusal('batch = 4', 'batch = 8', ['batch'])).toBeUndefined();
    expect(refusal('batch = 4', 'batch = 8', ['batch'], true)).toContain(
      'Within an epoch, batch cannot change',
    );
  });

  it('is asked for by the names of parts', () => {
    expect(parseAllowed('lr, loss')).toEqual(new Set(['lr', 'loss']));
    expect(() => parseAllowed('los')).toThrow('option.choice');
    expect(() => parseAllowed('seed')).toThrow('option.choice');
  });
});

describe('a program', () => {
  it('is kept as JSON, and anything else is nothing', () => {
    const kept = { ...program(text, { lr: '0.1' }), model: 'M', imports: new Map([['a.nn', 'b']]) };
    expect(parseProgram(JSON.parse(JSON.stringify(showProgram(kept))))).toEqual(kept);
    const about = Object.entries(aboutProgram(kept));
    expect(programAbout(new Map([['nnc', '0.1'], ...about]))).toEqual(kept);
    for (const json of [undefined, null, 1, {}, { text: 1, overrides: {} }, { text: 'a', overrides: null }])
      expect(parseProgram(json)).toBeUndefined();
  });
});
