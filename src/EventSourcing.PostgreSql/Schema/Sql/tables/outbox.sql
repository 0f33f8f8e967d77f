-- Public messages on their way to the broker: written with the checkpoint of their translator, gone when the broker has confirmed them.
create table if not exists {schema}.outbox (
  number bigint generated always as identity primary key,
  message_id uuid not null unique,
  topic text collate "C" not null,
  type text collate "C" not null,
  body text collate "C" not null, -- JSON as it was made; text, whose length is known without reading it
  occurred_at text not null, -- ISO 8601: an instant of the server has no 100 ns and no offset
  key text collate "C",
  headers json,
  correlation_id text,
  causation_id text,
  trace_parent text,
  written_at timestamptz not null default clock_timestamp(),
  parked_at timestamptz,
  error text,
  attempts integer
) with (autovacuum_vacuum_scale_factor = 0.01); -- a queue: what is gone lies before what is read next

create index if not exists outbox_parked_idx on {schema}.outbox (number) where parked_at is not null;
