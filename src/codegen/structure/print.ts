// Prints statements as JavaScript, a superset of gpu.js' language. Dialects differ in how they end an output element.
import type { ExpressionPrinter } from '../gpujs/expression.ts';
import { breakExpression, width } from '../gpujs/text.ts';
import type { Statement } from './statements.ts';

export interface StatementDialect {
  /** Prefix of an element's value: `return`. */
  readonly result: string;
  /** The statement that ends an element, where storing its value does not. */
  readonly leave?: string;
  /** Clamps a float that holds an integer to an index from 0 to `last`. */
  readonly clamp: (value: string, last: number) => string;
}

/** Lines of statements, indented. */
export class StatementPrinter {
  constructor(
    private readonly expressions: ExpressionPrinter,
    private readonly dialect: StatementDialect,
  ) {}

  statements(statements: readonly Statement[], indent: string): readonly string[] {
    return statements.flatMap((statement) => this.statement(statement, indent));
  }

  private statement(statement: Statement, indent: string): readonly string[] {
    const { expressions, dialect } = this;
    const line = (head: string, expression: string) => [breakExpression(head, expression, ';', indent)];
    const block = (head: string, body: readonly Statement[]) => [
      `${head} {`,
      ...this.statements(body, `${indent}  `),
      `${indent}}`,
    ];
    switch (statement.kind) {
      case 'integer': {
        const { name, value } = statement;
        const text =
          value.kind === 'quotient'
            ? expressions.integerQuotient(value.of, value.divisor)
            : dialect.clamp(expressions.scalar(value.value), value.limit - 1);
        return line(`const ${name} =`, text);
      }
      case 'const':
      case 'let':
        return line(`${statement.kind} ${statement.name} =`, expressions.scalar(statement.value));
      case 'set':
        return line(`${statement.name} =`, expressions.scalar(statement.value));
      case 'accumulate': {
        const { name, reducer } = statement;
        const value = expressions.scalar(statement.value);
        return reducer === 'sum'
          ? line(`${name} +=`, value)
          : line(`${name} =`, `Math.max(${name}, ${value})`);
      }
      case 'for':
        return block(indent + loopHead(statement.variable, statement.size), statement.body);
      case 'if':
        return block(printIf(expressions.conditions(statement.conditions), indent), statement.body);
      case 'result': {
        const { result, leave } = dialect;
        const given = line(result, expressions.scalar(statement.value));
        return leave === undefined ? given : [...given, indent + leave];
      }
      default:
        return statement satisfies never;
    }
  }
}

export function loopHead(variable: string, size: number): string {
  return `for (let ${variable} = 0; ${variable} < ${size}; ${variable}++)`;
}

function printIf(conditions: readonly string[], indent: string): string {
  const line = `${indent}if (${conditions.join(' && ')})`;
  if (line.length + 2 <= width) return line;
  return `${indent}if (\n${conditions.map((each) => `${indent}  ${each}`).join(' &&\n')}\n${indent})`;
}
