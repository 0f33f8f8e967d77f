-- The order of the log. CACHE 1: numbers must be handed out in the order in which sessions ask for them.
create sequence if not exists {schema}.event_position as bigint minvalue 1 cache 1;

-- The log: rows are inserted and never changed. The payload is json, not jsonb: kept exactly as it was written.
create table if not exists {schema}.events (
  position bigint not null,
  bucket smallint not null,
  stream_id bigint not null,
  version bigint not null,
  stream_name text collate "C" not null, -- beside the id: a page of the log is read without looking each stream up
  event_id uuid not null,
  category text collate "C" not null,
  type text collate "C" not null,
  data json not null,
  metadata json,
  recorded_at timestamptz not null default clock_timestamp(),
  tags text[], -- null for none; by which tag an event is found, event_tags tells
  hash bytea, -- null unless the streams are chained
  primary key (bucket, stream_id, version)
){partition_by};
{partitions}
create index if not exists events_position_idx on {schema}.events (position);
alter table {schema}.events add column if not exists tags text[], add column if not exists hash bytea;
