-- Closes a stream and puts its events out of the way of the others, whose place in the log they keep. As all functions that maintain
-- streams: it takes the stream's lock first, as appends do; it may be repeated; and it answers with one row.
--
--   outcome         done, also where nothing was left to do; missing: there is no such stream; deleted: it is
--   version ...     the stream as it is now
create or replace function {schema}.archive_stream(p_stream text, p_actor text, p_reason text)
returns table (outcome text, version bigint, first_version bigint, state smallint, stand_in smallint)
language plpgsql volatile
security definer set search_path = pg_catalog, pg_temp -- who may maintain streams may do so in no other way
as $function$
#variable_conflict use_column
declare
  v_bucket smallint := {schema}.stream_bucket(p_stream);
  v_id bigint;
  v_state smallint;
  v_events bigint;
begin
  select s.stream_id, s.state into v_id, v_state
  from {schema}.streams s
  where s.bucket = v_bucket and s.name = p_stream and s.version > 0
  for no key update;

  if v_id is null then
    return query select 'missing', null::bigint, null::bigint, null::smallint, null::smallint;
    return;
  end if;

  if v_state = 0 then
    perform set_config('synchronous_commit', 'on', true) where current_setting('synchronous_commit') = 'off';
    with moved as (
      delete from {schema}.events e where e.bucket = v_bucket and e.stream_id = v_id returning e.*
    )
    insert into {schema}.archived_events
      (position, bucket, stream_id, version, stream_name, event_id, category, type, data, metadata, recorded_at, tags, hash)
    select m.position, m.bucket, m.stream_id, m.version, m.stream_name, m.event_id, m.category, m.type, m.data, m.metadata, m.recorded_at, m.tags, m.hash
    from moved m;
    get diagnostics v_events = row_count;

    update {schema}.streams s set state = 1 where s.bucket = v_bucket and s.name = p_stream;
    insert into {schema}.stream_operations (operation, stream_name, version, first_version, events, actor, reason)
    select 0, p_stream, f.version, f.first_version, v_events, p_actor, p_reason from {schema}.find_stream(v_bucket, p_stream) f;
  end if;

  return query select case v_state when 2 then 'deleted' else 'done' end, f.* from {schema}.find_stream(v_bucket, p_stream) f;
end
$function$;
