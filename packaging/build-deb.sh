#!/bin/sh
# Builds the Debian package: packaging/build-deb.sh VERSION FILE [OPTION of cargo deb]… Needs cargo-deb.
#   WRIT_BINARY=…     packs this program instead of one built with the profile dist
# The package holds the program without symbols. They are written to target/packaged/writ.debug: a debugger or perf
# finds them there by the program's build id, or where they are put into /usr/lib/debug/usr/bin.
set -eu
version=$1
case "$2" in
/*) output=$2 ;;
*) output=$PWD/$2 ;;
esac
program=${WRIT_BINARY:-}
case "$program" in
"" | /*) ;;
*) program=$PWD/$program ;;
esac
shift 2
cd "$(dirname "$0")/.."

if [ -z "$program" ]; then
    cargo build --profile dist --locked --package writ-server --bin writ
    program=target/dist/writ
fi
mkdir -p target/packaged target/completions
packaging/strip.sh "$program" target/packaged/writ
target/packaged/writ completions bash >target/completions/writ
target/packaged/writ completions zsh >target/completions/_writ
target/packaged/writ completions fish >target/completions/writ.fish
cargo deb --no-build --no-strip --locked --package writ-server --deb-version "$version" --output "$output" "$@"
