// Where the C library is: named by the host, in the package for this platform, or where the system looks.
import { createRequire } from 'node:module';

const system = 'libscena.so.1';

/** The package that brings the library for a platform; undefined where none is made. npm knows which C library fits. */
export function packageFor(platform, arch) {
  return platform === 'linux' && arch === 'x64' ? 'scena-engine-linux-x64' : undefined;
}

function packaged() {
  const name = packageFor(process.platform, process.arch);
  if (name === undefined) return undefined;
  try {
    return createRequire(import.meta.url).resolve(`${name}/${system}`);
  } catch {
    return undefined; // npm leaves out an optional package that it could not get, or that does not fit
  }
}

/** `load` of a file; an Error that says which one, and what to do, when that cannot be loaded. */
function loaded(load, file, advice) {
  try {
    return load(file);
  } catch (cause) {
    throw new Error(`${advice} (${cause.message})`, { cause });
  }
}

/** `load` of the library that is there; an Error that tells what to do when there is none. */
export function loadLibrary(load) {
  const named = process.env.SCENA_LIBRARY;
  if (named) {
    return loaded(load, named, `SCENA_LIBRARY names ${named}, which cannot be loaded: name the file of a scena library, or unset it`);
  }
  const file = packaged();
  if (file !== undefined) {
    return loaded(load, file, `the scena library ${file} cannot be loaded: install its package again, or name another file in SCENA_LIBRARY`);
  }
  return loaded(load, system,
    `no scena library for ${process.platform}-${process.arch}: install scena-engine with its optional packages ` +
      `(there is one for linux-x64 with glibc), install ${system} where the system looks for libraries, or name ` +
      'its file in SCENA_LIBRARY');
}
