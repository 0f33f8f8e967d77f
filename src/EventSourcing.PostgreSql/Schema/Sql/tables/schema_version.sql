-- One row: which version of these objects is installed, for the library to check and to migrate forwards.
create table if not exists {schema}.schema_version (
  only_row boolean primary key default true check (only_row),
  version integer not null,
  installed_at timestamptz not null default clock_timestamp()
);
