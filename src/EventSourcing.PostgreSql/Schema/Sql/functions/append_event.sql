-- Appends one event to one stream: the append that most are. No row where the stream is not as expected; why, append_events
-- tells. Its phases are those of append_events, in the same order.
--
--   p_expected   n: exactly that version, 0 included; -1: any; -2: an existing stream
--   p_lock       the key of the event's type, for those who decide by events of a type; it has no tags
drop function if exists {schema}.append_event(smallint, text, bigint, text, uuid, text, json, json);
create or replace function {schema}.append_event(
  p_bucket smallint,
  p_name text,
  p_expected bigint,
  p_category text,
  p_event_id uuid,
  p_event_type text,
  p_event_data json,
  p_event_metadata json,
  p_lock integer
) returns table (version bigint, last bigint)
language plpgsql volatile
security definer set search_path = pg_catalog, pg_temp -- who may append may do so in no other way
as $function$
#variable_conflict use_column
declare
  v_id bigint;
begin
  -- 0. Those who decide by such events wait for this transaction, and this one for them.
  perform pg_advisory_xact_lock_shared({boundary_lock}), pg_advisory_xact_lock_shared({boundary_lock} + p_lock);

  if p_expected > 0 then
    update {schema}.streams s set version = s.version + 1
    where s.bucket = p_bucket and s.name = p_name and s.version = p_expected and s.state = 0
    returning s.stream_id, s.version into v_id, version;
  elsif p_expected = 0 then
    insert into {schema}.streams as s (bucket, name, version) values (p_bucket, p_name, 1)
    on conflict (bucket, name) do nothing
    returning s.stream_id, s.version into v_id, version;
  elsif p_expected = -1 then
    insert into {schema}.streams as s (bucket, name, version) values (p_bucket, p_name, 1)
    on conflict (bucket, name) do update set version = s.version + 1 where s.state = 0
    returning s.stream_id, s.version into v_id, version;
  else
    update {schema}.streams s set version = s.version + 1
    where s.bucket = p_bucket and s.name = p_name and s.version > 0 and s.state = 0
    returning s.stream_id, s.version into v_id, version;
  end if;

  if v_id is null then
    return;
  end if;

  -- From here on a reader that meets a missing position waits for this transaction. Only now take the position.
  perform pg_advisory_xact_lock_shared({append_lock});

  -- Whatever the session is set to: an append that was acknowledged is on the disk.
  perform set_config('synchronous_commit', 'on', true) where current_setting('synchronous_commit') = 'off';
  last := nextval('{schema}.event_position');
  insert into {schema}.events (position, bucket, stream_id, version, stream_name, event_id, category, type, data, metadata)
  values (last, p_bucket, v_id, version, p_name, p_event_id, p_category, p_event_type, p_event_data, p_event_metadata);
  return next;
end
$function$;
