// Plans of groups as text: a headline with what runs over which axes, then one line per decision.
import type { Axis } from '../ir/stages/type.ts';
import type { Computation, ReductionLoops } from '../ir/linear/type.ts';
import { nodesOf } from '../ir/linear/walk.ts';
import type {
  ContractionPlan,
  GroupPlan,
  MapPlan,
  RowSide,
  ScatterPlan,
  Staging,
  WinogradPlan,
  WinogradRejection,
} from './type.ts';

export function printPlan(plan: GroupPlan): string {
  const [headline, ...lines] = linesOf(plan);
  const work = `${count(plan.items, 'work item')}, cost ${number(plan.cost)}`;
  return [headline, ...[...lines, work].map((line) => `  ${line}`), ''].join('\n');
}

function linesOf(plan: GroupPlan): readonly string[] {
  switch (plan.kind) {
    case 'map':
      return mapLines(plan);
    case 'contraction':
      return contractionLines(plan);
    case 'winograd':
      return winogradLines(plan);
    case 'scatter':
      return scatterLines(plan);
  }
}

function mapLines({ computations, axes, shared, serial, vector, lanes }: MapPlan): readonly string[] {
  const loops = [
    ...(shared.length > 0 ? [`shared ${axesText(shared)}`] : []),
    ...(serial.length > 0 ? [`serial ${axesText(serial)}`] : []),
    vector ? `vectors of ${lanes} along ${axisText(vector.axis)}` : 'scalar',
  ];
  return [
    `map ${namesOf(computations)}: over ${axesText(axes)}`,
    `loops: ${loops.join(', ')}`,
    ...(vector ? [`vectors: ${vectorText(vector)}`] : []),
    ...reductionLines(computations),
  ];
}

function vectorText({
  axis,
  end,
  remainder,
  unrolled,
  chunks,
  chunk,
}: NonNullable<MapPlan['vector']>): string {
  const covered = end > axis.size ? `to ${end}, past the end into the padding` : `whole to ${end}`;
  return [
    covered,
    ...(remainder > 0 ? [`then ${remainder} lanes`] : []),
    ...(chunks > 1 ? [`${chunks} chunks of ${chunk}`] : []),
    ...(chunks === 1 && unrolled ? ['unrolled'] : []),
  ].join(', ');
}

/** The reductions of the kernels, in the order in which they are computed. */
function reductionLines(computations: readonly Computation[]): readonly string[] {
  return computations.flatMap(({ kernel, formula }) =>
    nodesOf(formula).flatMap((node) =>
      node.kind === 'reduce' && node.loops
        ? [`${node.reducer} over ${axesText(node.axes)} in ${kernel.name}: ${loopsText(node.loops)}`]
        : [],
    ),
  );
}

function loopsText(loops: ReductionLoops): string {
  switch (loops.kind) {
    case 'unrolled':
      return 'unrolled';
    case 'serial':
      return `serial, ${count(loops.accumulators, 'accumulator')}`;
    case 'vector':
      return `vectors along ${axisText(loops.axis)}, ${count(loops.accumulators, 'accumulator')}`;
  }
}

function contractionLines(plan: ContractionPlan): readonly string[] {
  const { computations, batch, rows, vectors, depth, blocks, staging, scratch } = plan;
  const { split, longest } = blocks.depth;
  const cut = split ? `${axisText(split.axis)} in blocks of ${split.chunk} (${longest} elements)` : 'whole';
  const repeated = batch.length > 0 ? `batch ${axesText(batch)}, ` : '';
  return [
    `contraction ${namesOf(computations)}: ${repeated}rows ${axesText(rows.axes)}, vectors ${axesText(vectors.axes)}, depth ${axesText(depth)}`,
    `tiles: ${heightsText(rows)} × ${count(plan.tile.vectors, 'vector')} of ${plan.lanes}`,
    `blocks: ${blocks.rows.blocks} × ${blocks.vectors.blocks} of ${blocks.rows.perBlock} × ${blocks.vectors.perBlock} tiles, keeps ${blocks.keep}, depth ${cut}`,
    `packing: rows ${stagingText(staging.rows)}; vectors ${stagingText(staging.vectors)}`,
    `epilogue: ${plan.epilogue === 'unrolled' ? 'rows unrolled' : 'a loop over rows'}; scratch ${scratch.bytes} bytes`,
    ...reductionLines(computations),
    `Winograd: ${rejectionText(plan.winograd)}`,
  ];
}

function heightsText({ count: all, rows, full }: RowSide): string {
  const tiles = Math.ceil(all / rows);
  if (full === tiles) return `${tiles} of ${rows} rows`;
  return full === 0
    ? `${tiles} of ${rows - 1} rows`
    : `${full} of ${rows} and ${tiles - full} of ${rows - 1} rows`;
}

function stagingText({ access, panels, unrolled }: Staging): string {
  return `${access}, panels ${panels}${unrolled.length > 0 ? `, ${axesText(unrolled)} unrolled` : ''}`;
}

function rejectionText(rejection: WinogradRejection): string {
  switch (rejection.reason) {
    case 'disabled':
      return 'not on this machine';
    case 'no convolution':
      return 'no convolution of 3 × 3';
    case 'channels':
      return 'no single axis of channels or of filters';
    case 'short sum':
      return 'the sum is too short for the tiles of this machine';
    case 'cost':
      return `costs ${number(rejection.cost)}, must be below ${number(rejection.limit)}`;
  }
}

function winogradLines(plan: WinogradPlan): readonly string[] {
  const { form, geometry, matrices, blocks, filter } = plan;
  const { tile } = geometry;
  const windows = `${form.windowRows.id}, ${form.windowColumns.id} over ${axesText([form.rows, form.columns])}`;
  const computed =
    form.kind === 'outputs'
      ? `F(${tile} × ${tile}, 3 × 3)`
      : `F(3 × 3, ${tile} × ${tile}), the filter's gradient`;
  return [
    `winograd ${namesOf(form.computations)}: ${computed}, windows ${windows}`,
    `axes: batch ${axesText(form.batch)}, images ${axesText(form.images)}, channels ${axisText(form.channels)}, filters ${axisText(form.filters)}`,
    `tiles: ${geometry.down} × ${geometry.across} an image; blocks of ${count(geometry.images, 'image')} × ${geometry.rows} tile rows`,
    `products: ${geometry.products ** 2} of ${matrices.rows} × ${matrices.depth} × ${matrices.panels * matrices.width}, register tiles ${matrices.heights
      .map(({ tiles, height }) => `${tiles} of ${height}`)
      .join(' and ')} rows × ${count(matrices.tile.vectors, 'vector')} of ${plan.lanes}`,
    ...(filter ? [`vectors: channels of the ${filter.vectors}`] : []),
    ...reductionLines(form.computations),
    `items: ${blocks.batch} × ${blocks.images} × ${blocks.rows}; scratch ${plan.scratch} bytes; directly it would cost ${number(plan.direct)}`,
  ];
}

function scatterLines({
  name,
  rows,
  width,
  count: ids,
  vectorsPerItem,
  lanes,
}: ScatterPlan): readonly string[] {
  return [
    `scatter ${name}: ${ids} rows of ${width} into ${rows}`,
    `items own ${count(vectorsPerItem, 'vector')} of ${lanes} columns`,
  ];
}

const namesOf = (computations: readonly Computation[]) =>
  computations.map(({ kernel }) => kernel.name).join(', ');

const axesText = (axes: readonly Axis[]) => (axes.length === 0 ? '–' : axes.map(axisText).join(' '));

/** The id of a merged axis joins those of its parts. */
const axisText = ({ id, size }: Axis) => `${id}:${size}`;

const count = (many: number, what: string) => `${many} ${what}${many === 1 ? '' : 's'}`;

const number = (value: number) => String(Math.round(value));
