// What an engine is made of: its configuration, and where that comes from.
import { refused } from './errors.js';
import { jsonOf } from './given.js';
import { fallible, fallibleInBackground } from './native.js';
import { optionsOf } from './options.js';

const createTypes = ['const char *config', 'void *', '_Out_ void **'];
const [create, createFromEnv] = ['extended', 'from_env'].map((how) => ({
  here: fallible(`scena_engine_create_${how}`, createTypes),
  inBackground: fallibleInBackground(`scena_engine_create_${how}`, createTypes),
}));

/** The configuration as a text, with what is fixed in Node. */
export function configText(given) {
  const config = typeof given === 'string' ? parsed(given) : given;
  if (typeof config !== 'object' || config === null || Array.isArray(config)) {
    throw refused('config: must be an object, or its JSON as a string');
  }
  const fixed = { threads: 0, watcher: 'pipe' };
  for (const [name, only] of Object.entries(fixed)) {
    if (config[name] === undefined || config[name] === only) continue;
    throw refused(`/${name}: an engine in Node runs on the JavaScript thread, with ${only}; leave it out`, `/${name}`);
  }
  if (typeof given !== 'string' || Object.keys(config).length === 0) {
    const text = jsonOf({ ...config, ...fixed }, 'config'); // refuses what holds itself
    refuseFunctions(config, '');
    return text;
  }
  // A text stays as it is, so that the library sees what JSON.parse() passes over: a member that occurs twice.
  const missing = Object.entries(fixed).filter(([name]) => config[name] === undefined);
  return `{${missing.map(([name, only]) => `"${name}":${JSON.stringify(only)},`).join('')}${given.trimStart().slice(1)}`;
}

/** JSON would leave them out without a word. */
function refuseFunctions(given, pointer) {
  for (const [name, value] of Object.entries(given)) {
    const place = `${pointer}/${name}`;
    if (typeof value === 'function') {
      throw refused(`${place}: is a function; what is written in JavaScript goes into the argument behind the configuration`, place);
    }
    if (value?.constructor === Object || Array.isArray(value)) refuseFunctions(value, place);
  }
}

/** What makes an engine of a configuration, or of that and the environment. */
export const creator = (options) => (optionsOf(options, ['fromEnv']).fromEnv ? createFromEnv : create);

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    throw refused('config: a string must be JSON; give an object, or read the file first'); // what JSON says may hold a key
  }
}
