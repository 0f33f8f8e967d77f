-- Appends several events to one stream, as append_event does with one.
--
--   p_expected     n: exactly that version, 0 included; -1: any; -2: an existing stream
--   p_event_tags   for each event its tags, as text of a text[]; null for none
--   p_lock         as for append_events
drop function if exists {schema}.append_stream(smallint, text, bigint, text, uuid[], text[], json[], json[]);
create or replace function {schema}.append_stream(
  p_bucket smallint,
  p_name text,
  p_expected bigint,
  p_category text,
  p_event_id uuid[],
  p_event_type text[],
  p_event_data json[],
  p_event_metadata json[],
  p_event_tags text[],
  p_lock integer[]
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
  -- 0. Those who decide by such events wait for this transaction, and this one for them. In the order given, which is one for all.
  perform {take_boundary_key}
  from unnest(p_lock) as l (key);

  if p_expected > 0 then
    update {schema}.streams s set version = s.version + v_count
    where s.bucket = p_bucket and s.name = p_name and s.version = p_expected and s.state = 0
    returning s.stream_id, s.version into v_id, version;
  elsif p_expected = 0 then
    insert into {schema}.streams as s (bucket, name, version) values (p_bucket, p_name, v_count)
    on conflict (bucket, name) do nothing
    returning s.stream_id, s.version into v_id, version;
  elsif p_expected = -1 then
    insert into {schema}.streams as s (bucket, name, version) values (p_bucket, p_name, v_count)
    on conflict (bucket, name) do update set version = s.version + v_count where s.state = 0
    returning s.stream_id, s.version into v_id, version;
  else
    update {schema}.streams s set version = s.version + v_count
    where s.bucket = p_bucket and s.name = p_name and s.version > 0 and s.state = 0
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
    insert into {schema}.events as s (position, bucket, stream_id, version, stream_name, event_id, category, type, data, metadata, tags)
    select nextval('{schema}.event_position'), p_bucket, v_id, version - v_count + e.nth, p_name, e.id, p_category, e.type, e.data, e.metadata, e.tags::text[]
    from unnest(p_event_id, p_event_type, p_event_data, p_event_metadata, p_event_tags) with ordinality as e (id, type, data, metadata, tags, nth)
    returning s.position, s.type, s.tags
  ),
  tagged as (
    insert into {schema}.event_tags (tag, position, bucket, type)
    select t.tag, p.position, p_bucket, p.type from placed p, unnest(p.tags) as t (tag)
  )
  select max(p.position) into last from placed p;
  return next;
end
$function$;
