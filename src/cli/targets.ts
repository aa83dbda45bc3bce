// What a model can be compiled to, and which it is when nobody says.

export const targets = ['gpujs'] as const;
export type Target = (typeof targets)[number];

export const modes = ['webgpu', 'headlessgl', 'webasm', 'cpu'] as const;

export const defaultTarget: Target = 'gpujs';
