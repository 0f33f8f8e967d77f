# Sourced by ./test.sh and ./torture.sh. The tests start their own servers, on ports and in folders of their own
# (tests/EventSourcing.PostgreSqlServer and tests/EventSourcing.RabbitMqServer say how); their programs are installed here where the machine
# lacks them and that is possible. Where it is not, what needs them fails, and says what is missing.

# The machine's own programs are needed wherever a test restarts its server.
prepare_postgres() {
  shopt -s nullglob
  local installed=(/usr/lib/postgresql/*/bin/initdb /usr/pgsql-*/bin/initdb
    /opt/homebrew/opt/postgresql@*/bin/initdb /usr/local/opt/postgresql@*/bin/initdb)
  shopt -u nullglob
  if command -v initdb >/dev/null || [ ${#installed[@]} -gt 0 ]; then return; fi
  install_package "Installing PostgreSQL" postgresql
}

prepare_pgbouncer() {
  if command -v pgbouncer >/dev/null || [ -x /usr/sbin/pgbouncer ]; then return; fi
  install_package "Installing PgBouncer" pgbouncer
}

prepare_rabbitmq() {
  if command -v rabbitmq-server >/dev/null || [ -x /usr/lib/rabbitmq/bin/rabbitmq-server ]; then return; fi
  install_package "Installing RabbitMQ" rabbitmq-server
}

install_package() {
  if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then return; fi
  printf '\n== %s\n' "$1"
  DEBIAN_FRONTEND=noninteractive apt-get update -qq </dev/null &&
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$2" </dev/null || true
}
