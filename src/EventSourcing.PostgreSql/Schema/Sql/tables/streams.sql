-- One row for each stream. An append locks the rows of its streams first, which is what makes its expected versions true.
-- A row at version 0 is a stream that somebody is about to create.
create table if not exists {schema}.streams (
  bucket smallint not null check (bucket between 0 and 1023),
  stream_id bigint generated always as identity,
  name text collate "C" not null,
  version bigint not null default 0 check (version >= 0),
  state smallint not null default 0, -- 0: open; 1: archived; 2: deleted: only an open one takes appends
  primary key (bucket, name)
) with (fillfactor = 80); -- room on each page, so that a new version of the row needs no new index entry
alter table {schema}.streams add column if not exists state smallint not null default 0;
create index if not exists streams_closed_idx on {schema}.streams (name) where state <> 0;
