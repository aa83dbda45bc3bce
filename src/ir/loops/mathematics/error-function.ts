// The error function, with Juffa's polynomials.
import {
  abs,
  atMost,
  define,
  exp,
  less,
  multiply,
  multiplyAdd,
  select,
  subtract,
  withSign,
} from './build.ts';

export const erf = define(
  'A polynomial near zero, elsewhere 1 − exp of a polynomial in |x|, with the sign of x.',
  (x, body) => {
    const size = body.let('size', abs(x));
    const bounded = body.let('bounded', atMost(4, size));
    const z = body.let('z', multiply(x, x));
    const exponent = body.polynomial('exponent', bounded, [
      ...[-1.7285347e-5, 3.83197126e-4, -3.88396438e-3, 2.42546219e-2, -1.06777877e-1],
      ...[-6.34846687e-1, -1.28717512e-1],
    ]);
    body.set(exponent, subtract(multiply(exponent, bounded), bounded));
    const far = body.let('far', subtract(1, exp(exponent)));
    const near = body.polynomial(
      'near',
      z,
      [-5.96761703e-4, 4.99119423e-3, -2.67681349e-2, 1.12819925e-1, -3.76125336e-1, 1.28379166e-1],
    );
    body.set(near, multiplyAdd(near, x, x));
    return withSign(select(less(0.927734375, bounded), far, near), x);
  },
);
