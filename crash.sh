#!/usr/bin/env bash
# Kills, stops and starts processes that run projections, and compares what is left with a plain fold of the log:
#   ./crash.sh --kills 100 [--seed N] [--only kills rebuild]
# The last line tells whether all is as it should be; the server is found or started as for the tests.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

project=tests/EventSourcing.Crash
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 MSBUILDDISABLENODEREUSE=1
if ! docker info >/dev/null 2>&1; then export UseTestcontainers=${UseTestcontainers:-false}; fi
dotnet build "$project" -c Release -v quiet >&2
exec dotnet "$project/bin/Release/net10.0/EventSourcing.Crash.dll" "$@"
