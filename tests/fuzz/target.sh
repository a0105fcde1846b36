#!/usr/bin/env bash
# Writes the target and the bin entry of each format named: tests/fuzz/target.sh edf scp …
set -euo pipefail
cd "$(dirname "$0")"
for format in "$@"; do
  printf '#![no_main]\nlibfuzzer_sys::fuzz_target!(|bytes: &[u8]| einthoven_fuzz::decode("%s", bytes));\n' "$format" > "fuzz_targets/$format.rs"
  grep -q "name = \"$format\"" Cargo.toml ||
    printf '\n[[bin]]\nname = "%s"\npath = "fuzz_targets/%s.rs"\ntest = false\ndoc = false\nbench = false\n' "$format" "$format" >> Cargo.toml
done
