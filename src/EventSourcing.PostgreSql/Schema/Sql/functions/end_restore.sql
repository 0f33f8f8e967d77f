-- Ends what begin_restore has begun: appends go on behind the end of the source. False where somebody else has taken over.
--
--   p_name       streams that are not simply there from version 1 on, open; of each, at the same place in the other arrays:
--   p_first      the version of its first event
--   p_state      as in streams
--   p_stand_in   as in truncated_streams
create or replace function {schema}.end_restore(
  p_run integer, p_end bigint, p_name text[], p_first bigint[], p_state smallint[], p_stand_in smallint[]) returns boolean
language plpgsql volatile
security definer set search_path = pg_catalog, pg_temp
as $function$
declare
  v_end bigint;
begin
  perform pg_advisory_xact_lock({append_lock});
  if not exists (select from {schema}.log_restores r where r.run = p_run) then
    return false;
  end if;

  -- Once: the answer may have been lost on its way, and there are appends by now.
  if exists (select from {schema}.log_restores r where r.ended_at is null) then
    -- It is not taken back with this transaction, should that fail: then appends may stand behind the end when it is run again.
    select greatest(p_end, (select max(l.position) from {schema}.log l)) into v_end;
    perform setval('{schema}.event_position', greatest(v_end, 1), v_end > 0);

    insert into {schema}.truncated_streams (bucket, stream_id, stream_name, first_version, stand_in)
    select s.bucket, s.stream_id, s.name, i.first, i.stand_in
    from unnest(p_name, p_first, p_stand_in) as i (name, first, stand_in)
    join {schema}.streams s on s.bucket = {schema}.stream_bucket(i.name) and s.name = i.name
    where i.first > 1;

    update {schema}.streams s
    set state = i.state
    from unnest(p_name, p_state) as i (name, state)
    where s.bucket = {schema}.stream_bucket(i.name) and s.name = i.name and i.state <> 0;

    with moved as (
      delete from {schema}.events e
      using {schema}.streams s
      where s.state = 1 and e.bucket = s.bucket and e.stream_id = s.stream_id
      returning e.*
    )
    insert into {schema}.archived_events
      (position, bucket, stream_id, version, stream_name, event_id, category, type, data, metadata, recorded_at, tags, hash)
    select m.position, m.bucket, m.stream_id, m.version, m.stream_name, m.event_id, m.category, m.type, m.data, m.metadata, m.recorded_at, m.tags, m.hash
    from moved m;

    update {schema}.log_restores set ended_at = clock_timestamp();
  end if;

  return true;
end
$function$;
