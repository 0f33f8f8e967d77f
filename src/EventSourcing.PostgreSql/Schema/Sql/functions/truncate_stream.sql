-- Removes the events of a stream before a version, for which something else stands in; otherwise as archive_stream.
--
--   p_before       the first version that stays
--   p_stand_in     0: the event at that version; 1: a stored snapshot of that version or a later one
--   p_summaries    the types that the event at that version may have; null for any, which is to trust whoever calls
--   p_even_unread  whether the events may go although somebody who follows the log has not read them
--
--   outcome        also outside: the stream has no such version from 2 on; no summary, no snapshot: what is to stand in is not there;
--                  unread: unread_by(…) tells by whom
create or replace function {schema}.truncate_stream(
  p_stream text, p_before bigint, p_stand_in smallint, p_summaries text[], p_even_unread boolean, p_actor text, p_reason text)
returns table (outcome text, version bigint, first_version bigint, state smallint, stand_in smallint)
language plpgsql volatile
security definer set search_path = pg_catalog, pg_temp -- who may maintain streams may do so in no other way
as $function$
#variable_conflict use_column
declare
  v_bucket smallint := {schema}.stream_bucket(p_stream);
  v_id bigint;
  v_version bigint;
  v_state smallint;
  v_events bigint;
  v_outcome text := 'done';
begin
  if p_stand_in not in (0, 1) then
    raise exception 'a summary (0) or a snapshot (1) may stand in, and not %', p_stand_in using errcode = 'invalid_parameter_value';
  end if;

  select s.stream_id, s.version, s.state into v_id, v_version, v_state
  from {schema}.streams s
  where s.bucket = v_bucket and s.name = p_stream and s.version > 0
  for no key update;

  if v_id is null then
    return query select 'missing', null::bigint, null::bigint, null::smallint, null::smallint;
    return;
  end if;

  if v_state = 2 then
    v_outcome := 'deleted';
  elsif p_before < 2 or p_before > v_version then
    v_outcome := 'outside';
  elsif not exists (select from {schema}.find_stream(v_bucket, p_stream) f where f.first_version >= p_before) then
    if p_stand_in = 0 and p_summaries is not null and not exists (
        select from {schema}.log e
        where e.bucket = v_bucket and e.stream_id = v_id and e.version = p_before and e.type = any (p_summaries)) then
      v_outcome := 'no summary';
    elsif p_stand_in = 1 and not exists (
        select from {schema}.snapshots n
        join {schema}.log e on e.bucket = v_bucket and e.stream_id = v_id and e.version = n.version and e.position = n.position
        where n.bucket = v_bucket and n.stream_name = p_stream and n.version >= p_before) then
      v_outcome := 'no snapshot';
    elsif not p_even_unread and exists (select from {schema}.unread_by(v_bucket, v_id, p_before)) then
      v_outcome := 'unread';
    else
      perform set_config('synchronous_commit', 'on', true) where current_setting('synchronous_commit') = 'off';
      v_events := {schema}.remove_events(v_bucket, v_id, p_before);
      insert into {schema}.truncated_streams as t (bucket, stream_id, stream_name, first_version, stand_in)
      values (v_bucket, v_id, p_stream, p_before, p_stand_in)
      on conflict (bucket, stream_id) do update
      set first_version = excluded.first_version, stand_in = excluded.stand_in;
      insert into {schema}.stream_operations (operation, stream_name, version, first_version, events, even_unread, actor, reason)
      values (2, p_stream, v_version, p_before, v_events, p_even_unread, p_actor, p_reason);
    end if;
  end if;

  return query select v_outcome, f.* from {schema}.find_stream(v_bucket, p_stream) f;
end
$function$;
