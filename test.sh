#!/usr/bin/env bash
# Builds everything, runs every test, checks the packages. The last line is the sum: N passed, N failed, N skipped.
# It fails if anything failed, if nothing ran, and if the tests against PostgreSQL and RabbitMQ did not all run.
#
#   ./test.sh                 the whole, which is what counts
#   ./test.sh --no-postgres   without the projects that need a server: PostgreSQL or RabbitMQ
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")" || exit 1

readonly server_tests=(Boundaries.Tests BoxOffice.Tests EventSourcing.HealthChecks.Tests EventSourcing.PostgreSql.Tests EventSourcing.RabbitMq.Tests EventSourcing.Tenants.Tests EventSourcing.Torture.Tests)
readonly results=artifacts/test-results
readonly hang_limit=10m

with_servers=yes
for argument in "$@"; do
  case $argument in
    --no-postgres) with_servers=no ;;
    *) echo "usage: $0 [--no-postgres]" >&2; exit 2 ;;
  esac
done

# A build node that stays behind would keep a pipe behind us open, and whoever reads it waiting.
export MSBUILDDISABLENODEREUSE=1
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1

passed=0 failed=0 skipped=0 problems=()

# The sum is the last line however the script ends.
sum_up() {
  local status=$?
  end_job
  if [ "$status" -ne 0 ] && [ "$failed" -eq 0 ]; then problem "the run was broken off"; fi
  for line in ${problems[@]+"${problems[@]}"}; do echo "FAILED: $line"; done
  echo "$passed passed, $failed failed, $skipped skipped"
  trap - EXIT
  if [ "$failed" -gt 0 ]; then exit 1; fi
}
trap sum_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# Runs a command in a process group of its own, and ends with it whatever it has left behind: the runner gives up on a
# hung test but leaves its process, which would keep its server. (The server's watchdog ignores the signal and tidies up.)
job=
run_as_job() {
  local status=0
  set -m
  "$@" </dev/null &
  job=$!
  set +m
  wait "$job" || status=$?
  end_job
  return "$status"
}
end_job() {
  if [ -n "$job" ]; then kill -TERM -- "-$job" 2>/dev/null; fi
  job=
}

heading() { printf '\n== %s\n' "$*"; }
problem() { problems+=("$*"); failed=$((failed + 1)); }

# shellcheck source=tests/server-programs.sh
source tests/server-programs.sh

# Without an engine that answers, the container library is neither restored nor compiled.
prepare_containers() {
  if [ -z "${UseTestcontainers:-}" ] && ! docker info >/dev/null 2>&1; then export UseTestcontainers=false; fi
}

needs_server() { grep -qE 'EventSourcing\.(PostgreSql|RabbitMq)Server\.csproj' "$1"; }

# The value of one counter in a test result file.
counter() { sed -n "s/.*<Counters .*$2=\"\([0-9]*\)\".*/\1/p" "$1" | head -1; }

# The names of the failed tests of a result file, each with the beginning of what it said: who sees only the end of the output needs no more.
failures() {
  awk '
    /<UnitTestResult / { failed = /outcome="Failed"/; if (failed) { sub(/.* testName="/, ""); sub(/".*/, ""); print } }
    failed && /<Message>/ { lines = 3 }
    lines > 0 { gsub(/<\/?Message>/, ""); sub(/^ +/, ""); print "  " substr($0, 1, 300); lines-- }
    /<StackTrace>/ { lines = 0 }
  ' "$1" | sed 's/&lt;/</g; s/&gt;/>/g; s/&quot;/"/g; s/&#xD;//g; s/&amp;/\&/g' | head -40
}

run_tests() {
  local project=$1 name ran ok all status=0
  name=$(basename "$project" .csproj)
  heading "$name"
  run_as_job dotnet test "$project" --no-build -c Release --results-directory "$results" \
    --logger "trx;LogFileName=$name.trx" --blame-hang-timeout "$hang_limit" --blame-hang-dump-type none || status=$?

  local trx="$results/$name.trx"
  all=$(counter "$trx" total 2>/dev/null) ran=$(counter "$trx" executed 2>/dev/null) ok=$(counter "$trx" passed 2>/dev/null)
  all=${all:-0} ran=${ran:-0} ok=${ok:-0}
  passed=$((passed + ok)) failed=$((failed + ran - ok)) skipped=$((skipped + all - ran))
  if [ "$ran" -gt "$ok" ]; then
    problems+=("$name: $((ran - ok)) of $all tests")
    while IFS= read -r line; do problems+=("  $line"); done < <(failures "$trx")
  fi

  if [ "$ran" -eq 0 ]; then problem "$name ran no test"
  elif [ "$status" -ne 0 ] && [ "$ran" -eq "$ok" ]; then problem "$name ended with $status though no test failed"
  fi
  if [[ " ${server_tests[*]} " = *" $name "* ]] && [ "$all" -gt "$ran" ]; then problem "$name skipped tests: without them nothing is proven"; fi
}

rm -rf "$results"
mkdir -p "$results"
if [ $with_servers = yes ]; then prepare_postgres; prepare_pgbouncer; prepare_rabbitmq; fi
prepare_containers

heading "Build"
if ! dotnet build EventSourcing.sln -c Release -warnaserror </dev/null; then
  problem "the build"
  exit 1
fi

for project in tests/*Tests/*Tests.csproj; do
  if [ ! -e "$project" ]; then continue; fi
  if [ $with_servers = no ] && needs_server "$project"; then continue; fi
  run_tests "$project"
done
for name in "${server_tests[@]}"; do
  if [ $with_servers = yes ] && [ ! -e "$results/$name.trx" ]; then problem "$name did not run"; fi
done
if [ "$passed" -eq 0 ]; then problem "no test passed"; fi

heading "Packages"
if tests/check-packages.sh; then passed=$((passed + 1)); else problem "the packages"; fi

heading "Trimmed"
if tests/check-trimmed.sh; then passed=$((passed + 1)); else problem "the trimmed sample"; fi

heading "Audit"
tests/audit-packages.sh
case $? in
  0) passed=$((passed + 1)) ;;
  3) ;; # the package source tells of no vulnerabilities: said above
  *) problem "the audit of the packages" ;;
esac
