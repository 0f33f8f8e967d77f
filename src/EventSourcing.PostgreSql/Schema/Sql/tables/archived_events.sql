-- The events of archived streams, out of the way of the others and of their indexes. They stand in the log as before.
create table if not exists {schema}.archived_events (
  like {schema}.events including defaults,
  primary key (bucket, stream_id, version)
);
create index if not exists archived_events_position_idx on {schema}.archived_events (position);

-- The log, as it is read.
create or replace view {schema}.log as
select position, bucket, stream_id, version, stream_name, event_id, category, type, data, metadata, recorded_at, tags, hash from {schema}.events
union all
select position, bucket, stream_id, version, stream_name, event_id, category, type, data, metadata, recorded_at, tags, hash from {schema}.archived_events;
