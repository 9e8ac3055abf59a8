#!/bin/sh
# Lays out an image: in FOLDER/root one program and the shared libraries that it is linked with, in FOLDER/data what will be the
# folder for its data, which has another owner and is therefore copied by itself. Nothing else is in the image, no shell
# either. The Dockerfile and tests/tests/it/deployment both use it.
#
#   image-root.sh PROGRAM FOLDER
set -eu
program=$1
root=$2/root

mkdir -p "$root" "$2/data"
cp "$program" "$root/loggia"

# Of lines such as `libm.so.6 => /lib/x86_64-linux-gnu/libm.so.6 (0x…)` and `/lib64/ld-linux-x86-64.so.2 (0x…)` the path; the
# kernel's own library has none. A line of its own for each, so that a failure of ldd ends the script.
linked=$(ldd "$program")
case $linked in
*'not found'*)
    echo "$linked" >&2
    exit 1
    ;;
esac
libraries=$(echo "$linked" | sed -n 's|^[^/]*\(/[^ ]*\) (0x.*$|\1|p')
for library in $libraries; do
    mkdir -p "$root${library%/*}"
    cp -L "$library" "$root$library"
done
