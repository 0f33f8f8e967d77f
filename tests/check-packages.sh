#!/usr/bin/env bash
# Packs what src holds into artifacts/packages, and proves the packages by using them: a project outside this tree,
# with nothing of ours but the packages, restores them, compiles against them and runs.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

fail() { echo "check-packages: $*" >&2; exit 1; }

packages=artifacts/packages
feed=artifacts/packages-check
rm -rf "$packages" "$feed"

# A version that never was: a package of ours that some cache still holds cannot be mistaken for this one.
version=0.0.0-check.$(date +%s)
dotnet pack EventSourcing.sln --no-build -c Release -o "$packages" </dev/null
dotnet pack EventSourcing.sln --no-build -c Release -o "$feed" -p:PackageVersion="$version" </dev/null

consumer=$(mktemp -d "${TMPDIR:-/tmp}/eventsourcing-consumer.XXXXXX")
trap 'rm -rf "$consumer" "$feed"' EXIT
cp tests/PackageConsumer/Program.cs "$consumer/"
cp tests/PackageConsumer/PackageConsumer.csproj.template "$consumer/PackageConsumer.csproj"
cp -r "$feed" "$consumer/feed"

# Ours go into a folder of the consumer's own; those of others are taken from the machine's cache, where they are.
NUGET_FALLBACK_PACKAGES=$(dotnet nuget locals global-packages --list | sed 's/^global-packages: //')
export NUGET_FALLBACK_PACKAGES EventSourcingVersion=$version

(cd "$consumer" && dotnet run -c Release </dev/null) || fail "a program that uses the packages does not restore, compile or run"

# The analyzers look at it, too.
cp tests/PackageConsumer/Mistakes.cs.template "$consumer/Mistakes.cs"
told=$(cd "$consumer" && dotnet build -c Release --no-restore </dev/null 2>&1) || { printf '%s\n' "$told"; fail "a program with mistakes is not compiled"; }
for rule in ES0001 ES0002 ES0003 ES0004; do
  grep -q "Mistakes\.cs.* $rule:" <<<"$told" || { printf '%s\n' "$told"; fail "$rule is not told"; }
done

# What the restore has unpacked is what a user gets.
count=0
for project in src/*/*.csproj; do
  name=$(basename "$project" .csproj)
  if grep -q '<IsPackable>false' "$project"; then
    # A part of another package: what it is for is the compiler.
    compgen -G "$consumer/packages/*/$version/analyzers/dotnet/cs/$name.dll" >/dev/null || fail "no package holds $name"
    continue
  fi
  unpacked="$consumer/packages/$(printf %s "$name" | tr '[:upper:]' '[:lower:]')/$version"
  [ -d "$unpacked" ] || fail "$name is not used by tests/PackageConsumer"
  for file in README.md "lib/net10.0/$name.dll" "lib/net10.0/$name.xml"; do
    [ -s "$unpacked/$file" ] || fail "$name holds no $file"
  done
  grep -q '<license type="expression">MIT</license>' "$unpacked"/*.nuspec || fail "$name states no licence"
  grep -q '<readme>README.md</readme>' "$unpacked"/*.nuspec || fail "$name does not show its README"
  for kind in nupkg snupkg; do
    compgen -G "$packages/$name.[0-9]*.$kind" >/dev/null || fail "$name has no $kind"
  done
  count=$((count + 1))
done
[ "$count" -gt 0 ] || fail "src holds no packages"
echo "check-packages: $count packages hold what they should, and work"
