// Every primitive's samples: ONNX Runtime against the interpreter.
import { describe, expect, test } from 'vitest';
import { exportOnnx } from '../../../src/export/onnx/export-onnx.ts';
import { DiagnosticError } from '../../../src/diagnostics/diagnostic.ts';
import type { ElaboratedModel } from '../../../src/elaborate/model/model.ts';
import type { Graph } from '../../../src/ir/graph/type.ts';
import type { Port } from '../../../src/runtime/specification.ts';
import { cases, named, operationNames, prepare, sampleGraph, type Case } from '../../ops/samples.ts';
import { drawInputs, numbersFrom } from '../../ops/tensors.ts';
import { expectClose, runOnnx } from './run-onnx.ts';

/** A graph as the exporter takes it, every input given whole. */
function modelOf(graph: Graph, inputs: readonly Port[]): ElaboratedModel {
  return {
    graph,
    inputs,
    diagnostics: [],
    loss: undefined,
    parameters: [],
    realInputs: new Map(),
    targets: [],
    outputs: [],
    outputValues: new Map(),
    metrics: [],
    layers: [],
    losses: [],
    span: { source: { path: 'y.nn', text: '', library: false }, start: 0, end: 0 },
    inverses: [],
    statesInverse: false,
    batch: 1,
    train: { epochs: 1, batch: 1, seed: 0, validation: 0 },
    data: undefined,
  };
}

function exported({ name, sample }: Case) {
  const { builder, inputs, result } = sampleGraph({ name, sample } as Case);
  builder.output('output.y', result);
  const graph = builder.finish();
  const ports = inputs.map(({ attributes, shape }): Port => ({
    name: String(attributes['name']),
    shape,
    kind: 'real',
  }));
  const { bytes } = exportOnnx({ name, model: modelOf(graph, ports), weights: new Map(), version: '0' });
  return { bytes, graph };
}

const unwritten = new Set(['random']);

describe('ONNX Runtime computes what the interpreter does', () => {
  test.each(cases.filter(({ name }) => !unwritten.has(name)))('$title', async (each) => {
    const { bytes, graph } = exported(each);
    const tensors = drawInputs(each.sample, numbersFrom(5));
    const wanted = prepare(graph)(named(tensors)).get('output.y') ?? [];
    const given = new Map(tensors.map((tensor, i) => [`x${i}`, tensor]));
    const found = (await runOnnx(bytes, given)).get('y');
    expect(found?.shape).toEqual(graph.nodes[graph.outputs[0]?.value ?? -1]?.shape);
    expectClose(found?.data ?? [], wanted, 1e-5, 1e-6);
  });
});

test('every primitive that computes has a case', () => {
  const tested = new Set(cases.map(({ name }) => name));
  const leaves = ['input', 'stored'];
  expect(operationNames.filter((name) => !tested.has(name) && !leaves.includes(name))).toEqual([]);
});

test.each(cases.filter(({ name }) => unwritten.has(name)))('$title is refused by name', (each) => {
  try {
    exported(each);
    expect.unreachable();
  } catch (error) {
    if (!(error instanceof DiagnosticError)) throw error;
    expect(error.diagnostics[0]?.code).toBe('export.unsupported');
    expect(error.diagnostics[0]?.args).toMatchObject({ node: 'random', format: 'ONNX' });
  }
});
