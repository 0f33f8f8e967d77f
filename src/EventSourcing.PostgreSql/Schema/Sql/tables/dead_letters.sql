-- Events that a consumer has given up on. The events themselves are in the log.
create table if not exists {schema}.dead_letters (
  consumer text collate "C" not null,
  generation integer not null,
  position bigint not null,
  event_id uuid not null,
  stream_name text collate "C" not null,
  type text collate "C" not null,
  error text not null,
  attempts integer not null,
  parked_at timestamptz not null default clock_timestamp(),
  primary key (consumer, generation, position)
);
