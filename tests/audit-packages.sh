#!/usr/bin/env bash
# Asks the package source for known vulnerabilities of everything that this repository depends on, directly or not.
#
#   tests/audit-packages.sh               ends with 3 where the source tells of none at all: a mirror, no network
#   tests/audit-packages.sh --required    that is a failure too
#
# A source that knows of no vulnerabilities says of any package that it has none. So it is first asked about one that has.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1

unknown=3
case ${1:-} in
  --required) unknown=1 ;;
  '') ;;
  *) echo "usage: $0 [--required]" >&2; exit 2 ;;
esac

canary=$(mktemp -d "${TMPDIR:-/tmp}/eventsourcing-audit.XXXXXX")
trap 'rm -rf "$canary"' EXIT

# GHSA-5crp-9r3c-p9vr. The folder is outside of this tree: none of its settings, and nothing of it in ours.
cat >"$canary/canary.csproj" <<'PROJECT'
<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup>
    <TargetFramework>net10.0</TargetFramework>
    <NuGetAudit>false</NuGetAudit>
  </PropertyGroup>
  <ItemGroup>
    <PackageReference Include="Newtonsoft.Json" Version="12.0.3" />
  </ItemGroup>
</Project>
PROJECT
cp global.json "$canary/"

# Vulnerabilities of a project or a solution, as JSON.
audit() { dotnet list "$1" package --vulnerable --include-transitive --format json </dev/null; }

if ! dotnet restore "$canary/canary.csproj" -v quiet </dev/null >/dev/null 2>&1 ||
  ! audit "$canary/canary.csproj" 2>/dev/null | grep -q GHSA-5crp-9r3c-p9vr; then
  echo "audit-packages: NOT AUDITED: the package source tells of no vulnerabilities, not even of one that is known"
  exit "$unknown"
fi

found=$(audit EventSourcing.sln) || { printf '%s\n' "$found"; echo "audit-packages: the audit did not run; restore first" >&2; exit 1; }
if grep -q '"advisoryurl"' <<<"$found"; then
  dotnet list EventSourcing.sln package --vulnerable --include-transitive </dev/null
  echo "audit-packages: there are known vulnerabilities" >&2
  exit 1
fi
if grep -q '"problems"' <<<"$found"; then
  printf '%s\n' "$found"
  echo "audit-packages: the audit is not complete" >&2
  exit 1
fi
echo "audit-packages: no known vulnerabilities"
