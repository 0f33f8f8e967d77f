-- One row where the log was stored anew from elsewhere: from which source, and how far that has come.
create table if not exists {schema}.log_restores (
  only_row boolean primary key default true check (only_row),
  source text not null,
  source_end bigint not null,
  position bigint not null default 0, -- of the last event that is stored, moved in its transaction
  run integer not null default 1, -- who has begun last: whoever was at it before finds another number and ends
  began_at timestamptz not null default clock_timestamp(),
  ended_at timestamptz -- null while it is under way, and appends are refused
);
