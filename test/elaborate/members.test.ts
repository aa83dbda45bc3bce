// `emb.W`: tensors by their paths, as expressions.
import { describe, expect, it } from 'vitest';
import { build, diagnose, kernelsOf, run } from '../std/run-program.ts';
import { forward, model, stored } from './models.ts';

const codes = (text: string) => diagnose(text).diagnostics.map(({ code, args }) => [code, args]);

describe('a tensor by its path', () => {
  const tied = model('let emb = Linear(3, bias = false)\n output (x -> emb) @ emb.W');

  it('is the layer’s own, and stored once', () => {
    expect(stored(tied)).toEqual(['emb.W: [3, 4]']);
    const W = [1, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 3];
    // W' W x, of x = (1, 1, 1, 1)
    expect(forward(tied, { x: [1, 1, 1, 1] }, { 'emb.W': W })['output']).toEqual([1, 4, 0, 9]);
  });

  it('has one gradient, the sum over its uses', () => {
    const { graph } = build(tied, { program: 'gradient', batch: 1 });
    const W = [1, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 3];
    const { outputs } = run(kernelsOf(graph), { x: [1, 1, 1, 1], goal: [1] }, { 'emb.W': W });
    // loss = 1' W' W 1 · goal: the derivative by W_ij is 2 (W 1)_i
    expect([...(outputs.get('gradient.params.emb.W') ?? [])]).toEqual([2, 2, 2, 2, 4, 4, 4, 4, 6, 6, 6, 6]);
  });

  it('may be of a layer without a name, of one inside another, or of a buffer', () => {
    const net = 'net { Linear(3) ReLU }';
    const penalty = 'loss Small (y: [A], w: [B, C]) = sum(y) + sum(w * w)';
    const text = `${penalty}\nmodel M { input x: [4]\n target t: [1]\n ${net}\n loss Small(output, linear_1.W)\n optimizer SGD }`;
    expect(codes(text)).toEqual([]);
    const nested = 'layer Outer (x: [D]) { let inner = Linear(2)\n return inner(x) + sum(inner.W) }';
    const named = model('let o = Outer\n output o(x) + sum(o.inner.b)', { definitions: nested });
    expect(codes(named)).toEqual([]);
    expect(codes(model('let y = BatchNorm(x)\n output y + y.running_mean'))).toEqual([]);
  });

  it('is a part of a chain with a name', () => {
    const text = model('let h = ReLU -> Linear(3)\n output h(x) + sum(h.linear_1.W)');
    expect(codes(text)).toEqual([]);
  });

  it.each([
    ['output emb.V', 'member.unknown', 'It has W and b.', 'emb.V'],
    ['output emb(x) + sum(emb.linear.W)', 'member.unknown', '', 'emb.linear'],
    ['output emb(x) + sum(x.W)', 'member.owner', 'Only a layer', 'x.W'],
    ['output emb(x) + sum(Linear.W)', 'member.owner', '`let layer = Linear`', 'Linear.W'],
    ['output emb(x) + sum(other.W)', 'name.unknown', '', 'other'],
  ])('%s is an error', (rest, code, help) => {
    const text = model(`let emb = Linear(3)\n let used = emb(x)\n ${rest}`);
    const [first, ...more] = diagnose(text).diagnostics;
    expect(more).toEqual([]);
    expect(first?.code).toBe(code);
    expect(String(new Map<string, unknown>(Object.entries(first?.args ?? {})).get('help'))).toContain(help);
  });

  it('is there from the layer’s first use on', () => {
    const [first] = diagnose(model('let emb = Linear(3)\n output emb(x * sum(emb.W))')).diagnostics;
    expect(first?.code).toBe('member.unknown');
    expect(JSON.stringify(first?.args)).toContain('from its first use on');
  });

  it('names a layer where a tensor is wanted', () => {
    const text = model('let h = ReLU -> Linear(3)\n output h(x) + sum(h.linear_1)');
    expect(codes(text)[0]?.[0]).toBe('member.layer');
  });
});
