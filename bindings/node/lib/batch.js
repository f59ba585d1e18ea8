// Batches: every combination of presets, characters, models, variables and seeds of a plan, on threads of the library.
import { jsonOf } from './given.js';
import { watchPipe } from './loop.js';
import { TIMEOUT, fallible, plain, struct, takeText } from './native.js';
import { optionsOf } from './options.js';
import { notAborted, onAbort } from './signals.js';

const start = fallible('scena_batch_start', ['const char *plan', 'const char *config', 'void *', 'scena_batch_options *', '_Out_ void **']);
const waitFd = plain('int scena_batch_wait_fd(void *)');
const progressOf = fallible('scena_batch_progress', ['void *', '_Out_ void **']);
const resultOf = fallible('scena_batch_result', ['void *', 'int64_t', '_Out_ void **'], [TIMEOUT]);
const stop = plain('void scena_batch_stop(void *)');
const destroy = plain('void scena_batch_destroy(void *)');

// The library's threads must be gone before Node takes itself apart.
const running = new Set();
process.on('exit', () => running.forEach((batch) => destroy(batch)));

/** How far it is, as a text. */
function progress(batch) {
  const text = [null];
  progressOf(batch, text);
  return takeText(text[0]);
}

/** Settles with the result; `hear` gets each new progress, and what it throws ends the batch. */
function follow(batch, hear = () => {}) {
  return new Promise((resolve, reject) => {
    let last = '{}';
    let failure;
    const pipe = watchPipe(waitFd(batch), () => {
      const text = [null];
      let isOver = true;
      try {
        isOver = resultOf(batch, 0, text) !== TIMEOUT;
      } catch (error) {
        failure ??= { error };
      }
      const now = progress(batch); // after the result: the last one is heard before the batch ends
      const fail = (error) => {
        failure ??= { error };
        stop(batch);
      };
      try {
        if (failure === undefined && now !== last) Promise.resolve(hear(JSON.parse(now))).catch(fail);
      } catch (error) {
        fail(error);
      }
      last = now;
      if (!isOver) return;
      pipe.destroy();
      const result = text[0] === null ? null : takeText(text[0]);
      if (failure === undefined) resolve(JSON.parse(result));
      else reject(failure.error);
    });
  });
}

/** Runs a plan. An abort ends it: it resolves with what was done. */
export async function runBatch(plan, options) {
  const { config = {}, folder = null, workers = 1, retryFailed = false, planFolder = null, onProgress, signal: given } =
    optionsOf(options, ['config', 'folder', 'workers', 'retryFailed', 'planFolder', 'onProgress', 'signal']);
  const signal = notAborted(given);
  const out = [null];
  start(jsonOf(plan, 'plan'), jsonOf(config, 'config'), null, struct('scena_batch_options', {
    flags: retryFailed ? 1 : 0, workers, folder, plan_folder: planFolder,
  }), out);
  const [batch] = out;
  running.add(batch);
  const release = onAbort(signal, () => stop(batch));
  try {
    return await follow(batch, onProgress);
  } finally {
    release();
    running.delete(batch);
    destroy(batch);
  }
}
