// The libraries of this folder's own package, which are not installed where types are checked.
declare module 'brain.js';
declare module '@jax-js/jax';
declare module '@tensorflow/tfjs';
declare module '@tensorflow/tfjs-backend-wasm';
