#!/bin/sh
# Builds the Debian package: packaging/build-deb.sh VERSION FILE [OPTION of cargo deb]… Needs cargo-deb.
#   WRIT_BINARY=…     packs this program instead of a release build
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

mkdir -p target/release target/completions
if [ -n "$program" ]; then
    cp "$program" target/release/writ
else
    cargo build --release --locked --package writ-server --bin writ
fi
target/release/writ completions bash >target/completions/writ
target/release/writ completions zsh >target/completions/_writ
target/release/writ completions fish >target/completions/writ.fish
cargo deb --no-build --locked --package writ-server --deb-version "$version" --output "$output" "$@"
