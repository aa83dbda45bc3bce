import { describe, expect, it } from 'vitest';
import { builtins } from '../../src/elaborate/builtins/table.ts';
import { parse } from '../../src/parser/parse.ts';
import { readLibrary } from '../../src/driver/read-sources.ts';
import { folderWith, nncHere } from './program.ts';

async function doc(...words: readonly string[]) {
  return nncHere(['doc', ...words], { cwd: folderWith({ 'own.nn': own }) });
}

const own = `// y = 2 x
// and nothing else
layer Twice (x: [...]) -> [...] = 2 * x
`;

const definitions = readLibrary().flatMap((source) =>
  parse(source).program.declarations.flatMap((declaration) =>
    declaration.kind === 'model' || declaration.kind === 'const' ? [] : [declaration],
  ),
);

describe('nnc doc', () => {
  it('shows comment, signature, place and formula of a layer', async () => {
    const { code, stdout, stderr } = await doc('ReLU');
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout.replace(/:\d+\n/, ':LINE\n')).toBe(`layer ReLU (x: [...]) -> [...]
std/activations.nn:LINE

  y = max(x, 0); its derivative at 0 is 0.

  layer ReLU (x: [...]) -> [...] = relu(x)
`);
  });

  it('shows defaults', async () => {
    expect((await doc('LayerNorm')).stdout).toMatch(
      /^layer LayerNorm\(eps: float = 1e-5\) \(x: \[\.\.\., D\]\) -> \[\.\.\., D\]\nstd\/normalization\.nn:\d+\n/,
    );
  });

  it('shows how a function is called, and its formula', async () => {
    expect((await doc('exp')).stdout).toBe('function exp(x)\npart of the language\n\n  y = exp(x)\n');
    expect((await doc('split')).stdout).toContain('function split(x, axis = 0, parts = 2)\n');
  });

  it('knows what a file defines, when told of it', async () => {
    const { stdout } = await doc('Twice', '--file', 'own.nn');
    expect(stdout).toBe(
      'layer Twice (x: [...]) -> [...]\nown.nn:3\n\n  y = 2 x\n  and nothing else\n\n  layer Twice (x: [...]) -> [...] = 2 * x\n',
    );
    expect((await doc('Twice')).code).toBe(2);
  });

  it('lists every name', async () => {
    const { stdout } = await doc();
    for (const { name } of definitions) expect(stdout).toMatch(new RegExp(`^  ${name.text}\\b`, 'm'));
    for (const { usage } of builtins.values()) expect(stdout).toContain(`  ${usage}\n`.trimEnd());
    expect(stdout).toMatch(/^activations$/m);
  });

  it('suggests', async () => {
    const { code, stderr } = await doc('Liner');
    expect(code).toBe(2);
    expect(stderr).toBe('error[name.documented]: nothing is called `Liner`\nhelp: Did you mean `Linear`?\n');
  });
});

describe('the standard library', () => {
  const bare = new Set(['mean_absolute_error', 'mean_squared_error', 'normal', 'uniform']);

  it('says of every definition what it is', () => {
    const silent = definitions.filter(
      ({ documentation, name }) => documentation === undefined && !bare.has(name.text),
    );
    expect(silent.map(({ name }) => name.text)).toEqual([]);
  });
});
