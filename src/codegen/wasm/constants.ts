// Vector constants. An engine builds one out of several instructions at each use, in loops too; loading it takes one. So a module keeps
// its numbers in a table. Routines load theirs once, at the head; vector functions at each use, having more of them than there are
// registers. Zero is free.
import { Names } from '../names.ts';

/** How a vector of a literal is printed. */
export interface Constants {
  float(literal: string): string;
  integer(literal: string): string;
}

export class ConstantTable implements Constants {
  private readonly floats = new Map<string, number>();
  private readonly integers = new Map<string, number>();

  /** A splat of a float32 literal, read from the table. */
  float(literal: string): string {
    return this.load('f32', 'numbers', this.floats, literal);
  }

  /** A splat of an integer literal, read from the table. */
  integer(literal: string): string {
    return this.load('i32', 'integers', this.integers, literal);
  }

  /** The declarations of the constants used. */
  text(): string[] {
    const declare = (type: string, name: string, literals: readonly string[]) =>
      literals.length === 0 ? [] : [`const ${name}: usize = memory.data<${type}>([${literals.join(', ')}]);`];
    return [
      ...declare('f32', 'numbers', [...this.floats.keys()]),
      ...declare('i32', 'integers', [...this.integers.keys()]),
    ];
  }

  private load(type: string, table: string, known: Map<string, number>, literal: string): string {
    const index = known.get(literal) ?? known.size;
    known.set(literal, index);
    return `v128.load_splat<${type}>(${table}, ${4 * index} /* ${literal} */)`;
  }
}

/** The constants of one routine, by the names under which its head loads them. */
export class RoutineConstants implements Constants {
  private readonly named = new Map<string, string>();

  constructor(
    private readonly table: ConstantTable,
    private readonly names: Names,
  ) {}

  float(literal: string): string {
    const known = this.named.get(literal);
    if (known !== undefined) return known;
    const name = this.names.fresh(`n_${literal.replace('-', 'minus_')}`);
    this.named.set(literal, name);
    return name;
  }

  integer(literal: string): string {
    return `i32x4.splat(${literal})`;
  }

  head(indent: string): string[] {
    return [...this.named].map(
      ([literal, name]) => `${indent}const ${name}: v128 = ${this.table.float(literal)};`,
    );
  }
}
