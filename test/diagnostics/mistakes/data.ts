// Mistakes with data: the `data` line, and tables that are otherwise than it says.
import type { Mistake } from './grade.ts';

const model = (data: string, { input = '[2]', target = 'class(2)', net = 'Linear(2)' } = {}) => `model Trees {
  input  size: ${input}
  target kind: ${target}
  net { ${net} }
  loss      CrossEntropy
  optimizer Adam
  data      ${data}
}
`;

const table = 'height,width,kind\n12.5,3,oak\n30,4.5,fir\n11,2.5,oak\n28,5,fir\n';
const file = (data: string, rows = table, ports = {}) => `${model(data, ports)}\n---\n${rows}`;
const usual = 'csv("trees.csv", target = "kind")';

/** In the `data` line. */
const inLine = (habit: string, wrong: string, right = usual): Mistake => ({
  habit,
  wrong: file(wrong),
  right: file(right),
});

/** In the table. */
const inTable = (
  habit: string,
  wrong: string,
  right: string,
  data = usual,
  mended = data,
  ports = {},
): Mistake => ({
  habit,
  wrong: file(data, wrong, ports),
  right: file(mended, right, ports),
});

export const dataMistakes: readonly Mistake[] = [
  inLine('a misspelt source', '«cvs»("trees.csv", target = "kind")'),
  inLine('a source in capitals', '«CSV»("trees.csv", target = "kind")'),
  inLine('pandas’ read_csv', '«read_csv»("trees.csv", target = "kind")'),
  inLine('an argument’s other name', 'csv("trees.csv", «label» = "kind")'),
  inLine(
    'delimiter',
    'csv("trees.csv", target = "kind", «delimiter» = ",")',
    'csv("trees.csv", target = "kind", separator = ",")',
  ),
  inLine(
    'test_size',
    'csv("trees.csv", target = "kind", «test_size» = 0.5)',
    'csv("trees.csv", target = "kind", test = 0.5)',
  ),
  inLine(
    'na_values',
    'csv("trees.csv", target = "kind", «na_values» = "NA")',
    'csv("trees.csv", target = "kind", missing_marks = "NA")',
  ),
  inLine('no target', '«csv»("trees.csv")'),
  inLine('a column that there is not', 'csv("trees.csv", target = "«kid»")'),
  inLine('a column in capitals', 'csv("trees.csv", target = "«Kind»")'),
  inLine(
    'a share in per cent',
    'csv("trees.csv", target = "kind", test = «50»)',
    'csv("trees.csv", target = "kind", test = 0.5)',
  ),
  inLine(
    'a truth in quotes',
    'csv("trees.csv", target = "kind", normalize = «"true"»)',
    'csv("trees.csv", target = "kind", normalize = true)',
  ),
  inLine(
    'yes',
    'csv("trees.csv", target = "kind", normalize = «yes»)',
    'csv("trees.csv", target = "kind", normalize = true)',
  ),
  inLine('a misspelt file', 'csv("«tree.csv»", target = "kind")'),
  inTable(
    'texts in a column of numbers',
    'height,width,kind\n12.5,«thin»,oak\n30,thin,fir\n',
    'height,width,kind\n12.5,thin,oak\n30,thin,fir\n',
    usual,
    'csv("trees.csv", target = "kind", categorical = ["width"])',
  ),
  inTable(
    'an empty cell',
    'height,width,kind\n12.5«,»,oak\n30,4.5,fir\n',
    'height,width,kind\n12.5,,oak\n30,4.5,fir\n',
    usual,
    'csv("trees.csv", target = "kind", missing = mean)',
  ),
  inTable(
    'a mark of missing cells',
    'height,width,kind\n12.5,«?»,oak\n30,4.5,fir\n',
    'height,width,kind\n12.5,?,oak\n30,4.5,fir\n',
    'csv("trees.csv", target = "kind", missing = mean)',
    'csv("trees.csv", target = "kind", missing = mean, missing_marks = "?")',
  ),
  inTable(
    'a decimal comma',
    'height;width;kind\n«12,5»;3;oak\n30;4,5;fir\n',
    'height;width;kind\n12,5;3;oak\n30;4,5;fir\n',
    'csv("trees.csv", target = "kind", separator = ";")',
    'csv("trees.csv", target = "kind", separator = ";", decimal = ",")',
  ),
  inTable(
    'another separator',
    'height«;»width;kind\n12.5;3;oak\n30;4.5;fir\n',
    'height;width;kind\n12.5;3;oak\n30;4.5;fir\n',
    usual,
    'csv("trees.csv", target = "kind", separator = ";")',
  ),
  inTable('a row that is too short', 'height,width,kind\n«12.5,3»\n30,4.5,fir\n', table),
  inTable(
    'a unit behind a number',
    'height,width,kind\n«12.5m»,3,oak\n30,4.5,fir\n',
    'height,width,kind\n12.5,3,oak\n30,4.5,fir\n',
  ),
  { habit: 'another number of columns', wrong: file(usual, table, { input: '«[3]»' }), right: file(usual) },
  {
    habit: 'more classes than declared',
    wrong: file(usual, table.replace('fir', 'elm'), { target: '«class(2)»', net: 'Linear(2)' }),
    right: file(usual, table.replace('fir', 'elm'), { target: 'class(3)', net: 'Linear(3)' }),
  },
];
