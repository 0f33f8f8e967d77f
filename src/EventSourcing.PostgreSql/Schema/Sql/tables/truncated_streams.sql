-- Where a stream begins whose first events were removed.
create table if not exists {schema}.truncated_streams (
  bucket smallint not null,
  stream_id bigint not null,
  stream_name text collate "C" not null,
  first_version bigint not null check (first_version > 1),
  stand_in smallint, -- 0: the event at first_version; 1: a snapshot; null: nothing, the stream is deleted
  primary key (bucket, stream_id)
);
