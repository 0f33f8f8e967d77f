-- Keeps what the first event that is left follows, as a trigger after events were deleted, where streams are chained. Rows that were
-- only moved, into an archive or out of it, are not gone.
create or replace function {schema}.keep_chain_start() returns trigger
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $function$
begin
  insert into {schema}.chain_starts as c (bucket, stream_id, version, hash)
  select distinct on (g.bucket, g.stream_id) g.bucket, g.stream_id, g.version, g.hash
  from gone g
  where g.hash is not null
    and not exists (select from {schema}.log l where l.bucket = g.bucket and l.stream_id = g.stream_id and l.version = g.version)
  order by g.bucket, g.stream_id, g.version desc
  on conflict (bucket, stream_id) do update set version = excluded.version, hash = excluded.hash
  where c.version < excluded.version;
  return null;
end
$function$;
