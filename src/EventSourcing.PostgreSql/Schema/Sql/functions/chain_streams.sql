-- Chains the events that are there, stream by stream. Only streams of which no event has a hash: nothing that was chained is chained
-- anew, or a change of it would not be found any more. The caller has locked the tables.
create or replace function {schema}.chain_streams() returns bigint
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
  v_count bigint := 0;
  v_bucket smallint;
  v_stream bigint;
  v_hash bytea;
  r record;
begin
  for r in
    select l.*
    from {schema}.log l
    where not exists (select from {schema}.log h where h.bucket = l.bucket and h.stream_id = l.stream_id and h.hash is not null)
    order by l.bucket, l.stream_id, l.version
  loop
    if v_bucket is distinct from r.bucket or v_stream is distinct from r.stream_id then
      v_bucket := r.bucket;
      v_stream := r.stream_id;
      v_hash := null;
    end if;

    v_hash := {schema}.event_hash(
      v_hash, r.stream_name, r.version, r.position, r.event_id, r.type, r.recorded_at, r.data, r.metadata, r.tags);
    update {schema}.events e set hash = v_hash where e.bucket = r.bucket and e.stream_id = r.stream_id and e.version = r.version;
    if not found then
      update {schema}.archived_events e set hash = v_hash where e.bucket = r.bucket and e.stream_id = r.stream_id and e.version = r.version;
    end if;

    v_count := v_count + 1;
  end loop;

  return v_count;
end
$function$;
