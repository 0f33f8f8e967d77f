-- What was done with streams, by whom and why. Rows are added by the functions that do it, and never changed.
create table if not exists {schema}.stream_operations (
  number bigint generated always as identity primary key,
  at timestamptz not null default clock_timestamp(),
  operation smallint not null, -- 0: archive; 1: restore; 2: truncate; 3: delete
  stream_name text collate "C" not null,
  version bigint not null, -- afterwards, as is the next
  first_version bigint not null,
  events bigint not null, -- moved or removed
  even_unread boolean not null default false,
  actor text not null,
  reason text not null,
  login text collate "C" not null default session_user
);
create index if not exists stream_operations_stream_idx on {schema}.stream_operations (stream_name, number);
