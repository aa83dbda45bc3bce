// A model that trains in a moment: two classes of points on either side of a line, in a CSV file.

export const points = `const width = 8

model Points {
  input  x: [2]
  target kind: class(2)
  net { Linear(width)  Tanh  Dropout(0.1)  Linear(2) }
  loss      CrossEntropy
  optimizer SGD(lr = 0.1, momentum = 0.9)
  metrics   accuracy
  data  csv("points.csv", target = "kind", test = 0.25)
  train { epochs = 4  batch = 16  seed = 1 }
}
`;

/** 200 points of a fixed sequence. */
export function pointsCsv(): string {
  let state = 1;
  const draw = () => (state = (state * 48271) % 2147483647) / 2147483647;
  const rows = Array.from({ length: 200 }, () => {
    const [x, y] = [2 * draw() - 1, 2 * draw() - 1];
    return `${x.toFixed(4)},${y.toFixed(4)},${x + y > 0 ? 'above' : 'below'}`;
  });
  return ['x,y,kind', ...rows, ''].join('\n');
}
