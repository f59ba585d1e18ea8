#!/usr/bin/env bash
# install_test.sh BUILD: installs BUILD into an empty folder, builds a host against it by
# find_package, runs it, and configures a second one that takes scena by add_subdirectory.
set -euo pipefail
build=$(realpath "$1")
here=$(realpath "$(dirname "$0")")
root=$(realpath "$here/../..")
folder=$(mktemp -d "$build/install-test.XXXXXX")
trap 'rm -rf "$folder"' EXIT

cmake --install "$build" --prefix "$folder/prefix" >/dev/null
if find "$folder/prefix" -type f | grep -E '/(src|tests|bench)/'; then
  echo "private files were installed"
  exit 1
fi
cmake -S "$here/host" -B "$folder/host" -G Ninja -DCMAKE_PREFIX_PATH="$folder/prefix" >/dev/null
cmake --build "$folder/host"
[ "$("$folder/host/host")" = "complete" ]

# As a subproject scena brings no tests, benchmarks or examples of its own.
cmake -S "$here/host" -B "$folder/sub" -G Ninja -DSCENA_SOURCE="$root" >/dev/null
if ninja -C "$folder/sub" -t targets all | grep -E '^(test_|fuzz_|[a-z_]*_bench:)'; then
  echo "a subproject builds tests"
  exit 1
fi
ninja -C "$folder/sub" -t query host >/dev/null

# The command stands on its own feet after the installation.
if [ -x "$folder/prefix/bin/scena" ]; then
  (cd "$folder" && env -i PATH="$folder/prefix/bin" scena presets >/dev/null)
fi
echo "install: host built and run, 0 failures"
