#!/bin/sh
# Takes the symbols out of a program: packaging/strip.sh PROGRAM OUTPUT writes the program to OUTPUT and its symbols to
# OUTPUT.debug, which debuggers and perf find by the link in OUTPUT. Needs objcopy (binutils, which every linker brings).
set -eu
program=$1
output=$2
objcopy --only-keep-debug --compress-debug-sections "$program" "$output.debug"
objcopy --strip-all --remove-section=.comment --add-gnu-debuglink="$output.debug" "$program" "$output"
chmod 755 "$output"
chmod 644 "$output.debug"
