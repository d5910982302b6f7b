#!/bin/sh
# The whole recipe: from nothing to a model and its gates.   sh models/tinylip/training/recipe.sh [WORKDIR]   (from the root, after the build)
#
# About two hours on two cores; stopped and started again it goes on with the stage it was in.
# The ears, the drawn people and the rendered ones are three lanes beside each other; WORKDIR/log has what each stage printed.
# In the end WORKDIR/models/tinylip is a model like ../: TALKGRAPH_MODELS=WORKDIR/models shows it to every command, and to the gates.
set -eu
work=${1:-.training/recipe}
mkdir -p "$work/log" "$work/done" "$work/models/tinylip"
work=$(cd "$work" && pwd)
home=$(cd "$(dirname "$0")" && pwd)
presenter=$(cd "$home/../../presenter" && pwd)
python=${PYTHON:-python3}                # the one that has torch
blender="${PRESENTER_PYTHON:-$(cd "$home/../../.." && pwd)/.training/venv/bin/python}"

# stage NAME COMMAND...: once; what it prints goes into its log.
stage() {
    name=$1
    shift
    [ -e "$work/done/$name" ] && return
    began=$(date +%s)
    echo "$name ..."
    if ! "$@" >> "$work/log/$name.txt" 2>&1; then
        echo "$name failed: $work/log/$name.txt" >&2
        return 1
    fi
    touch "$work/done/$name"
    echo "$name: $(($(date +%s) - began)) s"
}

trained() { "$python" "$home/$1.py" "$work" $2; }

ears() {
    stage speech trained speech 1
    stage mels trained audio_data 3
    stage ears trained audio_train 3600
}

drawn() {
    stage portraits sh "$home/portraits.sh" "$work"
    stage tracks trained tracks 120
    stage drawn-pairs trained face_data 4000
    stage skin-drawn trained face_train "4200 --until 2000"
}

people() {
    "$blender" "$presenter/crowd.py" "$work/jobs" --who ava --poses 10 --mouths 5
    "$blender" "$presenter/crowd.py" "$work/jobs" --who max --poses 3 --mouths 5
    "$blender" "$presenter/crowd.py" "$work/jobs" --people 22 --poses 1 --mouths 5
}

rendered() {
    stage jobs people
    for job in "$work"/jobs/*.json; do
        name=$(basename "$job" .json)
        stage "person-$name" "$blender" "$presenter/render.py" "$job" "$work/people/$name" --truth --threads 1
    done
    # The last one is held out.
    stage rendered-pairs trained rendered_data "2600 $(ls -d "$work"/people/ava "$work"/people/max "$work"/people/[0-9]* | tr '\n' ' ')"
}

lanes=
for lane in ears drawn rendered; do
    $lane &
    lanes="$lanes $!"
done
for lane in $lanes; do
    wait "$lane" || failed=1
done
[ -z "${failed:-}" ]

# From here with both kinds of people, and to the end of a shorter plan: its steps are smaller.
stage skin trained face_train 3600
stage teeth trained teeth_train 1600

cp "$home/../model.yaml" "$home/../visemes.json" "$work/models/tinylip/"
stage export "$python" "$home/export.py" "$work" "$work/models/tinylip/tinylip.onnx"
for gate in tinylip presenter-mouth recorded; do
    TALKGRAPH_MODELS="$work/models" node "dist/test/models/$gate.js"
done
