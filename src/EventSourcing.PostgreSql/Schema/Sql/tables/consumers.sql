-- Who runs which projection or reactor, and how far it is: one row for each shard of each generation. Lease and checkpoint
-- stand in one row on purpose: whoever applies a page moves its position only where epoch and position are still its own.
create table if not exists {schema}.consumers (
  name text collate "C" not null,
  generation integer not null,
  shard smallint not null,
  shards smallint not null,
  version integer not null,
  is_serving boolean not null,
  is_inline boolean not null default false, -- applied by appends themselves, which lock the row in share mode
  position bigint not null,
  epoch bigint not null,
  owner uuid,
  lease_until timestamptz,
  lease_time interval,
  is_paused boolean not null default false,
  state text not null default 'Stopped',
  error text,
  events_per_second double precision not null default 0,
  updated_at timestamptz not null default clock_timestamp(),
  primary key (name, generation, shard)
) with (fillfactor = 20); -- moved with every page: a new version of the row stays on its page of the table
