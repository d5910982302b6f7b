#!/bin/sh
# Stage 4: the portraits.  sh models/tinylip/training/portraits.sh WORKDIR   (from the repository's root, after the build)
# 150 people from seeds, turned this way and that, and 40 poses of the default avatar: PNG + geometry JSON in WORKDIR/portraits.
set -e
out="$1/portraits"
draw="node dist/src/avatar/draw.js --size 768"
mkdir -p "$out"
n=0
for pose in "0 0 0" "-7 0 3" "6 4 -4" "0 -5 6" "9 -3 -2" "-4 6 -6"; do
    set -- $pose
    $draw --seed "$n-$((n + 24))" "--yaw=$1" "--pitch=$2" "--roll=$3" --out "$out" > /dev/null
    n=$((n + 25))
done
for k in 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31 32 33 34 35 36 37 38 39; do
    mkdir -p "$out/ava-$k"
    $draw --seed ava --yaw=$((k * 7 % 15 - 7)) --pitch=$((k * 5 % 9 - 4)) --roll=$((k * 3 % 9 - 4)) --breath "0.$((k % 10))" --out "$out/ava-$k" > /dev/null
    mv "$out/ava-$k/ava.png" "$out/ava-$k.png"
    mv "$out/ava-$k/ava.json" "$out/ava-$k.json"
    rmdir "$out/ava-$k"
done
$draw --seed ava --out "$out" > /dev/null
