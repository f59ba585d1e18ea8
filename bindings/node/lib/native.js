// The functions of the C ABI as koffi sees them, and what every call of them has in common.
import koffi from 'koffi';
import { errorOf } from './errors.js';
import { loadLibrary } from './library.js';

const abiVersion = 1;
const lib = loadLibrary((file) => koffi.load(file));

// user_data is a number here: it names an object of ours, and no pointer to one is ever needed.
const protos = {
  scena_start: 'void scena_start(intptr_t data, const char *request, void *handle)',
  scena_cancel: 'void scena_cancel(intptr_t data, void *handle)',
  scena_open_memory: 'intptr_t scena_open_memory(intptr_t data)',
  scena_begin: 'intptr_t scena_begin(intptr_t data, intptr_t memory, const char *message)',
  scena_add: 'void scena_add(intptr_t data, intptr_t measurement, const char *text, size_t length)',
  scena_tell: 'void scena_tell(intptr_t data, intptr_t measurement, void *scores)',
  scena_measured: 'void scena_measured(intptr_t data, intptr_t memory, intptr_t measurement)',
  scena_forget: 'void scena_forget(intptr_t data, intptr_t memory, const char *message)',
  scena_close_memory: 'void scena_close_memory(intptr_t data, intptr_t memory)',
  scena_hear: 'void scena_hear(intptr_t data, const char *text, size_t length)',
  scena_check: 'void scena_check(intptr_t data, const char *session, const char *speaker, uint32_t is_final, ' +
    'const char *text, size_t length, void *handle)',
  scena_deliver: 'void scena_deliver(intptr_t data, const char *event, const char *job, void *handle)',
  scena_find: 'int32_t scena_find(intptr_t data, const char *name, void *handle)',
  scena_destroy: 'void scena_destroy(intptr_t data)',
  scena_count: 'int64_t scena_count(intptr_t data, const char *text, size_t length)',
};
const texts = koffi.pointer('char *');
const structs = {
  scena_session_options: {
    struct_size: 'uint32_t', reserved: 'uint32_t', seed: 'uint64_t', id: 'str', owner: 'str', title: 'str',
    provider: 'str', model: 'str', command_id: 'str', variables: texts, labels: texts, played_by: texts,
    retention: 'str', retention_ttl_ms: 'int64_t',
  },
  scena_send_options: {
    struct_size: 'uint32_t', flags: 'uint32_t', deadline_ms: 'int64_t', participant: 'str', command_id: 'str',
    character: 'str', model: 'str', audience: texts, json_schema: 'str',
  },
  scena_events_options: {
    struct_size: 'uint32_t', flags: 'uint32_t', after: 'str', participant: 'str', max_events: 'size_t',
    max_bytes: 'size_t',
  },
  scena_event: {
    struct_size: 'uint32_t', is_durable: 'uint32_t', seq: 'uint64_t', off: 'int64_t', type: 'str', text: 'str',
    text_len: 'size_t', json: 'str', json_len: 'size_t', cursor: 'str',
  },
  scena_log_line: {
    struct_size: 'uint32_t', level: 'int32_t', dropped: 'uint64_t', json: 'str', json_len: 'size_t',
  },
  scena_provider: {
    struct_size: 'uint32_t', reserved: 'uint32_t', user_data: 'intptr_t', start: 'scena_start *',
    cancel: 'scena_cancel *', destroy: 'scena_destroy *',
  },
  scena_tool: {
    struct_size: 'uint32_t', flags: 'uint32_t', user_data: 'intptr_t', name: 'str', description: 'str',
    parameters_json: 'str', time_limit_ms: 'int64_t', cache_for_ms: 'int64_t', call: 'scena_start *',
    cancel: 'scena_cancel *', destroy: 'scena_destroy *', max_result_bytes: 'int64_t', max_result_tokens: 'int64_t',
  },
  scena_tool_approval: {
    struct_size: 'uint32_t', reserved: 'uint32_t', user_data: 'intptr_t', ask: 'scena_start *', destroy: 'scena_destroy *',
  },
  scena_live: {
    struct_size: 'uint32_t', reserved: 'uint32_t', user_data: 'intptr_t', text: 'scena_hear *',
    reasoning: 'scena_hear *', destroy: 'scena_destroy *',
  },
  scena_job_handler: {
    struct_size: 'uint32_t', parallel: 'uint32_t', user_data: 'intptr_t', time_limit_ms: 'int64_t',
    run: 'scena_start *', cancel: 'scena_cancel *', destroy: 'scena_destroy *',
  },
  scena_event_sink: {
    struct_size: 'uint32_t', parallel: 'uint32_t', user_data: 'intptr_t', events: texts, tenant: 'str',
    time_limit_ms: 'int64_t', max_waiting: 'uint64_t', max_attempts: 'uint32_t', reserved: 'uint32_t',
    deliver: 'scena_deliver *', cancel: 'scena_cancel *', destroy: 'scena_destroy *',
  },
  scena_embedder: {
    struct_size: 'uint32_t', reserved: 'uint32_t', user_data: 'intptr_t', start: 'scena_start *',
    cancel: 'scena_cancel *', destroy: 'scena_destroy *',
  },
  scena_secret_source: {
    struct_size: 'uint32_t', reserved: 'uint32_t', user_data: 'intptr_t', get: 'scena_find *', destroy: 'scena_destroy *',
  },
  scena_token_counter: {
    struct_size: 'uint32_t', reserved: 'uint32_t', user_data: 'intptr_t', count: 'scena_count *', destroy: 'scena_destroy *',
  },
  scena_batch_options: {
    struct_size: 'uint32_t', flags: 'uint32_t', workers: 'uint32_t', reserved: 'uint32_t', folder: 'str',
    plan_folder: 'str', user_data: 'intptr_t', progress: 'void *',
  },
  scena_filter: {
    struct_size: 'uint32_t', reserved: 'uint32_t', user_data: 'intptr_t', hold_back: 'uint64_t',
    check_input: 'scena_check *', check_output: 'scena_check *', destroy: 'scena_destroy *',
  },
  scena_analyzer: {
    struct_size: 'uint32_t', reserved: 'uint32_t', user_data: 'intptr_t', name: 'str',
    open_session: 'scena_open_memory *', begin: 'scena_begin *', add: 'scena_add *', scores: 'scena_tell *',
    keep: 'scena_measured *', forget_from: 'scena_forget *', discard: 'scena_measured *',
    close_session: 'scena_close_memory *', destroy: 'scena_destroy *',
  },
};

if (lib.func('uint32_t scena_abi_version()')() !== abiVersion) {
  throw new Error('the scena library found has another binary interface; set SCENA_LIBRARY to one of version 0.1');
}
const isWellFormed = String.prototype.isWellFormed === undefined
  ? (text) => !/\p{Surrogate}/u.test(text) // Node 18
  : (text) => text.isWellFormed();

/** Throws for a text that C would cut at its first NUL, or that has no UTF-8; `name` is its argument's. */
function check(text, name) {
  if (typeof text !== 'string') return;
  if (!text.includes('\0') && isWellFormed(text)) return;
  throw errorOf(INVALID_ARGUMENT, `${name}: not valid UTF-8, or it holds a NUL; convert it first`); // the library's own words
}

/** A text for a place that must not fail, such as what somebody's error says. */
export function cleaned(text) {
  return text.replace(/[\0\p{Surrogate}]/gu, '\uFFFD');
}

const sizeOf = lib.func('size_t scena_abi_sizeof(const char *)');

// What a struct or a signature names becomes known to koffi when it is first needed: importing stays quick.
const known = new Set();
function know(types) {
  for (const [name] of types.matchAll(/\bscena_\w+(?= \*)/g)) {
    if (known.has(name)) continue;
    known.add(name);
    if (name in protos) koffi.proto(protos[name]);
    if (name in structs) define(name, structs[name]);
  }
  return types;
}

function define(name, members) {
  know(Object.values(members).filter((type) => typeof type === 'string').join());
  const size = koffi.sizeof(koffi.struct(name, members));
  if (Number(sizeOf(name)) !== size) throw new Error(`${name} has another size in the scena library found`);
}

/** A struct of the C ABI; members that are left out are zero. */
export function struct(name, members = {}) {
  know(`${name} *`);
  const made = {};
  for (const member of Object.keys(structs[name])) {
    for (const text of [members[member]].flat()) check(text, member.replace(/_(\w)/g, (_, letter) => letter.toUpperCase()));
    made[member] = members[member] ?? (/^u?int|size/.test(structs[name][member]) ? 0 : null);
  }
  made.struct_size = koffi.sizeof(name);
  return made;
}

// One event in the library's memory, read as far as it is needed: a struct that goes both ways costs more than a poll.
let event;

/** The memory that scena_events_next() fills; valid until it is filled again. */
export function eventMemory() {
  if (event === undefined) {
    know('scena_event *');
    event = koffi.alloc('scena_event', 1);
    koffi.encode(event, 'scena_event', struct('scena_event'));
  }
  return event;
}

/** A text of that memory, by the name of its member. */
export function eventText(member) {
  return koffi.decode(event, koffi.offsetof('scena_event', member), 'str');
}

/** Memory that calls fill as a struct, for good, and what it holds. */
export function memoryFor(name) {
  know(`${name} *`);
  const memory = koffi.alloc(name, 1);
  koffi.encode(memory, name, struct(name));
  return { memory, read: () => koffi.decode(memory, name) };
}

/** Places and names of the texts among the parameters of a signature. */
function textsOf(signature) {
  const parameters = signature.slice(signature.indexOf('(') + 1, -1).split(', ');
  return parameters.flatMap((parameter, at) => (parameter.startsWith('const char *') ? [[at, parameter.slice(12)]] : []));
}

/**
 * A function of the library that cannot fail: it throws only for a text that C cannot have. It is looked up when it is
 * first called: importing stays quick.
 */
export function plain(signature) {
  const named = textsOf(signature);
  let native;
  return (...args) => {
    native ??= lib.func(know(signature));
    for (const [at, name] of named) check(args[at], name);
    return native(...args);
  };
}

/** The same on a thread of Node's pool: `done(failure, status)`. */
function inBackground(signature) {
  const named = textsOf(signature);
  let native;
  return (args, done) => {
    native ??= lib.func(know(signature));
    for (const [at, name] of named) check(args[at], name);
    native.async(...args, done);
  };
}

const errorCode = plain('int32_t scena_error_code(void *)');
const errorMessage = plain('const char *scena_error_message(void *)');
const errorPointer = plain('const char *scena_error_pointer(void *)');
const errorRetry = plain('int64_t scena_error_retry_after_ms(void *)');
const destroyError = plain('void scena_error_destroy(void *)');

export const OK = 0;
export const INVALID_ARGUMENT = 1;
export const WRONG_STATE = 2;
export const UNAVAILABLE = 3;
export const NOT_FOUND = 4;
export const TIMEOUT = 12;
export const CLOSED = 30;

function toError(status, handle) {
  if (handle === null) return errorOf(status, 'the call failed');
  const retry = Number(errorRetry(handle));
  const error = errorOf(errorCode(handle), errorMessage(handle), errorPointer(handle), retry < 0 ? undefined : retry);
  destroyError(handle);
  return error;
}

/**
 * A function of the library that returns a status: called with its arguments, it gives the status back when that is
 * OK or one of `expected`, and throws a ScenaError otherwise. `types` are those in front of `out_error`.
 */
export function fallible(name, types, expected = []) {
  const native = plain(`int32_t ${name}(${[...types, '_Out_ void **'].join(', ')})`);
  return (...args) => {
    const error = [null];
    const status = native(...args, error);
    if (status === OK || (error[0] === null && expected.includes(status))) return status;
    throw toError(status, error[0]);
  };
}

/** The same on a thread of Node's pool, as a promise: for what waits for a disk and needs no loop. */
export function fallibleInBackground(name, types) {
  const native = inBackground(`int32_t ${name}(${[...types, '_Out_ void **'].join(', ')})`);
  return (...args) => new Promise((resolve, reject) => {
    const error = [null];
    native([...args, error], (failure, status) => {
      if (failure) reject(failure);
      else if (status === OK) resolve();
      else reject(toError(status, error[0]));
    });
  });
}

const textData = plain('const char *scena_text_data(void *)');
const textDestroy = plain('void scena_text_destroy(void *)');

/** The text that a call handed out, as a string. */
export function takeText(handle) {
  const text = textData(handle);
  textDestroy(handle);
  return text;
}

/** As fallibleInBackground(), for a function that hands out a text: for reads that take long. */
export function textInBackground(name, types) {
  const native = inBackground(`int32_t ${name}(${[...types, '_Out_ void **', '_Out_ void **'].join(', ')})`);
  return (...args) => new Promise((resolve, reject) => {
    const text = [null];
    const error = [null];
    native([...args, text, error], (failure, status) => {
      if (failure) reject(failure);
      else if (status === OK) resolve(takeText(text[0]));
      else reject(toError(status, error[0]));
    });
  });
}

/** A function that only returns a status, on a thread of Node's pool; a promise for that. */
export function statusInBackground(signature) {
  const native = inBackground(signature);
  return (...args) => new Promise((resolve, reject) => {
    native(args, (failure, status) => (failure ? reject(failure) : resolve(status)));
  });
}

/** name, value, ..., NULL; null for nothing. */
export function pairs(values) {
  if (values === undefined) return null;
  return [...Object.entries(values).flat().map(String), null];
}

/** Texts, ..., NULL; null for nothing. */
export function list(values) {
  return values === undefined ? null : [...values.map(String), null];
}

// One native function for each kind of callback, whatever the number of engines; made when it is first needed.
const kinds = {
  start: 'scena_start', cancel: 'scena_cancel', text: 'scena_hear', checkInput: 'scena_check',
  checkOutput: 'scena_check', openSession: 'scena_open_memory', begin: 'scena_begin', add: 'scena_add',
  scores: 'scena_tell', keep: 'scena_measured', forgetFrom: 'scena_forget', discard: 'scena_measured',
  closeSession: 'scena_close_memory', deliver: 'scena_deliver', get: 'scena_find', count: 'scena_count',
  destroy: 'scena_destroy',
};
const memberOf = {
  call: 'start', ask: 'start', run: 'start', check_input: 'checkInput', check_output: 'checkOutput', open_session: 'openSession',
  forget_from: 'forgetFrom', close_session: 'closeSession',
};
const callbacks = new Map();
let lastCallback = 0;
const natives = {};
function nativeOf(member) {
  const call = member === 'destroy'
    ? (data) => { callbacks.delete(Number(data)); }
    : (data, ...rest) => callbacks.get(Number(data))?.[member](...rest) ?? 0; // of one that was forgotten: nothing
  natives[member] ??= koffi.register(call, `${kinds[member]} *`);
  return natives[member];
}

/**
 * The members that the struct `name` has for the functions of `target`, and the number that leads to it until the
 * library is done with the table, or forget().
 */
export function table(name, target) {
  know(`${name} *`);
  callbacks.set(++lastCallback, target);
  const made = { user_data: lastCallback };
  for (const member of Object.keys(structs[name])) {
    const of = memberOf[member] ?? member;
    if (of === 'destroy' || (of in kinds && of in target)) made[member] = nativeOf(of);
  }
  return made;
}

/** Functions of a table are called no more: it was not taken, or those who would hear of it have gone. */
export function forget(made) {
  callbacks.delete(made.user_data);
}

/** How many tables lead somewhere. */
export const tablesHeld = () => callbacks.size;

/** One number per handle, since two JavaScript values may stand for the same one. */
export const addressOf = (handle) => koffi.address(handle);
