-- Appends to many streams for many callers at once: one statement and one commit, but each stream is stored or left out
-- by itself. Answers with the streams that were stored; why another was not, append_events tells its caller.
--
--   p_expected        n: exactly that version, 0 included; -1: any; -2: an existing stream
--   p_count           how many of the events belong to the stream, at least 1
--   p_last            the number of the stream's last event, from 1
--   p_event_stream    for each event the number of its stream, from 1
--   p_event_offset    for each event its number within its stream's part, from 1
--   p_event_tags, p_lock, p_item_*   as for append_events; p_event_tags is null where no event has any
--   p_item_stream     for each item of a condition the number of the stream whose append it belongs to, from 1
--
-- No append of a batch is in a boundary of which another excludes it, so that none can spoil another's condition.
-- A stream stands in a batch once. The phases are those of append_events. The short lock timeout is for a batch that
-- meets a stream locked by a long transaction: it gives up, and its appends go on one by one, on connections of their own.
drop function if exists {schema}.append_batch(
  smallint[], text[], bigint[], integer[], integer[], integer[], integer[], uuid[], text[], text[], json[], json[]);
create or replace function {schema}.append_batch(
  p_bucket smallint[],
  p_name text[],
  p_expected bigint[],
  p_count integer[],
  p_last integer[],
  p_event_stream integer[],
  p_event_offset integer[],
  p_event_id uuid[],
  p_event_category text[],
  p_event_type text[],
  p_event_data json[],
  p_event_metadata json[],
  p_event_tags text[],
  p_lock integer[],
  p_item_stream integer[],
  p_item_after bigint[],
  p_item_seen text[],
  p_item_tags text[],
  p_item_types text[]
) returns table (stream integer, version bigint, last bigint)
language plpgsql volatile
security definer set search_path = pg_catalog, pg_temp -- who may append may do so in no other way
set lock_timeout = '100ms'
set plan_cache_mode = force_generic_plan -- else each call plans anew, for arrays of just this length
as $function$
declare
  v_id bigint[] := array_fill(0::bigint, array[cardinality(p_name)]);      -- by stream: its id; 0: not stored
  v_version bigint[] := array_fill(0::bigint, array[cardinality(p_name)]); -- by stream: its version before
  v_position bigint[];                                                     -- by event: its position; 0: not stored
  v_spoiled bigint[] := '{}';                                              -- streams whose append's condition is violated
  r record;
begin
  if cardinality(p_item_after) > 0 and current_setting('transaction_isolation') <> 'read committed' then
    raise exception 'a condition is checked in a READ COMMITTED transaction only' using errcode = 'ES001';
  end if;

  -- 0. Those who decide by such events wait for this transaction, and this one for them. In the order given, which is one for all.
  perform {take_boundary_key}
  from unnest(p_lock) as l (key);

  -- A statement of its own, after the locks: it sees what was committed while they were waited for.
  if cardinality(p_item_after) > 0 then
    v_spoiled := array(
      select i.stream
      from unnest(p_item_stream, p_item_after, p_item_seen, p_item_tags, p_item_types) as i (stream, after, seen, tags, types)
      where {schema}.unseen_event(i.after, i.seen::bigint[], i.tags::text[], i.types::text[]) is not null
    );
  end if;

  -- 1. New streams, at once with the version that they will have. A row that is there already is left to phase 2.
  if 0 = any (p_expected) or -1 = any (p_expected) then
    for r in
      insert into {schema}.streams as s (bucket, name, version)
      select e.bucket, e.name, e.count
      from unnest(p_bucket, p_name, p_expected, p_count) with ordinality as e (bucket, name, expected, count, ord)
      where e.ord <> all (v_spoiled)
        and (e.expected = 0
          or (e.expected = -1 and not exists (select from {schema}.streams x where x.bucket = e.bucket and x.name = e.name)))
      order by e.bucket, e.name collate "C"
      on conflict (bucket, name) do nothing
      returning s.name, s.stream_id
    loop
      v_id[array_position(p_name, r.name)] := r.stream_id;
    end loop;
  end if;

  -- 2 and 3. Lock the others in one order for everybody, and move those that are as expected.
  if 0 = any (v_id) then
    for r in
      with locked as materialized (
        select e.ord, s.bucket, s.name, s.stream_id, s.version, s.state, e.expected, e.count
        from unnest(p_bucket, p_name, p_expected, p_count, v_id) with ordinality as e (bucket, name, expected, count, id, ord)
        join {schema}.streams s on s.bucket = e.bucket and s.name = e.name
        where e.id = 0 and e.ord <> all (v_spoiled)
        order by s.bucket, s.name
        for no key update of s
      )
      update {schema}.streams s
      set version = l.version + l.count
      from locked l
      where s.bucket = l.bucket and s.name = l.name and l.state = 0
        and (l.expected = l.version or l.expected = -1 or (l.expected = -2 and l.version > 0))
      returning l.ord, l.stream_id, l.version
    loop
      v_id[r.ord] := r.stream_id;
      v_version[r.ord] := r.version;
    end loop;
  end if;

  -- 4. From here on a reader that meets a missing position waits for this transaction. Only now take positions.
  perform pg_advisory_xact_lock_shared({append_lock});

  -- Whatever the session is set to: an append that was acknowledged is on the disk.
  perform set_config('synchronous_commit', 'on', true) where current_setting('synchronous_commit') = 'off';
  select array_agg(case when v_id[e.stream] = 0 then 0 else nextval('{schema}.event_position') end)
  into v_position
  from unnest(p_event_stream) as e (stream);

  insert into {schema}.events (position, bucket, stream_id, version, stream_name, event_id, category, type, data, metadata, tags)
  select e.position, p_bucket[e.stream], v_id[e.stream], v_version[e.stream] + e.nth, p_name[e.stream],
    e.id, e.category, e.type, e.data, e.metadata, e.tags::text[]
  from unnest(
      v_position, p_event_stream, p_event_offset, p_event_id, p_event_category, p_event_type, p_event_data, p_event_metadata, p_event_tags)
    as e (position, stream, nth, id, category, type, data, metadata, tags)
  where e.position > 0;

  if p_event_tags is not null then
    insert into {schema}.event_tags (tag, position, bucket, type)
    select t.tag, e.position, p_bucket[e.stream], e.type
    from unnest(v_position, p_event_stream, p_event_type, p_event_tags) as e (position, stream, type, tags), unnest(e.tags::text[]) as t (tag)
    where e.position > 0;
  end if;

  return query
    select e.ord::integer, e.version + e.count, v_position[e.last]
    from unnest(v_id, v_version, p_count, p_last) with ordinality as e (id, version, count, last, ord)
    where e.id > 0;
end
$function$;
