#!/bin/sh
# capi/setup-node.sh FOLDER: installs what the Node example needs (koffi, as package-lock.json pins
# it) into FOLDER, usually build/<preset>/node. The only step of its test that needs a network;
# does nothing when it was done before.
set -eu
folder=${1:?usage: capi/setup-node.sh FOLDER}
source=$(cd "$(dirname "$0")/../examples/host_loop" && pwd)
mkdir -p "$folder"
if [ -d "$folder/node_modules/koffi" ] && cmp -s "$source/package-lock.json" "$folder/package-lock.json"; then
  exit 0
fi
cp "$source/package.json" "$source/package-lock.json" "$folder/"
cd "$folder"
# koffi brings its compiled part as a package of its own: no install script has to run.
npm ci --no-audit --no-fund --ignore-scripts
