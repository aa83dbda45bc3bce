import { expect, test } from 'vitest';
import { GraphBuilder } from '../../../src/graph/builder.ts';
import { printGraph } from '../../../src/ir/graph/print.ts';

test('a line for each node, by phase, then what leaves', () => {
  const source = { path: 'models/x.nn', text: 'model X {\n  y = w @ x\n}\n', library: false };
  const library = { path: 'std/linear.nn', text: 'x @ W', library: true };
  const builder = new GraphBuilder('x.step');
  const x = builder.input('x', 'input', [64, 128]);
  const w = builder.stored('linear_1.W', 'parameter', [10, 128], { kind: 'normal', mean: 0, deviation: 0.1 });
  builder.origin = {
    path: 'linear_1',
    name: 'linear_1.y',
    span: { source, start: 12, end: 15 },
    library: { source: library, start: 0, end: 5 },
  };
  const y = builder.contract(x, [0, 1], w, [2, 1], [0, 2]);
  builder.origin = { path: '' };
  builder.phase = 'update';
  const next = builder.multiply(w, -0);
  builder.phase = 'backward';
  const padding = {
    axes: [1],
    sizes: [2],
    strides: [2],
    dilations: [1],
    low: [0],
    high: [0],
    value: -Infinity,
  };
  builder.apply('windows', [x], padding);
  builder.output('y', y);
  builder.update(w, next);
  expect(printGraph(builder.finish())).toBe(`graph x.step
forward:
  %0: [64, 128] = input() {name: "x", role: "input"}
  %1: [10, 128] = stored() {path: "linear_1.W", storage: "parameter", initial: {kind: "normal", mean: 0, deviation: 0.1}}
  %2 linear_1.y: [64, 10] = contraction(%0, %1) {left: [0, 1], right: [2, 1], output: [0, 2]}  // models/x.nn:2, std/linear.nn:1
backward:
  %5: [64, 64, 2] = windows(%0) {axes: [1], sizes: [2], strides: [2], dilations: [1], low: [0], high: [0], value: -Infinity}
update:
  %3: [10, 128] = constant() {value: -0}
  %4: [10, 128] = multiply(%1, %3)
outputs:
  y = %2
updates:
  %1 <- %4
`);
});
