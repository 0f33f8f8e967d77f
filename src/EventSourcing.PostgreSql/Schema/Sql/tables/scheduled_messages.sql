-- Messages that reactors have scheduled for themselves. A row goes away with the receipt of its message; one that is parked stays.
create table if not exists {schema}.scheduled_messages (
  reactor text collate "C" not null,
  key text collate "C" not null,
  id uuid not null,
  bucket smallint not null, -- of the stream whose event scheduled it: whoever has this shard delivers it
  stream_name text collate "C" not null,
  version bigint not null,
  position bigint not null,
  type text collate "C" not null,
  data json not null,
  due_at timestamptz not null,
  next_at timestamptz not null, -- when it is to be tried; later than due after a failure
  attempts integer not null default 0,
  error text,
  parked_at timestamptz,
  primary key (reactor, key)
);
create index if not exists scheduled_messages_next_idx on {schema}.scheduled_messages (reactor, next_at) where parked_at is null;
