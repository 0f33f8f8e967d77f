-- Removes all events of a stream and its snapshots, and writes a last one that says so; otherwise as truncate_stream. That event is an
-- append in its phases and in what it means to readers.
create or replace function {schema}.delete_stream(p_stream text, p_even_unread boolean, p_actor text, p_reason text)
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
  v_category text;
  v_tags text[];
  v_position bigint;
  v_events bigint;
  v_outcome text := 'done';
begin
  if exists (select from {schema}.find_stream(v_bucket, p_stream) f where f.state <> 2) then
    -- Projections that appends apply are not applied here: they go on by themselves, and become inline again. Their rows come before
    -- the stream's, as in an append.
    perform {schema}.demote_consumer(c.name) from {schema}.consumers c where c.is_serving and c.is_inline order by c.name;

    -- Those who decide by such events wait for this transaction, and this one for them.
    perform pg_advisory_xact_lock_shared({boundary_lock}), pg_advisory_xact_lock_shared({boundary_lock} + {deletion_key});
  end if;

  select s.stream_id, s.version, s.state into v_id, v_version, v_state
  from {schema}.streams s
  where s.bucket = v_bucket and s.name = p_stream and s.version > 0
  for no key update;

  if v_id is null then
    return query select 'missing', null::bigint, null::bigint, null::smallint, null::smallint;
    return;
  end if;

  if v_state <> 2 then
    if not p_even_unread and exists (select from {schema}.unread_by(v_bucket, v_id, v_version + 1)) then
      v_outcome := 'unread';
    else
      -- With the tag of the tenant whose stream it is, if it is one's: by that its readers find it.
      select e.category, array(select t.tag from unnest(e.tags) as t (tag) where starts_with(t.tag, '@')) into v_category, v_tags
      from {schema}.log e where e.bucket = v_bucket and e.stream_id = v_id and e.version = v_version;
      v_events := {schema}.remove_events(v_bucket, v_id, v_version + 1);
      delete from {schema}.snapshots n where n.bucket = v_bucket and n.stream_name = p_stream;
      update {schema}.streams s set version = v_version + 1, state = 2 where s.bucket = v_bucket and s.name = p_stream;
      insert into {schema}.truncated_streams as t (bucket, stream_id, stream_name, first_version, stand_in)
      values (v_bucket, v_id, p_stream, v_version + 1, null)
      on conflict (bucket, stream_id) do update
      set first_version = excluded.first_version, stand_in = excluded.stand_in;
      insert into {schema}.stream_operations (operation, stream_name, version, first_version, events, even_unread, actor, reason)
      values (3, p_stream, v_version + 1, v_version + 1, v_events, p_even_unread, p_actor, p_reason);

      -- From here on a reader that meets a missing position waits for this transaction. Only now take the position.
      perform pg_advisory_xact_lock_shared({append_lock});
      perform set_config('synchronous_commit', 'on', true) where current_setting('synchronous_commit') = 'off';
      insert into {schema}.events (position, bucket, stream_id, version, stream_name, event_id, category, type, data, metadata, tags)
      values (
        nextval('{schema}.event_position'), v_bucket, v_id, v_version + 1, p_stream, gen_random_uuid(), v_category, '{deletion_type}',
        json_build_object('reason', p_reason), json_build_object('actor', p_actor), nullif(v_tags, '{}'))
      returning position into v_position;
      insert into {schema}.event_tags (tag, position, bucket, type)
      select t.tag, v_position, v_bucket, '{deletion_type}' from unnest(v_tags) as t (tag);
    end if;
  end if;

  return query select v_outcome, f.* from {schema}.find_stream(v_bucket, p_stream) f;
end
$function$;
