// The runtime's public interface, for generated modules and for people who use one.
export { createModel } from './create-model.ts';
export { ModelFileError, ModelInputError, ModelStateError, SafetensorsError } from './errors.ts';
export type { Arrays, Executable } from './executable.ts';
export type { DeviceArray, KernelThis, Run } from './gpu/device.ts';
export type { DeviceOptions } from './generated-module.ts';
export { ModelError } from './model-error.ts';
export { ExampleError } from './preparation/example-error.ts';
export type { ColumnForm, InputForm, Normalization, Preparation, TargetForm } from './preparation/form.ts';
export type { Picture } from './preparation/pictures.ts';
export type { Example, Numbers, RawInput, Row } from './preparation/prepare.ts';
export type { Prediction } from './preparation/present.ts';
export type { Cell } from './preparation/rows.ts';
export { linkGpu, type DeviceArrays, type GpuModelOptions, type ProgramResult } from './gpu/executable.ts';
export { GpuModeError, gpuModes, type GpuMode } from './gpu/modes.ts';
export { initialize } from './initialize.ts';
export type {
  Evaluation,
  ForwardOptions,
  Gradient,
  Metric,
  Model,
  ModelArray,
  ModelArrays,
  ModelOptions,
  ModelTypes,
  Named,
  StepResult,
} from './model.ts';
export { readBytes } from './read-bytes.ts';
export { hashNumbers, hashText, randomKey, uniform } from './random.ts';
export { readSafetensors, writeSafetensors, type SafetensorsFile, type TensorView } from './safetensors.ts';
export { toFloat32, type Dtype } from './safetensors-dtypes.ts';
export type {
  DataSetting,
  Initializer,
  Json,
  ModelSpecification,
  Port,
  ProgramName,
  Result,
  Storage,
  StoredTensor,
  TrainSettings,
} from './specification.ts';
export { mergeStatistics } from './statistics.ts';
export type { Tensor } from './tensor.ts';
export { linkNative, type NativeBuild, type NativeModelOptions } from './native/link-native.ts';
export { linkWasm, type WasmBuild, type WasmModelOptions } from './wasm/link-wasm.ts';
export { allocatedBytes, type MemoryUse } from './memory-use.ts';
