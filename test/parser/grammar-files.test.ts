// What is generated from the grammar is what is committed. `node scripts/grammar.mjs` writes it anew.
import { describe, expect, it } from 'vitest';
import { cstTypes } from '../../scripts/grammar/cst-types.ts';
import { diagrams } from '../../scripts/grammar/diagrams.ts';
import { ebnf } from '../../scripts/grammar/ebnf.ts';
import { productions } from '../../scripts/grammar/notation.ts';
import { textmate } from '../../scripts/grammar/textmate.ts';
import { SourceParser } from '../../src/parser/grammar.ts';
import { allTokens, contextualNames, reservedNames } from '../../src/parser/tokens.ts';

// Chevrotain checks the grammar here: ambiguities, left recursion, loops that take nothing.
const parser = new SourceParser({ validate: true });
const rules = productions(parser.getSerializedGastProductions(), allTokens);

describe('generated from the grammar', () => {
  it('are the types of the concrete tree', async () => {
    const text = await cstTypes(parser.getGAstProductions());
    await expect(text).toMatchFileSnapshot('../../src/parser/cst.ts');
  });

  it('is the EBNF', async () => {
    await expect(ebnf(rules)).toMatchFileSnapshot('../../grammar/grammar.ebnf');
  });

  it('are the diagrams', async () => {
    const page = diagrams(rules);
    expect(page).not.toMatch(/<script|<link|src=|https?:|@import|url\(/);
    for (const { name } of rules) expect(page).toContain(`<h2 id="${name}">`);
    for (const [, target = ''] of page.matchAll(/href="#([^"]*)"/g)) expect(page).toContain(`id="${target}"`);
    await expect(page).toMatchFileSnapshot('../../grammar/diagrams.html');
  });

  it('is the TextMate grammar', async () => {
    const text = textmate({ reserved: reservedNames, contextual: contextualNames });
    await expect(text).toMatchFileSnapshot('../../grammar/nn.tmLanguage.json');
  });
});

describe('the TextMate grammar', () => {
  interface Pattern {
    readonly name?: string;
    readonly match?: string;
    readonly begin?: string;
    readonly captures?: Readonly<Record<string, { readonly name: string }>>;
  }
  const { patterns } = JSON.parse(textmate({ reserved: reservedNames, contextual: contextualNames })) as {
    readonly patterns: readonly Pattern[];
  };

  /** How the word of a line is colored: the first pattern that matches earliest takes its text. */
  function color(line: string, word: string): string | undefined {
    const wanted = line.indexOf(word);
    for (let at = 0; at <= wanted;) {
      let best: { pattern: Pattern; found: RegExpExecArray } | undefined;
      for (const pattern of patterns) {
        const expression = new RegExp(pattern.match ?? `${pattern.begin ?? ''}.*`, 'dg');
        expression.lastIndex = at;
        const found = expression.exec(line);
        if (found && (!best || found.index < best.found.index)) best = { pattern, found };
      }
      if (!best) return undefined;
      const end = best.found.index + best.found[0].length;
      if (end > wanted)
        return best.found.index > wanted ? undefined : nameAt(best.pattern, best.found, wanted);
      at = Math.max(end, at + 1);
    }
    return undefined;
  }

  function nameAt(pattern: Pattern, found: RegExpExecArray, at: number): string | undefined {
    for (const [group, { name }] of Object.entries(pattern.captures ?? {}).reverse()) {
      const [start, end] = found.indices?.[Number(group)] ?? [-1, -1];
      if (start <= at && at < end) return name;
    }
    return pattern.name;
  }

  it.each([
    ['layer Linear(out: int)', 'layer', 'storage.type.nn'],
    ['layer Linear(out: int)', 'Linear', 'entity.name.type.nn'],
    ['layer Linear(out: int)', 'int', 'support.type.nn'],
    ['loss MSE (y) = y', 'MSE', 'entity.name.type.nn'],
    ['  loss      CrossEntropy', 'loss', 'keyword.other.item.nn'],
    ['  train { epochs = 5 }', 'train', 'keyword.other.block.nn'],
    ['  train { epochs = 5 }', 'epochs', 'variable.parameter.nn'],
    ['  param W: [out, D] = he', 'param', 'storage.modifier.nn'],
    ['  if bias { return x }', 'return', 'keyword.control.nn'],
    ['  f(x, axis = batch)', 'axis', 'variable.parameter.nn'],
    ['  f(x, axis = batch)', 'batch', 'variable.language.nn'],
    ['  f(x, axis = batch)', 'f', 'entity.name.function.nn'],
    ['  // if x', 'if', 'comment.line.double-slash.nn'],
    ['  import "if.nn"', 'if', 'string.quoted.double.nn'],
    ['  a == none', 'none', 'constant.language.nn'],
    ['  a -> ReLU', '->', 'keyword.operator.nn'],
    ['  x1 + 1e-3', '1e-3', 'constant.numeric.nn'],
    ['  data + loss', 'data', undefined],
  ])('in `%s`, colors %s as %s', (line, word, expected) => {
    expect(color(line, word)).toBe(expected);
  });
});
