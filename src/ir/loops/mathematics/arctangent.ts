// The arctangent. Polynomial and ranges are Cephes' single-precision ones (Moshier 1992).
import { abs, add, define, divide, less, multiply, select, subtract, withSign } from './build.ts';

export const atan = define(
  'A polynomial of t = |x|, of (|x| − 1) / (|x| + 1) from tan π/8 on, or of −1 / |x| from tan 3π/8 on, and the angle left out.',
  (x, body) => {
    const size = body.let('size', abs(x));
    const far = body.let('far', less(Math.tan((3 * Math.PI) / 8), size));
    const middle = body.let('middle', less(Math.tan(Math.PI / 8), size));
    const over = body.let('over', select(far, -1, select(middle, subtract(size, 1), size)));
    const under = body.let('under', select(far, size, select(middle, add(size, 1), 1)));
    const t = body.let('t', divide(over, under));
    const z = body.let('z', multiply(t, t));
    const p = body.polynomial(
      'p',
      z,
      [8.05374449538e-2, -1.38776856032e-1, 1.99777106478e-1, -3.33329491539e-1],
    );
    const angle = body.let('angle', select(far, Math.PI / 2, select(middle, Math.PI / 4, 0)));
    return withSign(add(angle, add(multiply(multiply(p, z), t), t)), x);
  },
);
