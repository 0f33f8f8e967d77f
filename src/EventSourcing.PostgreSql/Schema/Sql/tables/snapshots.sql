-- One snapshot for each stream and policy. Rows may be deleted at any time: states are then folded from their events again.
create table if not exists {schema}.snapshots (
  bucket smallint not null,
  stream_name text collate "C" not null,
  name text collate "C" not null,
  schema_version integer not null,
  version bigint not null,
  position bigint not null,
  state json not null,
  taken_at timestamptz not null default clock_timestamp(),
  primary key (bucket, stream_name, name)
);
