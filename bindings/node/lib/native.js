// The functions of the C ABI as koffi sees them, and what every call of them has in common.
import koffi from 'koffi';
import { ScenaError } from './errors.js';

const abiVersion = 1;
const lib = koffi.load(process.env.SCENA_LIBRARY ?? 'libscena.so.1');

// user_data is a number here: it names an object of ours, and no pointer to one is ever needed.
koffi.proto('void scena_start(intptr_t data, const char *request, void *handle)');
koffi.proto('void scena_cancel(intptr_t data, void *handle)');
const texts = koffi.pointer('char *');
const structs = {
  scena_session_options: {
    struct_size: 'uint32_t', reserved: 'uint32_t', seed: 'uint64_t', id: 'str', owner: 'str', title: 'str',
    provider: 'str', model: 'str', command_id: 'str', variables: texts, labels: texts, played_by: texts,
  },
  scena_send_options: {
    struct_size: 'uint32_t', reserved: 'uint32_t', deadline_ms: 'int64_t', participant: 'str', command_id: 'str',
    character: 'str', model: 'str',
  },
  scena_events_options: { struct_size: 'uint32_t', flags: 'uint32_t', after: 'str', participant: 'str' },
  scena_event: {
    struct_size: 'uint32_t', is_durable: 'uint32_t', seq: 'uint64_t', off: 'int64_t', type: 'str', text: 'str',
    text_len: 'size_t', json: 'str', json_len: 'size_t', cursor: 'str',
  },
  scena_provider: {
    struct_size: 'uint32_t', reserved: 'uint32_t', user_data: 'intptr_t', start: 'scena_start *',
    cancel: 'scena_cancel *', destroy: 'void *',
  },
  scena_tool: {
    struct_size: 'uint32_t', flags: 'uint32_t', user_data: 'intptr_t', name: 'str', description: 'str',
    parameters_json: 'str', time_limit_ms: 'int64_t', cache_for_ms: 'int64_t', call: 'scena_start *',
    cancel: 'scena_cancel *', destroy: 'void *',
  },
};

if (lib.func('uint32_t scena_abi_version()')() !== abiVersion) {
  throw new Error('the scena library found has another binary interface; set SCENA_LIBRARY to one of version 0.1');
}
const sizeOf = lib.func('size_t scena_abi_sizeof(const char *)');
for (const [name, members] of Object.entries(structs)) {
  const size = koffi.sizeof(koffi.struct(name, members));
  if (Number(sizeOf(name)) !== size) throw new Error(`${name} has another size in the scena library found`);
}

/** A struct of the C ABI; members that are left out are zero. */
export function struct(name, members = {}) {
  const made = {};
  for (const member of Object.keys(structs[name])) {
    made[member] = members[member] ?? (/^u?int|size/.test(structs[name][member]) ? 0 : null);
  }
  made.struct_size = koffi.sizeof(name);
  return made;
}

const functions = new Map();
function bound(signature) {
  if (!functions.has(signature)) functions.set(signature, lib.func(signature));
  return functions.get(signature);
}

const errorCode = bound('int32_t scena_error_code(void *)');
const errorMessage = bound('const char *scena_error_message(void *)');
const errorPointer = bound('const char *scena_error_pointer(void *)');
const errorRetry = bound('int64_t scena_error_retry_after_ms(void *)');
const destroyError = bound('void scena_error_destroy(void *)');

export const OK = 0;
export const TIMEOUT = 12;
export const CLOSED = 30;

function toError(status, handle) {
  if (handle === null) return new ScenaError(status, 'the call failed', '', undefined);
  const retry = Number(errorRetry(handle));
  const error = new ScenaError(errorCode(handle), errorMessage(handle), errorPointer(handle), retry < 0 ? undefined : retry);
  destroyError(handle);
  return error;
}

/**
 * A function of the library that returns a status: called with its arguments, it gives the status back when that is
 * OK or one of `expected`, and throws a ScenaError otherwise. `types` are those in front of `out_error`.
 */
export function fallible(name, types, expected = []) {
  const native = bound(`int32_t ${name}(${[...types, '_Out_ void **'].join(', ')})`);
  return (...args) => {
    const error = [null];
    const status = native(...args, error);
    if (status === OK || (error[0] === null && expected.includes(status))) return status;
    throw toError(status, error[0]);
  };
}

/** A function of the library that cannot fail. */
export const plain = bound;

const textData = bound('const char *scena_text_data(void *)');
const textDestroy = bound('void scena_text_destroy(void *)');

/** The text that a call handed out, as a string. */
export function takeText(handle) {
  const text = textData(handle);
  textDestroy(handle);
  return text;
}

/** name, value, ..., NULL; null for nothing. */
export function pairs(values) {
  if (values === undefined) return null;
  return [...Object.entries(values).flat().map(String), null];
}

const callbacks = new Map();
let lastCallback = 0;
const callbackOf = (data) => callbacks.get(Number(data));
const start = koffi.register((data, request, handle) => callbackOf(data).start(request, handle), 'scena_start *');
const cancel = koffi.register((data, handle) => callbackOf(data).cancel(handle), 'scena_cancel *');

/** The members of a table whose functions lead to `target.start(json, handle)` and `target.cancel(handle)`. */
export function table(target) {
  callbacks.set(++lastCallback, target);
  return { user_data: lastCallback, start, call: start, cancel };
}

/** One number per handle, since two JavaScript values may stand for the same one. */
export const addressOf = (handle) => koffi.address(handle);
