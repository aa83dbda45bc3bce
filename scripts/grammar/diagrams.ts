// The productions enter; a page of syntax diagrams leaves. It refers to nothing outside of itself and runs no script.
import type { Production } from './notation.ts';
import { escape, railroad } from './railroad.ts';

const style = `
  :root { color-scheme: light dark; --line: #456; --literal: #dff0d8; --rule: #dde8f8; --token: #f8eed0; }
  @media (prefers-color-scheme: dark) { :root { --line: #9ab; --literal: #24432b; --rule: #223a5c; --token: #54451c; } }
  body { font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 62rem; padding: 0 1rem; }
  h2 { font: 600 1rem ui-monospace, monospace; margin: 1.6rem 0 0; }
  figure { margin: 0; overflow-x: auto; }
  svg text { font: 13px ui-monospace, monospace; text-anchor: middle; fill: currentColor; }
  svg path { fill: none; stroke: var(--line); stroke-width: 1.5; }
  svg rect { stroke: var(--line); }
  .literal { fill: var(--literal); } .rule { fill: var(--rule); } .token { fill: var(--token); }
  svg a text { text-decoration: underline; } svg a { color: inherit; }
`;

const lexical = [
  ['Identifier', 'A letter or underscore, then letters, digits and underscores; no reserved word.'],
  ['Number', 'Digits, with a fraction (0.5) and an exponent (1e-3) where wanted.'],
  ['String', 'Text in double quotes on one line, with the escapes \\" \\\\ \\n \\t and \\u{…}.'],
] as const;

export function diagrams(productions: readonly Production[]): string {
  const figures = productions.map(
    ({ name, body }) => `<h2 id="${escape(name)}">${escape(name)}</h2>\n<figure>${railroad(body)}</figure>`,
  );
  const words = lexical.map(([name, meaning]) => `<h2 id="${name}">${name}</h2>\n<p>${escape(meaning)}</p>`);
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>The syntax of .nn files</title>
<style>${style}</style>
<h1>The syntax of .nn files</h1>
<p>Generated from the parser by <code>node scripts/grammar.mjs</code>. Follow the lines from left to right: a box with round ends is
written as it stands, a square one is a diagram of its own. White space, line ends and comments may stand between any two
boxes, but the parenthesis of <a href="#callArguments">a call's arguments</a> touches what it calls.</p>
${figures.join('\n')}
${words.join('\n')}
</html>
`;
}
