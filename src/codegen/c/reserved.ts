// What no name of a generated C file may hide: the language's own words, what its headers declare, and the file's helpers.
import { helpers } from './mathematics.ts';

const words = `
  auto break case char const continue default do double else enum extern float for goto if inline int long register restrict return
  short signed sizeof static struct switch typedef union unsigned void volatile while alignas alignof bool nullptr static_assert
  thread_local typeof asm unix linux i386
  NAN INFINITY NULL EOF main errno signal time div abs labs exit abort malloc free memcpy memset index rindex
  exp log tanh erf sin cos sqrt floor pow fabs fmin fmax fma round ceil trunc gamma y0 y1 yn j0 j1 jn
  vec ints loose lanes device memory thread threads scratch first last part barrier wait_while wake work run create destroy supported
  load load_part store all every choose inside least program check`;

export const builtins: readonly string[] = [...words.split(/\s+/).filter((word) => word), ...helpers.keys()];
