// `nnc graph`: draws the model, or its backward pass, as an image or in a diagram language.
import { extname } from 'node:path';
import { flag, oneOf, settings, text, wholeNumber } from '../../arguments.ts';
import { defineCommand } from '../../command.ts';
import { exitCodes } from '../../failure.ts';

const formats = ['svg', 'dot', 'mermaid'] as const;
type Format = (typeof formats)[number];

const byExtension: ReadonlyMap<string, Format> = new Map([
  ['.svg', 'svg'],
  ['.dot', 'dot'],
  ['.gv', 'dot'],
  ['.mmd', 'mermaid'],
  ['.md', 'mermaid'],
]);

export const graph = defineCommand({
  name: 'graph',
  describe: 'Draw the model by its layers, or its backward pass',
  positionals: [{ name: 'file', describe: "The .nn file; by default the project's only model" }],
  options: {
    gradient: flag('The backward pass beside the forward pass, with what is kept for it'),
    format: oneOf(formats, "By default what --out's extension says, else svg"),
    layer: text('NAME', "One layer's inside: a path such as conv_block_1, or a definition's name"),
    out: text('PATH', 'The file to write; by default stdout'),
    batch: wholeNumber('Examples in a batch', 1),
    set: settings('Replace a constant, a setting of train or a hyper-parameter'),
    model: text('NAME', 'Which model, where the file has several'),
  },
  examples: [
    ['nnc graph model.nn --out model.svg', 'a picture for a page or a report'],
    ['nnc graph model.nn --format mermaid', 'a text that code hosts draw'],
    ['nnc graph model.nn --layer ConvBlock --out block.svg', "one layer's inside"],
    ['nnc graph model.nn --gradient --out backward.svg', 'the backward pass'],
  ],
  async run([file], { gradient, format, layer, out, batch, set, model }, streams) {
    const [{ compile }, { findSource }, { noteWarnings }, { writeText }] = await Promise.all([
      import('../../../compile.ts'),
      import('../../locate.ts'),
      import('../../warnings.ts'),
      import('../../write-out.ts'),
    ]);
    if (gradient && layer !== undefined) {
      const { fail } = await import('../../../diagnostics/diagnostic.ts');
      fail('option.value', undefined, {
        option: '--layer',
        expected: 'no --gradient beside it',
        found: 'both',
      });
    }
    const source = await findSource(file, 'graph');
    const compilation = compile(source, {
      overrides: set,
      programs: [gradient ? 'step' : 'evaluate'],
      ...(batch !== undefined && { batch }),
      ...(model !== undefined && { model }),
    });
    noteWarnings(compilation, streams);
    const [{ modelDiagram }, { gradientDiagram }] = await Promise.all([
      import('../../../diagram/model-diagram.ts'),
      import('../../../diagram/gradient-diagram.ts'),
    ]);
    const diagram = gradient
      ? gradientDiagram(compilation)
      : modelDiagram(compilation, layer === undefined ? {} : { layer });
    const chosen = format ?? byExtension.get(extname(out ?? '')) ?? 'svg';
    await writeText(out, await print(chosen), streams);
    return exitCodes.done;

    async function print(wanted: Format): Promise<string> {
      switch (wanted) {
        case 'svg':
          return (await import('../../../diagram/print-svg.ts')).printSvg(diagram);
        case 'dot':
          return (await import('../../../diagram/print-dot.ts')).printDot(diagram);
        case 'mermaid':
          return (await import('../../../diagram/print-mermaid.ts')).printMermaid(diagram);
      }
    }
  },
});
