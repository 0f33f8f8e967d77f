#!/usr/bin/env bash
# Measures the library beside hand-written Npgsql: ./bench.sh append --writers 64 --seconds 10
# Standard output carries JSON lines only; the server is found or started as for the tests.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

project=tests/EventSourcing.Benchmarks
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 MSBUILDDISABLENODEREUSE=1
if ! docker info >/dev/null 2>&1; then export UseTestcontainers=${UseTestcontainers:-false}; fi
dotnet build "$project" -c Release -v quiet >&2
exec dotnet "$project/bin/Release/net10.0/EventSourcing.Benchmarks.dll" "$@"
