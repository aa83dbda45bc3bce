// Names that identifiers in a generated C file must not shadow: keywords, declarations of its headers, and the file's helpers.
import { Names } from '../names.ts';
import { mathematics } from '../../ir/loops/mathematics/table.ts';
import { calledFunctions } from './functions.ts';
import { helpers } from './helpers.ts';

const words = `
  auto break case char const continue default do double else enum extern float for goto if inline int long register restrict return
  short signed sizeof static struct switch typedef union unsigned void volatile while alignas alignof bool nullptr static_assert
  thread_local typeof asm unix linux i386
  NAN INFINITY NULL EOF main errno signal time div abs labs exit abort malloc free memcpy memset index rindex
  exp log tanh erf sin cos sqrt floor pow fabs fmin fmax fma round ceil trunc gamma y0 y1 yn j0 j1 jn
  vec ints loose lanes device memory thread threads scratch first last part barrier wait_while wake work run create destroy supported
  load load_part store splat splat_int choose inside least program check`;

export const builtins: readonly string[] = [
  ...words.split(/\s+/).filter((word) => word),
  ...helpers.keys(),
  ...calledFunctions.keys(),
  // The C library declares some of these too.
  ...Object.keys(mathematics),
];

// Lower-case macros of the headers. The preprocessor replaces a macro's name everywhere, regardless of scope.
const macros: ReadonlySet<string> = new Set(
  `alloca assert be16toh be32toh be64toh complex fpclassify htobe16 htobe32 htobe64 htole16 htole32 htole64 i386 imaginary iscanonical
  iseqsig isfinite isgreater isgreaterequal isinf isless islessequal islessgreater isnan isnormal issignaling issubnormal
  isunordered iszero kill_dependency le16toh le32toh le64toh linux math_errhandling sched_priority signbit sigmask strdupa
  strndupa unix`.split(/\s+/),
);

/**
 * Whether a header may define the name as a macro: those listed, their families, and every name without a lower-case letter (`M_PI`,
 * `NSIG`, `MAP_TYPE`), since each system defines others of these.
 */
export function mayBeMacro(name: string): boolean {
  const capitals = name.length > 1 && !/[a-z]/.test(name);
  return capitals || /^(M|atomic|pthread|sa|si|sigev)_/.test(name) || macros.has(name);
}

/** Names for a scope of a generated C file: no macro, and no possible name of a microkernel (`tile_4x2_of_5`). */
export function namesInC(): Names {
  return new Names(builtins, (name) => mayBeMacro(name) || /^tile_\d+x\d/.test(name));
}
