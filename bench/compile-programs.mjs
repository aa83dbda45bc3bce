// Programs that grow with n, each in one direction: what bench/compile-times.mjs compiles.

const times = (n, line) => Array.from({ length: n }, (_, i) => line(i));

/** A model of an input [4] and a target; what it computes is `body`. */
function model(body, { definitions = '', loss = 'MSE', target = '[4]', input = '[4]' } = {}) {
  return `${definitions}
model Grown {
  input  x: ${input}
  target y: ${target}
${body}
  loss ${loss}
  optimizer SGD(lr = 0.1)
}
`;
}

const net = (stages) => model(`net {\n${stages.join('\n')}\n}`);

/** Of each program, what n counts, and the text. */
export const programs = {
  layers: {
    says: 'layers in a chain',
    text: (n) => net(times(n, (i) => (i % 2 === 0 ? 'Linear(4)' : 'Tanh'))),
  },
  operations: {
    says: 'element-wise operations in a chain',
    text: (n) =>
      model(
        times(n, (i) => `let a${i} = ${['tanh', 'exp', 'abs'][i % 3]}(${i === 0 ? 'x' : `a${i - 1}`})`)
          .concat(`output a${n - 1}`)
          .join('\n'),
      ),
  },
  repeated: {
    says: 'a block written once, `repeat n`',
    text: (n) => net([`repeat ${n} { Linear(4)  Tanh }`]),
  },
  residual: {
    says: 'residual blocks in a chain',
    text: (n) => net(times(n, () => 'residual { Linear(4)  Tanh }')),
  },
  'branches, summed': {
    says: 'branches of `parallel sum`, of one input',
    text: (n) => net([`parallel sum ${times(n, () => '{ Linear(4) }').join('\n')}`]),
  },
  'branches, concatenated': {
    says: 'branches of `parallel concat`, of one input',
    text: (n) =>
      net([`parallel concat(axis = 0) ${times(n, () => '{ Linear(4) }').join('\n')}`, 'Linear(4)']),
  },
  outputs: {
    says: 'outputs, each of a layer of one input',
    text: (n) => model(times(n, (i) => `output o${i} = Linear(4)(x)`).join('\n'), { loss: 'MSE(o0, y)' }),
  },
  'outputs, all in the loss': {
    says: 'outputs, each in the loss',
    text: (n) =>
      model(times(n, (i) => `output o${i} = Linear(4)(x)`).join('\n'), {
        loss: times(n, (i) => `MSE(o${i}, y)`).join(' + '),
      }),
  },
  inputs: {
    says: 'inputs, summed',
    text: (n) =>
      model(
        times(n, (i) => `input x${i}: [4]`)
          .concat(`output ${times(n, (i) => `x${i}`).join(' + ')} + x`)
          .join('\n'),
      ),
  },
  parameters: {
    says: 'parameters in one sum',
    text: (n) =>
      model(
        times(n, (i) => `param w${i}: [4] = ones`)
          .concat(`output x * (${times(n, (i) => `w${i}`).join(' + ')})`)
          .join('\n'),
      ),
  },
  constants: {
    says: 'constants, each of the one before',
    text: (n) =>
      model(`output x * c${n - 1}`, {
        definitions: times(n, (i) => `const c${i} = ${i > 0 ? `c${i - 1} + 1` : '1'}`).join('\n'),
      }),
  },
  definitions: {
    says: 'layers of the file, each defined and used once',
    text: (n) =>
      model(`net {\n${times(n, (i) => `Own${i}`).join('\n')}\n}`, {
        definitions: times(n, (i) => `layer Own${i} (v: [D]) = tanh(v * ${i + 1})`).join('\n'),
      }),
  },
  expression: {
    says: 'terms of a sum on one line',
    text: (n) => model(`output ${times(n, () => 'x').join(' + ')}`),
  },
  'different terms': {
    says: 'terms of a sum on one line, each another',
    text: (n) => model(`output ${times(n, (i) => `tanh(x * ${i + 1})`).join(' + ')}`),
  },
  positions: {
    says: 'positions of a recurrence (GRU)',
    text: (n) =>
      model(`output GRU(4)(x) -> slice(axis = 0, start = ${n - 1}, end = ${n}) -> Flatten`, {
        input: `[${n}, 3]`,
      }),
  },
  scanned: {
    says: 'positions of a `scan`, all of them given out',
    text: (n) => model('output GRU(4)(x)', { input: `[${n}, 3]`, target: `[${n}, 4]` }),
  },
  readers: {
    says: 'readers of one value of a layer, added in turn',
    text: (n) =>
      model(
        [
          'let h = x -> Linear(4) -> Tanh',
          ...times(n, (i) => `let a${i} = ${i === 0 ? 'h' : `a${i - 1}`} * ${i + 2} + h`),
          `output a${n - 1}`,
        ].join('\n'),
      ),
  },
};
