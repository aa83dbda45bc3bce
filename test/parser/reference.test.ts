// Every block of code in the language reference parses, and is written in the canonical layout.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { builtins } from '../../src/elaborate/builtins/table.ts';
import { parse } from '../../src/parser/parse.ts';
import { format } from '../../src/parser/format.ts';
import { contextualNames, reservedNames } from '../../src/parser/tokens.ts';
import { sourceOf } from './reading.ts';

const reference = readFileSync(new URL('../../grammar/README.md', import.meta.url), 'utf8');

/** A fragment says what it is a part of. */
const around: Record<string, (text: string) => string> = {
  '': (text) => text,
  model: (text) => `model M {\n${text}}\n`,
  block: (text) => `layer L (x) {\n${text}}\n`,
};

const blocks = [...reference.matchAll(/^```nn(?:-fragment)? ?(\w*)\n([^]*?)^```$/gm)].map(
  ([whole, part = '', text = '']) => ({
    text: around[part]?.(text) ?? '',
    line: reference.slice(0, reference.indexOf(whole)).split('\n').length,
  }),
);

describe('the language reference', () => {
  it('has code in it, all of it marked as such', () => {
    expect(blocks.length).toBeGreaterThan(12);
    expect(blocks.filter((block) => block.text === '')).toEqual([]);
    expect(reference.match(/^```\S+/gm)?.length).toBe(blocks.length);
  });

  it.each(blocks)('parses on line $line', ({ text }) => {
    expect(parse(sourceOf(text)).diagnostics).toEqual([]);
  });

  it.each(blocks)('is laid out as all files are on line $line', ({ text }) => {
    const bare = (code: string) => code.replace(/ *\/\/.*$/gm, '').replace(/^ +/gm, '');
    expect(bare(format(sourceOf(text)))).toBe(bare(text));
  });

  it('lists every word', () => {
    const listed = (after: string) => {
      const [, list = ''] = new RegExp(`${after}:\\n\\n((?:.+\\n)+)`).exec(reference) ?? [];
      return [...list.matchAll(/`(\w+)`/g)].map(([, word]) => word);
    };
    expect(listed('except of arguments and settings')).toEqual([...reservedNames].sort());
    expect(listed('are names everywhere else')).toEqual([...contextualNames].sort());
  });

  it('names every function', () => {
    const [, section = ''] = /^### Functions\n([^]*?)^#/m.exec(reference) ?? [];
    const named = new Set(section.match(/\w+/g));
    expect([...builtins.keys()].filter((name) => !named.has(name))).toEqual([]);
  });

  it('links to its own parts only', () => {
    const anchors = [...reference.matchAll(/^#+ (.+)$/gm)].map(([, title = '']) =>
      title
        .toLowerCase()
        .replace(/[^a-z0-9 -]/g, '')
        .replaceAll(' ', '-'),
    );
    for (const [, target = ''] of reference.matchAll(/\]\(#([^)]+)\)/g)) expect(anchors).toContain(target);
  });
});
