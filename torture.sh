#!/usr/bin/env bash
# Breaks what the store depends on while it works, and compares what is left with what its callers were told:
#   ./torture.sh crash-client --seconds 30 --seed 1        (--help lists the scenarios)
# Standard output carries JSON lines; the last one tells the result. Servers are started as for the tests.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

# shellcheck source=tests/server-programs.sh
source tests/server-programs.sh
{ prepare_postgres; prepare_pgbouncer; } >&2

project=tests/EventSourcing.Torture
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 MSBUILDDISABLENODEREUSE=1
if ! docker info >/dev/null 2>&1; then export UseTestcontainers=${UseTestcontainers:-false}; fi
dotnet build "$project" -c Release -v quiet >&2
exec dotnet "$project/bin/Release/net10.0/EventSourcing.Torture.dll" "$@"
