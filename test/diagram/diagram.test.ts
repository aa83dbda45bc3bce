import { describe, expect, it } from 'vitest';
import { compile } from '../../src/compile.ts';
import { DiagnosticError } from '../../src/diagnostics/diagnostic.ts';
import type { Diagram } from '../../src/diagram/diagram.ts';
import { gradientDiagram } from '../../src/diagram/gradient-diagram.ts';
import { modelDiagram } from '../../src/diagram/model-diagram.ts';
import { printDot } from '../../src/diagram/print-dot.ts';
import { printMermaid } from '../../src/diagram/print-mermaid.ts';
import { printSvg } from '../../src/diagram/print-svg.ts';

const shell = (body: string, layers = '') => `${layers}
model Probe {
  input x: [6]
  target y: [6]
  ${body}
  loss MSE
  optimizer SGD(lr = 0.1, momentum = 0.9)
}`;

const compiled = (text: string) =>
  compile({ path: 'probe.nn', text, library: false }, { batch: 5, programs: ['evaluate', 'step'] });

const arrowsOf = ({ boxes, arrows }: Diagram) => {
  const title = new Map(boxes.map((box) => [box.id, box.title]));
  return arrows.map(({ from, to, label, kind }) => `${title.get(from)} ${kind} ${title.get(to)} ${label}`);
};

describe('the diagram of a model', () => {
  it('has a box for a layer, with its tensors, and arrows with shapes of one example', () => {
    const diagram = modelDiagram(compiled(shell('net { Linear(4)  ReLU  Linear(6) }')));
    expect(diagram.boxes.find(({ title }) => title === 'linear_1')?.lines).toEqual([
      'Linear',
      'W [4, 6]',
      'b [4]',
    ]);
    expect(arrowsOf(diagram)).toEqual([
      'x flow linear_1 [6]',
      'linear_1 flow relu_1 [4]',
      'relu_1 flow linear_2 [4]',
      'linear_2 flow MSE [6]',
      'y flow MSE [6]',
      'linear_2 flow output [6]',
    ]);
  });

  it('shows a residual as a sum that two arrows reach', () => {
    const arrows = arrowsOf(modelDiagram(compiled(shell('net { Linear(6)  residual { ReLU } }'))));
    expect(arrows).toContain('linear_1 flow + [6]');
    expect(arrows).toContain('relu_1 flow + [6]');
    expect(arrows).toContain('+ flow output [6]');
  });

  it('ties two uses of one set of weights', () => {
    const arrows = arrowsOf(modelDiagram(compiled(shell('let enc = Linear(6)\n output enc(relu(enc(x)))'))));
    expect(arrows).toContain('enc shared enc the same weights');
    expect(arrows).toContain('relu flow enc [6]');
  });

  it('draws a layer made of layers as a cluster, and inside it what is not a layer', () => {
    const block = 'layer Block(out: int) (x: [D]) -> [out] { return ReLU(Linear(out)(x)) * 2 + 1 }';
    const diagram = modelDiagram(compiled(shell('net { Block(6) }', block)));
    expect(diagram.clusters).toEqual([{ id: 'cluster_0', title: 'block_1 · Block' }]);
    expect(diagram.boxes.filter(({ cluster }) => cluster === 'cluster_0').map(({ title }) => title)).toEqual([
      'block_1.linear_1',
      'block_1.relu_1',
      '+',
    ]);
  });

  it('keeps dropout and a layer that computes nothing', () => {
    const arrows = arrowsOf(modelDiagram(compiled(shell('net { Linear(6)  Identity  Dropout(0.5) }'))));
    expect(arrows).toContain('linear_1 flow identity_1 [6]');
    expect(arrows).toContain('identity_1 flow dropout_1 [6]');
    expect(arrows).toContain('dropout_1 flow output [6]');
  });

  it('opens one layer down to its primitives', () => {
    const diagram = modelDiagram(compiled(shell('net { Linear(6)  LayerNorm }')), { layer: 'LayerNorm' });
    expect(diagram.title).toBe('layer_norm_1 · LayerNorm');
    expect(diagram.boxes.map(({ title }) => title)).toContain('sqrt');
    expect(diagram.boxes.find(({ kind }) => kind === 'input')?.title).toBe('linear_1');
  });

  it('says which layers there are when one is asked for that is not', () => {
    try {
      modelDiagram(compiled(shell('net { Linear(6) }')), { layer: 'liner_1' });
      expect.unreachable();
    } catch (error) {
      if (!(error instanceof DiagnosticError)) throw error;
      expect(error.diagnostics[0]?.args).toEqual({ name: 'liner_1', help: 'Did you mean `linear_1`?' });
    }
  });

  it('draws a model of hundreds of layers by its outermost ones', () => {
    const block = 'layer Block (x: [D]) -> [D] { return Linear(D)(ReLU(Linear(D)(x))) }';
    const diagram = modelDiagram(compiled(shell('net { repeat 100 { Block } }', block)));
    expect(diagram.clusters).toEqual([]);
    expect(diagram.boxes).toHaveLength(104);
    expect(diagram.boxes[2]?.lines).toContain('linear_2.W [6, 6]');
  });
});

describe('the diagram of the backward pass', () => {
  it('goes from the loss to the first layer, with the gradients of the parameters', () => {
    const diagram = gradientDiagram(compiled(shell('net { Linear(4)  Tanh  Linear(6) }')));
    const arrows = arrowsOf(diagram);
    expect(arrows).toContain('∂ MSE flow ∂ linear_2 [6]');
    expect(arrows).toContain('∂ linear_2 flow ∂ tanh_1 [4]');
    expect(arrows).toContain('∂ tanh_1 flow ∂ linear_1 [4]');
    expect(arrows).toContain('tanh_1 kept ∂ tanh_1 [4]');
    expect(arrows).toContain('x kept ∂ linear_1 [6]');
    expect(diagram.boxes.find(({ title }) => title === '∂ linear_1')?.lines).toEqual([
      'Linear',
      '∂ W [4, 6]',
      '∂ b [4]',
    ]);
  });
});

describe('the printers', () => {
  const hostile: Diagram = {
    title: 'a "b" \\N </svg>',
    boxes: [
      { id: 'one', kind: 'layer', title: '<script>alert(1)</script>', lines: ['"]; end', '`#;& \u202e'] },
      { id: 'two', kind: 'operation', title: '+', lines: [] },
    ],
    clusters: [{ id: 'cluster_0', title: '"] subgraph' }],
    arrows: [{ from: 'one', to: 'two', kind: 'flow', label: '[3] -> "x" \\' }],
  };

  it('escape names in DOT', () => {
    const dot = printDot(hostile);
    expect(dot).toContain('label="a \\"b\\" \\\\N </svg>"');
    expect(dot).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
    expect(dot).toContain('label="[3] -> \\"x\\" \\\\"');
    expect(dot).not.toContain('\u202e');
  });

  it('escape names in Mermaid', () => {
    const body = printMermaid(hostile).split('\n').slice(3).join('\n');
    expect(body).not.toMatch(/<script|"\]; end|`/);
    expect(body).toContain('#60;script#62;alert(1)#60;/script#62;');
    expect(body).toContain('one -- "[3] -#62; #34;x#34; #92;" --> two');
  });

  it('give an SVG that holds no script', async () => {
    const svg = await printSvg(hostile);
    expect(svg).toMatch(/^<svg[\s\S]*<\/svg>\s*$/);
    expect(svg).not.toContain('<script');
    expect(svg).toContain('&lt;script&gt;');
  });

  it('draw every layer of a model', async () => {
    const svg = await printSvg(modelDiagram(compiled(shell('net { Linear(4)  ReLU  Linear(6) }'))));
    for (const name of ['linear_1', 'relu_1', 'linear_2', 'MSE', 'output'])
      expect(svg).toContain(`>${name}<`);
  });
});
