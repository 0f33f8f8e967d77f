-- Appends several events to one stream, as append_event does with one.
--
--   p_expected   n: exactly that version, 0 included; -1: any; -2: an existing stream
create or replace function {schema}.append_stream(
  p_bucket smallint,
  p_name text,
  p_expected bigint,
  p_category text,
  p_event_id uuid[],
  p_event_type text[],
  p_event_data json[],
  p_event_metadata json[]
) returns table (version bigint, last bigint)
language plpgsql volatile
security definer set search_path = pg_catalog, pg_temp -- who may append may do so in no other way
set plan_cache_mode = force_generic_plan -- else each call plans anew, for arrays of just this length
as $function$
#variable_conflict use_column
declare
  v_count bigint := cardinality(p_event_id);
  v_id bigint;
begin
  if p_expected > 0 then
    update {schema}.streams s set version = s.version + v_count
    where s.bucket = p_bucket and s.name = p_name and s.version = p_expected
    returning s.stream_id, s.version into v_id, version;
  elsif p_expected = 0 then
    insert into {schema}.streams as s (bucket, name, version) values (p_bucket, p_name, v_count)
    on conflict (bucket, name) do nothing
    returning s.stream_id, s.version into v_id, version;
  elsif p_expected = -1 then
    insert into {schema}.streams as s (bucket, name, version) values (p_bucket, p_name, v_count)
    on conflict (bucket, name) do update set version = s.version + v_count
    returning s.stream_id, s.version into v_id, version;
  else
    update {schema}.streams s set version = s.version + v_count
    where s.bucket = p_bucket and s.name = p_name and s.version > 0
    returning s.stream_id, s.version into v_id, version;
  end if;

  if v_id is null then
    return;
  end if;

  -- From here on a reader that meets a missing position waits for this transaction. Only now take positions.
  perform pg_advisory_xact_lock_shared({append_lock});

  -- Whatever the session is set to: an append that was acknowledged is on the disk.
  perform set_config('synchronous_commit', 'on', true) where current_setting('synchronous_commit') = 'off';
  with placed as (
    insert into {schema}.events as s (position, bucket, stream_id, version, stream_name, event_id, category, type, data, metadata)
    select nextval('{schema}.event_position'), p_bucket, v_id, version - v_count + e.nth, p_name, e.id, p_category, e.type, e.data, e.metadata
    from unnest(p_event_id, p_event_type, p_event_data, p_event_metadata) with ordinality as e (id, type, data, metadata, nth)
    returning s.position
  )
  select max(p.position) into last from placed p;
  return next;
end
$function$;
