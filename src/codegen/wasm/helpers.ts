// Helper functions that have no loop form: rare functions, which call AssemblyScript's library lane by lane, and lane shuffles.

const lanewise = (name: string, called: string, parameters: readonly string[]) => {
  const lanes = [0, 1, 2, 3].map((lane) => {
    const operands = parameters.map((each) => `<f64>f32x4.extract_lane(${each}, ${lane})`).join(', ');
    return `    <f32>${called}(${operands})`;
  });
  return `function ${name}(${parameters.map((each) => `${each}: v128`).join(', ')}): v128 {
  return f32x4(
${lanes.join(',\n')}
  );
}`;
};

export const helpers: ReadonlyMap<string, string> = new Map([
  ['sin4', lanewise('sin4', 'Math.sin', ['x'])],
  ['cos4', lanewise('cos4', 'Math.cos', ['x'])],
  ['power4', lanewise('power4', 'Math.pow', ['x', 'y'])],
  [
    'sumAcross',
    `function sumAcross(x: v128): v128 {
  const pairs = f32x4.add(x, v128.shuffle<f32>(x, x, 2, 3, 0, 1));
  return f32x4.add(pairs, v128.shuffle<f32>(pairs, pairs, 1, 0, 3, 2));
}`,
  ],
  [
    'maximumAcross',
    `function maximumAcross(x: v128): v128 {
  const pairs = f32x4.max(x, v128.shuffle<f32>(x, x, 2, 3, 0, 1));
  return f32x4.max(pairs, v128.shuffle<f32>(pairs, pairs, 1, 0, 3, 2));
}`,
  ],
  [
    'storePart',
    `/** Stores the first lanes, all of them from four on. */
// @ts-ignore: decorator
@inline
function storePart(pointer: usize, x: v128, count: i32): void {
  if (count >= 4) v128.store(pointer, x);
  else {
    if (count >= 2) v128.store_lane<i64>(pointer, x, 0);
    if (count == 1) v128.store_lane<f32>(pointer, x, 0);
    if (count == 3) v128.store_lane<f32>(pointer, x, 2, 8);
  }
}`,
  ],
  [
    'storeTransposed',
    `/** Columns of the block whose rows are r0 to r3. */
// @ts-ignore: decorator
@inline
function storeTransposed(p0: usize, p1: usize, p2: usize, p3: usize, r0: v128, r1: v128, r2: v128, r3: v128): void {
  const a = v128.shuffle<f32>(r0, r1, 0, 4, 1, 5);
  const b = v128.shuffle<f32>(r2, r3, 0, 4, 1, 5);
  const c = v128.shuffle<f32>(r0, r1, 2, 6, 3, 7);
  const d = v128.shuffle<f32>(r2, r3, 2, 6, 3, 7);
  v128.store(p0, v128.shuffle<i64>(a, b, 0, 2));
  v128.store(p1, v128.shuffle<i64>(a, b, 1, 3));
  v128.store(p2, v128.shuffle<i64>(c, d, 0, 2));
  v128.store(p3, v128.shuffle<i64>(c, d, 1, 3));
}`,
  ],
]);
