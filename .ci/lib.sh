# Sourced by the stage scripts: strict mode, the project's root as working directory, shared helpers.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
root=$PWD
jobs=${JOBS:-$(nproc)}
release=build/release
asan=build/asan
profiles=$asan/profiles
# An object is the same in whichever clone of this folder it is made.
export CCACHE_BASEDIR=$root CCACHE_NOHASHDIR=1

say() { printf '%s\n' "$*"; }
fail() { printf 'FAILED: %s\n' "$*"; exit 1; }

# build PRESET [TARGET...]: configures and builds, quietly but for warnings and errors.
build() {
  local preset=$1 targets=()
  shift
  [ $# -eq 0 ] || targets=(--target "$@")
  cmake --preset "$preset" >/dev/null
  cmake --build "build/$preset" --parallel "$jobs" "${targets[@]}"
}

# has_target FOLDER NAME: whether the build folder knows this target.
has_target() { ninja -C "$1" -t query "$2" >/dev/null 2>&1; }

# no_skips LOG FOLDER: a test that did not run is a failure; ctest itself says nothing about it.
no_skips() {
  local bad=0
  if grep -E '\*\*\*(Skipped|Not Run)|No tests were found|The following tests did not run' "$1"; then bad=1; fi
  # A doctest program whose filter matches no case passes without having checked anything.
  if grep -qE 'test cases: +0 \|' "$2/Testing/Temporary/LastTest.log" 2>/dev/null; then
    say "a test program ran no case:"
    grep -B12 -E 'test cases: +0 \|' "$2/Testing/Temporary/LastTest.log" | grep -E '^Command:' | head
    bad=1
  fi
  return $bad
}
