// The functions of the C ABI as koffi sees them, and what every call of them has in common.
import koffi from 'koffi';
import { errorOf, numberOf } from './errors.js';
import { integerOf, isInteger, isNothing, textOf } from './given.js';
import { protos, structs } from './layouts.js';
import { loadLibrary } from './library.js';

const abiVersion = 1;
const lib = loadLibrary((file) => koffi.load(file));

function otherVersion(what) {
  return errorOf(numberOf('unsupported'), `${what}; install the library that comes with this version of scena-engine, or name its ` +
    'file in SCENA_LIBRARY');
}
if (lib.func('uint32_t scena_abi_version()')() !== abiVersion) {
  throw otherVersion('the scena library found has another binary interface');
}
const sizeOf = lib.func('size_t scena_abi_sizeof(const char *)');

// Names of types are global in koffi, and this module may run more than once over one koffi: as two versions of the package,
// or in a test runner that loads modules anew. Each time its types have another ending.
function freeEnding() {
  for (let nth = 1; ; ++nth) {
    try {
      koffi.opaque(`scena_types_${nth}`);
      return `_${nth}`;
    } catch {
      // Somebody else's.
    }
  }
}
const ending = freeEnding();
const nameOf = (name) => name + ending;

// What a struct or a signature names becomes known to koffi when it is first needed: importing stays quick.
const known = new Set();

/** The types, with the names that koffi has for ours. */
function know(types) {
  return types.replace(/\bscena_\w+(?= \*)/g, (name) => {
    if (!known.has(name)) {
      known.add(name);
      if (name in protos) koffi.proto(protos[name].replace(name, nameOf(name)));
      if (name in structs) define(name, structs[name]);
    }
    return nameOf(name);
  });
}

function define(name, members) {
  koffi.struct(nameOf(name), Object.fromEntries(Object.entries(members).map(
    ([member, type]) => [member, typeof type === 'string' ? know(type) : type])));
}

/** What stands for nothing of a type of C. */
const zeroOf = (type) => (/^u?int|size/.test(type) ? 0 : null);

/**
 * What struct() has to know of the members of one. A library of another version may have a longer struct, whose end is
 * zero then, or a shorter one: it does not see what lies behind that (`isUnseen`).
 */
const plans = new Map();
function planOf(name) {
  if (!plans.has(name)) {
    know(`${name} *`);
    const seen = Number(sizeOf(name));
    plans.set(name, Object.entries(structs[name]).map(([member, type]) => ({
      member, type, zero: zeroOf(type),
      as: member.replace(/_(\w)/g, (_, letter) => letter.toUpperCase()),
      isUnseen: koffi.offsetof(nameOf(name), member) + koffi.sizeof(typeof type === 'string' ? know(type) : type) > seen,
    })));
  }
  return plans.get(name);
}

/** A struct of the C ABI; members that are left out are zero. `place` is what the host wrote in front of their names. */
export function struct(name, members = {}, place = '') {
  const made = {};
  for (const { member, type, zero, as, isUnseen } of planOf(name)) {
    const given = members[member] ?? zero;
    made[member] = given;
    if (given === zero) continue;
    if (type === 'str') textOf(given, place + as);
    else if (isInteger(type)) integerOf(given, type, place + as);
    if (isUnseen) throw otherVersion(`${place}${as}: the scena library found is too old for it`);
  }
  made.struct_size = koffi.sizeof(nameOf(name));
  return made;
}

// What the library fills it must know whole.
for (const name of ['scena_event', 'scena_log_line']) {
  if (planOf(name).some(({ isUnseen }) => isUnseen)) throw otherVersion('the scena library found is older than this package can use');
}

// One event in the library's memory, read as far as it is needed: a struct that goes both ways costs more than a poll.
let event;
const eventPlaces = {};

/** The memory that scena_events_next() fills; valid until it is filled again. */
export function eventMemory() {
  if (event === undefined) {
    know('scena_event *');
    event = koffi.alloc(nameOf('scena_event'), 1);
    koffi.encode(event, nameOf('scena_event'), struct('scena_event'));
    for (const member of Object.keys(structs.scena_event)) eventPlaces[member] = koffi.offsetof(nameOf('scena_event'), member);
  }
  return event;
}

/** A text of that memory, by the name of its member. */
export function eventText(member) {
  return koffi.decode(event, eventPlaces[member], 'str');
}

/** Memory that calls fill as a struct, for good, and what it holds. */
export function memoryFor(name) {
  know(`${name} *`);
  const type = nameOf(name);
  const memory = koffi.alloc(type, 1);
  koffi.encode(memory, type, struct(name));
  return { memory, read: () => koffi.decode(memory, type) };
}

/**
 * What a host gives among the parameters of a signature: those with names, which texts and numbers have. One with a "?"
 * may be left out.
 */
function givenIn(signature) {
  const parameters = signature.slice(signature.indexOf('(') + 1, -1).split(', ');
  return parameters.flatMap((parameter, at) => {
    const named = /^(const char \*|(?:u?int\d+|size)_t )(\w+)(\??)$/.exec(parameter);
    return named ? [{ at, type: named[1].trim(), name: named[2], mayBeNull: named[3] === '?' }] : [];
  });
}

/** A native function, found when it is first called, and called behind a look at what the host gave. */
function checked(signature) {
  const given = givenIn(signature);
  let native;
  return (args) => {
    native ??= find(signature);
    for (const { at, type, name, mayBeNull } of given) {
      if (mayBeNull && isNothing(args[at])) args[at] = zeroOf(type);
      else if (isInteger(type)) integerOf(args[at], type, name);
      else textOf(args[at], name);
    }
    return native;
  };
}

function find(signature) {
  const types = know(signature).replaceAll('?', '');
  try {
    return lib.func(types);
  } catch (cause) {
    throw Object.assign(otherVersion(`the scena library found has no ${/scena_\w+(?=\()/.exec(signature)[0]}()`), { cause });
  }
}

/**
 * A function of the library that cannot fail: it throws only for what is no text, a text that C cannot have, and a number
 * that does not fit. It is looked up when it is first called: importing stays quick.
 */
export function plain(signature) {
  const native = checked(signature);
  return (...args) => native(args)(...args);
}

/** The same on a thread of Node's pool: `done(failure, status)`. */
function inBackground(signature) {
  const native = checked(signature);
  return (args, done) => native(args).async(...args, done);
}

const errorCode = plain('int32_t scena_error_code(void *)');
const errorMessage = plain('const char *scena_error_message(void *)');
const errorPointer = plain('const char *scena_error_pointer(void *)');
const errorRetry = plain('int64_t scena_error_retry_after_ms(void *)');
const errorStatus = plain('int32_t scena_error_provider_status(void *)');
const errorWords = plain('const char *scena_error_provider_message(void *)');
const errorPoint = plain('const char *scena_error_point(void *)');
const destroyError = plain('void scena_error_destroy(void *)');

export const OK = 0;
export const WRONG_STATE = 2;
export const UNAVAILABLE = 3;
export const NOT_FOUND = 4;
export const TIMEOUT = 12;
export const CLOSED = 30;

function toError(status, handle) {
  if (handle === null) return errorOf(status, 'the call failed');
  const retry = Number(errorRetry(handle));
  const error = errorOf(errorCode(handle), errorMessage(handle), {
    pointer: errorPointer(handle), retryAfterMs: retry < 0 ? undefined : retry, providerStatus: errorStatus(handle),
    providerMessage: errorWords(handle), point: errorPoint(handle),
  });
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
  natives[member] ??= koffi.register(call, `${nameOf(kinds[member])} *`);
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
