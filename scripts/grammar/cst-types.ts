// The grammar enters; the text of src/parser/cst.ts leaves: the type of every node of Chevrotain's tree.
import type { Rule } from 'chevrotain';
import { generateCstDts } from '../../src/parser/chevrotain.ts';
import { format } from 'prettier';

export async function cstTypes(rules: Record<string, Rule>): Promise<string> {
  const generated = generateCstDts(rules, { includeVisitorInterface: false });
  const children = new Map<string, string>();
  const nodes = generated
    .replace('CstNode, ICstVisitor,', 'CstNode,')
    .replace(/export type (\w+CstChildren) = (\{[^}]*\});/g, (_, name: string, type: string) => {
      // what the parser mends lacks children that the grammar demands
      children.set(name, type.replace(/\s+/g, ' ').replace(/(\w+): /g, '$1?: '));
      return '';
    })
    // A node and its children are one declaration: half as many names to know.
    .replace(/children: (\w+CstChildren);/g, (_, name: string) => `children: ${children.get(name) ?? name};`);
  const header = '// Generated from the grammar by `node scripts/grammar.mjs`. Do not edit.\n';
  return format(header + nodes, { parser: 'typescript', printWidth: 110, singleQuote: true, trailingComma: 'all' });
}
