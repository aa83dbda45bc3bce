// The part of the ONNX format that exported models use (onnx.proto3, IR version 8): plain data in, protobuf bytes out. The field numbers
// are the format's own.
import { PbfWriter } from 'pbf';

export type OnnxAttribute =
  | { readonly name: string; readonly int: number }
  | { readonly name: string; readonly ints: readonly number[] }
  | { readonly name: string; readonly float: number }
  | { readonly name: string; readonly floats: readonly number[] }
  | { readonly name: string; readonly text: string }
  | { readonly name: string; readonly texts: readonly string[] };

export interface OnnxNode {
  readonly operator: string;
  readonly name: string;
  readonly inputs: readonly string[];
  readonly output: string;
  readonly attributes: readonly OnnxAttribute[];
  readonly comment: string;
}

export type OnnxData =
  | { readonly type: 'float'; readonly values: Float32Array }
  | { readonly type: 'double'; readonly values: Float64Array }
  | { readonly type: 'int64'; readonly values: readonly number[] };

export interface OnnxTensor {
  readonly name: string;
  readonly dimensions: readonly number[];
  readonly data: OnnxData;
}

/** A dimension that is a text is dynamic. */
export interface OnnxPort {
  readonly name: string;
  readonly type: keyof typeof elementTypes;
  readonly dimensions: readonly (number | string)[];
  readonly comment: string;
}

export interface OnnxModel {
  readonly name: string;
  readonly producerVersion: string;
  readonly comment: string;
  readonly nodes: readonly OnnxNode[];
  readonly initializers: readonly OnnxTensor[];
  readonly inputs: readonly OnnxPort[];
  readonly outputs: readonly OnnxPort[];
  readonly metadata: ReadonlyMap<string, string>;
}

/** The operator set: the newest whose reductions all take their axes in one of two known ways. */
export const operatorSet = 17;
const irVersion = 8;

export const elementTypes = { float: 1, uint8: 2, int64: 7, string: 8, double: 11 } as const;
const attributeTypes = { float: 1, int: 2, text: 3, floats: 6, ints: 7, texts: 8 } as const;

/** Operators for what is no tensor of numbers stand in a set of their own. */
const learningDomain = 'ai.onnx.ml';
const learningSet = 2;
const learningOperators: ReadonlySet<string> = new Set(['LabelEncoder']);

export function encodeOnnx(model: OnnxModel): Uint8Array {
  const pbf = new PbfWriter();
  pbf.writeVarintField(1, irVersion);
  pbf.writeStringField(2, 'nnc');
  pbf.writeStringField(3, model.producerVersion);
  pbf.writeStringField(6, model.comment);
  pbf.writeMessage(7, writeGraph, model);
  pbf.writeMessage(8, writeOperatorSet, { domain: '', version: operatorSet });
  if (model.nodes.some(({ operator }) => learningOperators.has(operator)))
    pbf.writeMessage(8, writeOperatorSet, { domain: learningDomain, version: learningSet });
  for (const entry of model.metadata) pbf.writeMessage(14, writeEntry, entry);
  return pbf.finish();
}

interface OperatorSet {
  readonly domain: string;
  readonly version: number;
}

function writeOperatorSet({ domain, version }: OperatorSet, pbf: PbfWriter): void {
  pbf.writeStringField(1, domain);
  pbf.writeVarintField(2, version);
}

function writeEntry([key, value]: readonly [string, string], pbf: PbfWriter): void {
  pbf.writeStringField(1, key);
  pbf.writeStringField(2, value);
}

function writeGraph({ name, nodes, initializers, inputs, outputs }: OnnxModel, pbf: PbfWriter): void {
  for (const node of nodes) pbf.writeMessage(1, writeNode, node);
  pbf.writeStringField(2, name);
  for (const tensor of initializers) pbf.writeMessage(5, writeTensor, tensor);
  for (const port of inputs) pbf.writeMessage(11, writePort, port);
  for (const port of outputs) pbf.writeMessage(12, writePort, port);
}

function writeNode({ operator, name, inputs, output, attributes, comment }: OnnxNode, pbf: PbfWriter): void {
  for (const input of inputs) pbf.writeStringField(1, input);
  pbf.writeStringField(2, output);
  pbf.writeStringField(3, name);
  pbf.writeStringField(4, operator);
  for (const attribute of attributes) pbf.writeMessage(5, writeAttribute, attribute);
  if (comment !== '') pbf.writeStringField(6, comment);
  if (learningOperators.has(operator)) pbf.writeStringField(7, learningDomain);
}

function writeAttribute(attribute: OnnxAttribute, pbf: PbfWriter): void {
  pbf.writeStringField(1, attribute.name);
  if ('float' in attribute) {
    pbf.writeFloatField(2, attribute.float);
    pbf.writeVarintField(20, attributeTypes.float);
  } else if ('int' in attribute) {
    pbf.writeVarintField(3, attribute.int);
    pbf.writeVarintField(20, attributeTypes.int);
  } else if ('text' in attribute) {
    pbf.writeBytesField(4, new TextEncoder().encode(attribute.text));
    pbf.writeVarintField(20, attributeTypes.text);
  } else if ('floats' in attribute) {
    for (const value of attribute.floats) pbf.writeFloatField(7, value);
    pbf.writeVarintField(20, attributeTypes.floats);
  } else if ('texts' in attribute) {
    for (const text of attribute.texts) pbf.writeBytesField(9, new TextEncoder().encode(text));
    pbf.writeVarintField(20, attributeTypes.texts);
  } else {
    for (const value of attribute.ints) pbf.writeVarintField(8, value);
    pbf.writeVarintField(20, attributeTypes.ints);
  }
}

function writeTensor({ name, dimensions, data }: OnnxTensor, pbf: PbfWriter): void {
  for (const size of dimensions) pbf.writeVarintField(1, size);
  pbf.writeVarintField(2, elementTypes[data.type]);
  pbf.writeStringField(8, name);
  pbf.writeBytesField(9, rawBytes(data));
}

/** Little-endian, as the format asks. */
function rawBytes(data: OnnxData): Uint8Array {
  if (data.type !== 'int64') {
    const { buffer, byteOffset, byteLength } = data.values;
    return new Uint8Array(buffer, byteOffset, byteLength);
  }
  const bytes = new Uint8Array(8 * data.values.length);
  const view = new DataView(bytes.buffer);
  data.values.forEach((value, i) => view.setBigInt64(8 * i, BigInt(value), true));
  return bytes;
}

function writePort({ name, type, dimensions, comment }: OnnxPort, pbf: PbfWriter): void {
  pbf.writeStringField(1, name);
  pbf.writeMessage(2, writeType, { type, dimensions });
  if (comment !== '') pbf.writeStringField(3, comment);
}

type TensorType = Pick<OnnxPort, 'type' | 'dimensions'>;

function writeType(type: TensorType, pbf: PbfWriter): void {
  pbf.writeMessage(1, writeTensorType, type);
}

function writeTensorType({ type, dimensions }: TensorType, pbf: PbfWriter): void {
  pbf.writeVarintField(1, elementTypes[type]);
  pbf.writeMessage(2, writeShape, dimensions);
}

function writeShape(dimensions: TensorType['dimensions'], pbf: PbfWriter): void {
  for (const dimension of dimensions) pbf.writeMessage(1, writeDimension, dimension);
}

function writeDimension(dimension: number | string, pbf: PbfWriter): void {
  if (typeof dimension === 'number') pbf.writeVarintField(1, dimension);
  else pbf.writeStringField(2, dimension);
}
