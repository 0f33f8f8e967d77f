#!/usr/bin/env bash
# Publishes the samples that run in memory and use nothing but our own packages, without whatever their code does not reach, and
# runs them: they must say the same as before. A warning of the trimmer is an error.
#
#   tests/check-trimmed.sh            trimmed
#   tests/check-trimmed.sh --native   compiled ahead of time, which needs a C compiler and the packages of the native runtime
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

fail() { echo "check-trimmed: $*" >&2; exit 1; }

how=trimmed options=()
case ${1:-} in
  --native) how=native options=(-p:NativeAot=true) ;;
  '') ;;
  *) echo "usage: $0 [--native]" >&2; exit 2 ;;
esac

# A folder of its own for everything that is built: what the rest of the build has made stays as it is.
out=$(mktemp -d "${TMPDIR:-/tmp}/eventsourcing-trimmed.XXXXXX")
trap 'rm -rf "$out"' EXIT

count=0
for project in samples/*/*.csproj; do
  if ! grep -q '<PublishTrimmed>true' "$project"; then continue; fi
  name=$(basename "$project" .csproj)
  dotnet publish "$project" -c Release --use-current-runtime --artifacts-path "$out" -warnaserror ${options[@]+"${options[@]}"} </dev/null ||
    fail "$name cannot be published $how"
  program=$(find "$out/publish/$name" -maxdepth 2 -type f \( -name "$name" -o -name "$name.exe" \))
  [ -n "$program" ] || fail "$name has no program"
  "$program" </dev/null >"$out/said" || fail "$name does not run $how"
  diff "$(dirname "$project")/output.txt" "$out/said" --strip-trailing-cr || fail "$name does not say what it should"
  count=$((count + 1))
done
[ "$count" -gt 0 ] || fail "no sample is to be trimmed"
echo "check-trimmed: $count samples run $how"
