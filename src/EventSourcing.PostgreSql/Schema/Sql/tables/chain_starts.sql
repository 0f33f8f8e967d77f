-- Of streams that were truncated: the hash of the last event that is gone, which the first one that is left follows. Written by
-- keep_chain_start, where streams are chained.
create table if not exists {schema}.chain_starts (
  bucket smallint not null,
  stream_id bigint not null,
  version bigint not null,
  hash bytea not null,
  primary key (bucket, stream_id)
);
