// What needs no engine: the library's version, the faults of a preset, the metrics of a message.
import { jsonOf } from './given.js';
import { fallible, plain, takeText } from './native.js';

const versionString = plain('const char *scena_version_string()');
const presetCheck = fallible('scena_preset_check', ['const char *preset', '_Out_ void **']);
const createMeter = fallible('scena_meter_create', ['_Out_ void **']);
const measure = fallible('scena_meter_measure', ['void *', 'const char *message', '_Out_ void **']);
const destroyMeter = plain('void scena_meter_destroy(void *)');
const forgotten = new FinalizationRegistry((handle) => destroyMeter(handle));

export const version = () => versionString();

export function checkPreset(preset) {
  const out = [null];
  presetCheck(jsonOf(preset, 'preset'), out);
  return JSON.parse(takeText(out[0]));
}

export class Meter {
  #handle;

  constructor() {
    const out = [null];
    createMeter(out);
    [this.#handle] = out;
    forgotten.register(this, this.#handle);
  }

  measure(message) {
    const out = [null];
    measure(this.#handle, jsonOf(typeof message === 'string' ? { text: message } : message, 'message'), out);
    return JSON.parse(takeText(out[0]));
  }
}
