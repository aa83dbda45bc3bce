// The parts common to all generated C files: vectors, threads and their barrier, the loop in which a thread waits for programs, the
// exported functions, and the microkernel.
import { nativePage } from '../../runtime/native/layout.ts';
import type { TileForm } from '../loop-printer.ts';
import type { NativeMachine } from '../../schedule/machine/native.ts';
import type { Schedule } from '../../schedule/schedule.ts';

/** The maximum number of threads of a device. */
export const mostThreads = 64;

export function headText({ lanes }: NativeMachine): string {
  return `#define _GNU_SOURCE
#include <math.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#ifdef __linux__
#include <sys/mman.h>
#endif

/** Vectors: floats, and integers that are also masks, with all bits of a lane set or none. */
enum { lanes = ${lanes} };
typedef float vec __attribute__((vector_size(${4 * lanes})));
typedef int ints __attribute__((vector_size(${4 * lanes})));
/** A vector in memory, at any float. */
typedef float loose __attribute__((vector_size(${4 * lanes}), aligned(4), may_alias));

/** One number in all lanes. */
static inline vec splat(float x) {
  return x - (vec){0.0f};
}

static inline ints splat_int(int x) {
  return x - (ints){0};
}

static inline vec load(const float *at) {
  return *(const loose *)at;
}

static inline void store(float *at, vec x) {
  *(loose *)at = x;
}

/** Lanes of \`yes\` where the mask is set, else of \`no\`. */
static inline vec choose(ints mask, vec yes, vec no) {
  return (vec)(((ints)yes & mask) | ((ints)no & ~mask));
}

/** Where 0 ≤ x < limit. */
static inline ints inside(ints x, int limit) {
  return (x >= splat_int(0)) & (x < splat_int(limit));
}

static inline long least(long a, long b) {
  return a < b ? a : b;
}`;
}

export const threadText = `/** One model in memory, and the threads that run its programs together. What they change lies a cache line apart. */
struct device {
  /** Threads that have come to the barrier. */
  _Alignas(64) atomic_int arrived;
  /** Incremented when a barrier opens. */
  _Alignas(64) atomic_int generation;
  /** Incremented when a program is to be run. */
  _Alignas(64) atomic_int job;
  /** How many threads sleep. */
  _Alignas(64) atomic_int sleeping;
  /** Which program is to be run; −1 ends the threads. */
  _Alignas(64) int program;
  int threads;
  float *memory;
  /** Bytes of it. */
  size_t bytes;
  pthread_mutex_t lock;
  pthread_cond_t changed;
  pthread_t pool[${mostThreads}];
  /** What each thread computes in the start-up test. */
  float check[${mostThreads}];
};

static inline void relax(void) {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}

/** Returns when the word is no longer \`value\`: spins first, for waking takes long, then sleeps. */
static void wait_while(struct device *device, atomic_int *word, int value, int spins) {
  for (int i = 0; i < spins; i++) {
    if (atomic_load_explicit(word, memory_order_acquire) != value) return;
    relax();
  }
  pthread_mutex_lock(&device->lock);
  atomic_fetch_add(&device->sleeping, 1);
  while (atomic_load(word) == value) pthread_cond_wait(&device->changed, &device->lock);
  atomic_fetch_sub(&device->sleeping, 1);
  pthread_mutex_unlock(&device->lock);
}

static void wake(struct device *device) {
  if (atomic_load(&device->sleeping) == 0) return;
  pthread_mutex_lock(&device->lock);
  pthread_cond_broadcast(&device->changed);
  pthread_mutex_unlock(&device->lock);
}

/** No thread leaves before all have come. */
static void barrier(struct device *device, int threads) {
  if (threads == 1) return;
  const int now = atomic_load_explicit(&device->generation, memory_order_relaxed);
  if (atomic_fetch_add(&device->arrived, 1) == threads - 1) {
    atomic_store_explicit(&device->arrived, 0, memory_order_relaxed);
    atomic_store(&device->generation, now + 1);
    wake(device);
  } else wait_while(device, &device->generation, now, 5000);
}

/** Where a thread's share of the work items begins; the next thread's is its end. A single item is thread 0's. */
static inline long part(int thread, int threads, long items) {
  return (thread * items + threads - 1) / threads;
}`;

/** The exported functions and those that they call. `names`: the programs, by the runtime's numbers. */
export function workText(
  names: readonly string[],
  memory: Pick<Schedule, 'bytes' | 'scratch' | 'reach'>,
): string {
  return [programTableText(names), workerText, supportText, runText, createText(memory), accessText].join(
    '\n\n',
  );
}

function programTableText(names: readonly string[]): string {
  const listed = [...names, 'check'].map((name) => `  ${name},`).join('\n');
  return `/** The start-up test: a product and a sum in every thread. */
static void check(struct device *device, int thread, int threads) {
  (void)threads;
  const vec x = splat((float)(thread + 1)) * splat(7.0f) + splat(1.0f);
  device->check[thread] = x[lanes - 1];
}

static void (*const programs[])(struct device *, int, int) = {
${listed}
};`;
}

const workerText = `struct start {
  struct device *device;
  int thread;
};

/** A thread: runs the programs that thread 0 announces, until it announces none. */
static void *work(void *argument) {
  struct device *const device = ((struct start *)argument)->device;
  const int thread = ((struct start *)argument)->thread;
  free(argument);
  for (int seen = 0;;) {
    wait_while(device, &device->job, seen, 5000);
    seen = atomic_load(&device->job);
    if (device->program < 0) return NULL;
    programs[device->program](device, thread, device->threads);
    barrier(device, device->threads);
  }
}

/** Asks the other threads to run a program. */
static void announce(struct device *device, int program) {
  device->program = program;
  atomic_fetch_add(&device->job, 1);
  wake(device);
}`;

const supportText = `/** Whether this processor has all that the file was compiled for. */
int nnc_supported(void) {
#if defined(__x86_64__)
  __builtin_cpu_init();
#ifdef __AVX512F__
  if (!__builtin_cpu_supports("avx512f") || !__builtin_cpu_supports("avx512dq")) return 0;
#endif
#ifdef __AVX2__
  if (!__builtin_cpu_supports("avx2")) return 0;
#endif
#ifdef __FMA__
  if (!__builtin_cpu_supports("fma")) return 0;
#endif
#endif
  return 1;
}`;

const runText = `/** Runs a program on all threads, this one among them; one call at a time. */
void nnc_run(struct device *device, int program) {
  if (device->threads > 1) announce(device, program);
  programs[program](device, 0, device->threads);
  barrier(device, device->threads);
}

/** Ends the threads and gives everything back. */
void nnc_destroy(struct device *device) {
  announce(device, -1);
  for (int i = 1; i < device->threads; i++) pthread_join(device->pool[i], NULL);
  pthread_cond_destroy(&device->changed);
  pthread_mutex_destroy(&device->lock);
  free(device->memory);
  free(device);
}`;

function createText({ bytes, scratch, reach }: Pick<Schedule, 'bytes' | 'scratch' | 'reach'>): string {
  return `/** A device with zeroed memory and threads that wait for programs; NULL if the system refuses. */
struct device *nnc_create(int threads) {
  // full huge pages: fewer misses in the translation of addresses
  const size_t page = ${nativePage};
  const size_t bytes = (${bytes + reach} + (size_t)threads * ${scratch} + page - 1) / page * page;
  struct device *const device = aligned_alloc(64, (sizeof(struct device) + 63) / 64 * 64);
  if (!device) return NULL;
  memset(device, 0, sizeof *device);
  device->threads = 1;
  device->bytes = bytes;
  device->memory = aligned_alloc(page, bytes);
  if (!device->memory) {
    free(device);
    return NULL;
  }
#ifdef MADV_HUGEPAGE
  madvise(device->memory, bytes, MADV_HUGEPAGE);
#endif
  memset(device->memory, 0, bytes);
  pthread_mutex_init(&device->lock, NULL);
  pthread_cond_init(&device->changed, NULL);
  // signals go to the threads of the process that loads this file
  sigset_t every_signal, before;
  sigfillset(&every_signal);
  pthread_sigmask(SIG_SETMASK, &every_signal, &before);
  int failed = 0;
  for (int i = 1; i < threads && !failed; i++) {
    struct start *const start = malloc(sizeof *start);
    if (!start) {
      failed = 1;
      break;
    }
    *start = (struct start){device, i};
    failed = pthread_create(&device->pool[i], NULL, work, start) != 0;
    if (failed) free(start);
    else device->threads = i + 1;
  }
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  if (!failed) return device;
  nnc_destroy(device);
  return NULL;
}`;
}

const accessText = `float *nnc_memory(struct device *device) {
  return device->memory;
}

/** Bytes that were allocated; a number that JavaScript holds as it is. */
double nnc_allocated(struct device *device) {
  return (double)device->bytes;
}

/** What a thread computed in the start-up test. */
float nnc_check(struct device *device, int thread) {
  return device->check[thread];
}`;

/** c = [c +] Σ over depth of a panel's column times the other panel's row; sums stay in registers. */
export function tileText(
  name: string,
  { rows, vectors, stride, step }: TileForm,
  { lanes }: NativeMachine,
): string {
  const each = (line: (row: number, vector: number) => string) =>
    Array.from({ length: rows }, (_, row) =>
      Array.from({ length: vectors }, (__, vector) => line(row, vector)).join(' '),
    ).join('\n');
  const sum = (row: number, vector: number) => `c${row}_${vector}`;
  const place = (row: number, vector: number) => `c + ${lanes * (row * vectors + vector)}`;
  const columns = Array.from({ length: vectors }, (_, vector) => vector);
  return `/** The microkernel: a ${rows} × ${vectors * lanes} tile of sums. */
static void ${name}(const float *a, const float *b, long depth, float *c, long accumulate) {
${Array.from({ length: rows }, (_, row) => `  vec ${columns.map((vector) => `${sum(row, vector)} = {0}`).join(', ')};`).join('\n')}
  if (accumulate) {
${each((row, vector) => `    ${sum(row, vector)} = load(${place(row, vector)});`)}
  }
  for (const float *const end = a + depth * ${stride}; a < end; a += ${stride}, b += ${vectors * lanes}) {
    const vec ${columns.map((vector) => `b${vector} = load(b${vector === 0 ? '' : ` + ${lanes * vector}`})`).join(', ')};
    vec x;
${Array.from(
  { length: rows },
  (_, row) =>
    `    x = splat(a[${step * row}]); ` +
    columns.map((vector) => `${sum(row, vector)} = x * b${vector} + ${sum(row, vector)};`).join(' '),
).join('\n')}
  }
${each((row, vector) => `  store(${place(row, vector)}, ${sum(row, vector)});`)}
}`;
}
