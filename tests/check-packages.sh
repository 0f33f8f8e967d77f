#!/usr/bin/env bash
# Packs what src holds, and the conformance suite, into artifacts/packages, and proves the packages by using them: two projects
# outside this tree, with nothing of ours but the packages, restore them, compile against them and run. One is a program, the
# other the tests of an adapter.
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
cp -r tests/PackageConsumer/* "$consumer/"
for template in "$consumer"/*/*.csproj.template; do mv "$template" "${template%.template}"; done
cp -r "$feed" "$consumer/feed"

# Ours go into a folder of the consumer's own; those of others are taken from the machine's cache, where they are.
NUGET_FALLBACK_PACKAGES=$(dotnet nuget locals global-packages --list | sed 's/^global-packages: //')
export NUGET_FALLBACK_PACKAGES EventSourcingVersion=$version

(cd "$consumer/Program" && dotnet run -c Release </dev/null) || fail "a program that uses the packages does not restore, compile or run"

# The suites must have run, and not only have been there: an adapter's project without a test would end well, too.
adapter=$(cd "$consumer/Adapter" && dotnet run -c Release -- -noColor </dev/null 2>&1) || fail "the tests of an adapter fail with the packages: $adapter"
total=$(sed -n 's/.*Total: \([0-9]*\),.*/\1/p' <<<"$adapter")
[ "${total:-0}" -ge 50 ] || fail "only ${total:-0} tests of the suites ran: $adapter"
echo "$total tests of the suites ran against an adapter"

# The analyzers look at it, too.
mv "$consumer/Program/Mistakes.cs.template" "$consumer/Program/Mistakes.cs"
told=$(cd "$consumer/Program" && dotnet build -c Release --no-restore </dev/null 2>&1) || { printf '%s\n' "$told"; fail "a program with mistakes is not compiled"; }
for rule in ES0001 ES0002 ES0003 ES0004; do
  grep -q "Mistakes\.cs.* $rule:" <<<"$told" || { printf '%s\n' "$told"; fail "$rule is not told"; }
done

# What the restore has unpacked is what a user gets.
count=0
for project in src/*/*.csproj tests/EventSourcing.Conformance/*.csproj; do
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
[ "$count" -gt 1 ] || fail "src holds no packages"
echo "check-packages: $count packages hold what they should, and work"
