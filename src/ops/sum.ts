import { reduction } from './reduction.ts';
import { otherAxes } from './shapes.ts';

// dx = dy, broadcast along the axes
export const sum = reduction('y = Σ x', 'sum', ({ emit, inputs: [x], cotangent, attributes: { axes } }) => [
  x && emit.broadcast(cotangent, x.shape, otherAxes(x.shape.length, axes)),
]);
