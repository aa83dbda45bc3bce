// Mistakes of the command line: the words of other tools, and values that are not meant so.
import type { Mistake } from './grade.ts';

const commands: readonly Mistake[] = [
  { habit: 'fit', wrong: 'nnc «fit» digits.nn', right: 'nnc train digits.nn' },
  { habit: 'run', wrong: 'nnc «run» digits.nn', right: 'nnc train digits.nn' },
  { habit: 'test', wrong: 'nnc «test» digits.nn', right: 'nnc eval digits.nn' },
  { habit: 'evaluate', wrong: 'nnc «evaluate» digits.nn', right: 'nnc eval digits.nn' },
  { habit: 'build', wrong: 'nnc «build» digits.nn', right: 'nnc compile digits.nn' },
  { habit: 'infer', wrong: 'nnc «infer» digits.nn image.png', right: 'nnc predict digits.nn image.png' },
  { habit: 'validate', wrong: 'nnc «validate» digits.nn', right: 'nnc check digits.nn' },
  { habit: 'format', wrong: 'nnc «format» digits.nn', right: 'nnc fmt digits.nn' },
  { habit: 'plot', wrong: 'nnc «plot» digits.nn', right: 'nnc graph digits.nn' },
  { habit: 'info', wrong: 'nnc «info» digits.nn', right: 'nnc summary digits.nn' },
  { habit: 'benchmark', wrong: 'nnc «benchmark» digits.nn', right: 'nnc bench digits.nn' },
  {
    habit: 'convert',
    wrong: 'nnc «convert» digits.nn --format onnx',
    right: 'nnc export digits.nn --format onnx',
  },
  { habit: 'download', wrong: 'nnc «download» mnist', right: 'nnc data get mnist' },
  { habit: 'ls', wrong: 'nnc «ls»', right: 'nnc runs' },
  { habit: 'docs', wrong: 'nnc «docs» Linear', right: 'nnc doc Linear' },
  { habit: 'a misspelt command', wrong: 'nnc «trian» digits.nn', right: 'nnc train digits.nn' },
  { habit: 'a file without a command', wrong: 'nnc «digits.nn»', right: 'nnc train digits.nn' },
  { habit: 'a file without its ending', wrong: 'nnc check «digits»', right: 'nnc check digits.nn' },
  { habit: 'a misspelt file', wrong: 'nnc check «digts.nn»', right: 'nnc check digits.nn' },
];

const options: readonly Mistake[] = [
  { habit: '--lr', wrong: 'nnc train digits.nn «--lr» 0.01', right: 'nnc train digits.nn --set lr=0.01' },
  { habit: '--lr=', wrong: 'nnc train digits.nn «--lr»=0.01', right: 'nnc train digits.nn --set lr=0.01' },
  {
    habit: '--learning-rate',
    wrong: 'nnc train digits.nn «--learning-rate» 0.01',
    right: 'nnc train digits.nn --set lr=0.01',
  },
  {
    habit: '--batch-size',
    wrong: 'nnc train digits.nn «--batch-size» 32',
    right: 'nnc train digits.nn --batch 32',
  },
  {
    habit: '--batch_size',
    wrong: 'nnc train digits.nn «--batch_size» 32',
    right: 'nnc train digits.nn --batch 32',
  },
  { habit: '--epoch', wrong: 'nnc train digits.nn «--epoch» 3', right: 'nnc train digits.nn --epochs 3' },
  { habit: '-e', wrong: 'nnc train digits.nn «-e» 3', right: 'nnc train digits.nn --epochs 3' },
  { habit: '--gpu', wrong: 'nnc train digits.nn «--gpu»', right: 'nnc train digits.nn --mode webgpu' },
  {
    habit: '--device cuda',
    wrong: 'nnc train digits.nn «--device» cuda',
    right: 'nnc train digits.nn --mode webgpu',
  },
  {
    habit: '--device cpu',
    wrong: 'nnc train digits.nn «--device» cpu',
    right: 'nnc train digits.nn --target wasm',
  },
  { habit: '--cpu', wrong: 'nnc train digits.nn «--cpu»', right: 'nnc train digits.nn --target wasm' },
  {
    habit: '--backend',
    wrong: 'nnc train digits.nn «--backend» wasm',
    right: 'nnc train digits.nn --target wasm',
  },
  {
    habit: '--workers',
    wrong: 'nnc train digits.nn «--workers» 2',
    right: 'nnc train digits.nn --threads 2',
  },
  {
    habit: '--momentum',
    wrong: 'nnc train digits.nn «--beta1» 0.8',
    right: 'nnc train digits.nn --set beta1=0.8',
  },
  {
    habit: '--val-split',
    wrong: 'nnc train digits.nn «--val-split» 0.1',
    right: 'nnc train digits.nn --validation 0.1',
  },
  {
    habit: '--early-stopping',
    wrong: 'nnc train digits.nn «--early-stopping» 5',
    right: 'nnc train digits.nn --patience 5',
  },
  {
    habit: '--random-seed',
    wrong: 'nnc train digits.nn «--random-seed» 7',
    right: 'nnc train digits.nn --seed 7',
  },
  {
    habit: '--output',
    wrong: 'nnc compile digits.nn «--output» out',
    right: 'nnc compile digits.nn --out out',
  },
  { habit: '-o', wrong: 'nnc compile digits.nn «-o» out', right: 'nnc compile digits.nn --out out' },
  {
    habit: '--weights',
    wrong: 'nnc eval digits.nn «--weights» best',
    right: 'nnc eval digits.nn --checkpoint best',
  },
  {
    habit: '--data-dir',
    wrong: 'nnc train digits.nn «--data-dir» data',
    right: 'nnc train digits.nn --data-root data',
  },
];

const values: readonly Mistake[] = [
  {
    habit: '--validation in percent',
    wrong: 'nnc train digits.nn --validation «10»',
    right: 'nnc train digits.nn --validation 0.1',
  },
  {
    habit: 'a per cent sign',
    wrong: 'nnc train digits.nn --validation «10%»',
    right: 'nnc train digits.nn --validation 0.1',
  },
  {
    habit: 'a time without a unit',
    wrong: 'nnc train digits.nn --max-time «10»',
    right: 'nnc train digits.nn --max-time 10s',
  },
  {
    habit: '--set with a space',
    wrong: 'nnc train digits.nn --set «lr» 0.01',
    right: 'nnc train digits.nn --set lr=0.01',
  },
  {
    habit: '--set with a colon',
    wrong: 'nnc train digits.nn --set «lr:0.01»',
    right: 'nnc train digits.nn --set lr=0.01',
  },
  {
    habit: '--set of another name',
    wrong: 'nnc check digits.nn --set «learning_rate»=0.01',
    right: 'nnc check digits.nn --set lr=0.01',
  },
  {
    habit: 'epochs as a power',
    wrong: 'nnc train digits.nn --epochs «1e2»',
    right: 'nnc train digits.nn --epochs 100',
  },
  {
    habit: 'epochs with a point',
    wrong: 'nnc train digits.nn --epochs «5.0»',
    right: 'nnc train digits.nn --epochs 5',
  },
  {
    habit: '--target gpu',
    wrong: 'nnc train digits.nn --target «gpu»',
    right: 'nnc train digits.nn --target gpujs',
  },
  {
    habit: '--target js',
    wrong: 'nnc train digits.nn --target «js»',
    right: 'nnc train digits.nn --target wasm',
  },
  {
    habit: '--mode cuda',
    wrong: 'nnc train digits.nn --mode «cuda»',
    right: 'nnc train digits.nn --mode webgpu',
  },
  {
    habit: '--format pytorch',
    wrong: 'nnc export digits.nn --format «pytorch»',
    right: 'nnc export digits.nn --format safetensors',
  },
  {
    habit: '--format png',
    wrong: 'nnc graph digits.nn --format «png»',
    right: 'nnc graph digits.nn --format svg',
  },
  {
    habit: 'a flag with a value',
    wrong: 'nnc train digits.nn --json=«true»',
    right: 'nnc train digits.nn --json',
  },
  { habit: 'doc of a foreign name', wrong: 'nnc doc «Dense»', right: 'nnc doc Linear' },
  { habit: 'doc in small letters', wrong: 'nnc doc «crossentropy»', right: 'nnc doc CrossEntropy' },
  {
    habit: 'a form that there is not',
    wrong: 'nnc compile digits.nn --emit «typescript»',
    right: 'nnc compile digits.nn --emit ts',
  },
  {
    habit: '--part dev',
    wrong: 'nnc eval digits.nn --part «val»',
    right: 'nnc eval digits.nn --part validation',
  },
];

export const commandLines: readonly Mistake[] = [...commands, ...options, ...values];
