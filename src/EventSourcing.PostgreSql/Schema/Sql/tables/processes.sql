-- The processes that run projections and reactors, for as long as they say that they are there.
create table if not exists {schema}.processes (
  id uuid primary key,
  label text not null,
  runs text[] not null,
  seen_until timestamptz not null
) with (fillfactor = 20);
