// The concrete Context: connects expressions, calls and blocks.
import type { Block, Expression, LetStatement, StateDeclaration } from '../parser/ast.ts';
import { runBlock, runStatement } from './blocks.ts';
import { runBuiltin } from './builtins/table.ts';
import { applyDefinition } from './call.ts';
import { Context, type BlockResult, type CallSite, type Environment } from './context.ts';
import { evaluateExpression } from './expressions.ts';
import { Frame } from './instance.ts';
import { isKnown } from './look-up.ts';
import { describe, poison, type Value } from './values/values.ts';

export class Elaborator extends Context {
  evaluate(expression: Expression, environment: Environment): Value {
    return evaluateExpression(this, expression, environment);
  }

  knows(name: string, environment: Environment): boolean {
    return isKnown(name, environment);
  }

  run(block: Block, environment: Environment, current: Value | undefined): BlockResult {
    this.countRun(block.span);
    return runBlock(this, block, environment, current);
  }

  /** Binds a declaration in the environment's own scope. */
  bind(statement: LetStatement | StateDeclaration, environment: Environment): void {
    runStatement(this, statement, environment, undefined);
  }

  /** Applies a layer, a chain of them, a block or a function to tensors. */
  apply(callee: Value, inputs: readonly Value[], site: CallSite): Value {
    const { environment, span, name } = site;
    switch (callee.kind) {
      case 'poison':
        return poison;
      case 'definition':
        return applyDefinition(this, callee, inputs, site);
      case 'chain': {
        const instance = callee.instance ?? (name === undefined ? undefined : environment.frame.named(name));
        const inner = instance ? { ...environment, frame: new Frame(instance) } : environment;
        const [first = poison] = inputs;
        return callee.stages.reduce(
          (current, stage) => this.apply(stage, [current], { environment: inner, span }),
          first,
        );
      }
      case 'builtin': {
        const given = inputs.map((value) => ({ value, span }));
        return runBuiltin(this, { ...callee, positional: [...given, ...(callee.positional ?? [])] }, span);
      }
      case 'tensor':
      case 'tuple':
        return this.fail('chain.value-ignored', span, {});
      default:
        return this.fail('call.not-callable', span, { found: describe(callee) });
    }
  }
}
