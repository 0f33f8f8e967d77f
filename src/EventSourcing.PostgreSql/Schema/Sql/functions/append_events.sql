-- Appends events to one or several streams, all or nothing, and answers with one row for each stream, in the order given.
--
--   p_expected        n: exactly that version, 0 included; -1: any; -2: an existing stream
--   p_count           how many of the events belong to the stream; 0: it is only checked
--   p_event_stream    for each event the number of its stream, from 1, not falling
--   p_event_offset    for each event its number within its stream's part, from 1
--   p_event_tags      for each event its tags, as text of a text[]; null for none
--   p_lock            the keys of the boundaries that this append is in, from 1, rising; negative where it excludes all others
--   p_item_after      for each item of a condition: up to where its decision has seen everything
--   p_item_seen       ... the positions beyond that it has seen, as text of a bigint[]
--   p_item_tags       ... the tags, as text of a text[]
--   p_item_types      ... the types, as text of a text[]
--
--   outcome   0: stored    1: stored already by an earlier run of the same append
--             2: refused, because of this stream    3: refused, because of another stream or of the condition
--             4: refused, because this stream is archived    5: or deleted
--   version   the stream's version: after the append, after that earlier run, or now
--   last      the position of the stream's last event of this append
--   unseen    an event that violates the condition
--
-- It is volatile on purpose: each statement in it sees what was committed while an earlier one waited for a lock.
-- The order of its phases keeps appends free of deadlocks, and the loser of a conflict from taking a position.
drop function if exists {schema}.append_events(
  smallint[], text[], bigint[], integer[], integer[], integer[], uuid[], text[], text[], json[], json[]);
create or replace function {schema}.append_events(
  p_bucket smallint[],
  p_name text[],
  p_expected bigint[],
  p_count integer[],
  p_event_stream integer[],
  p_event_offset integer[],
  p_event_id uuid[],
  p_event_category text[],
  p_event_type text[],
  p_event_data json[],
  p_event_metadata json[],
  p_event_tags text[],
  p_lock integer[],
  p_item_after bigint[],
  p_item_seen text[],
  p_item_tags text[],
  p_item_types text[]
) returns table (outcome smallint, version bigint, last bigint, unseen bigint)
language plpgsql volatile
security definer set search_path = pg_catalog, pg_temp -- who may append may do so in no other way
set plan_cache_mode = force_generic_plan -- else each call plans anew, for arrays of just this length
as $function$
declare
  v_created text[];      -- streams whose rows this append made, to have something to lock
  v_id bigint[];         -- by stream: its id
  v_version bigint[];    -- by stream: its version before this append
  v_state smallint[];    -- by stream: whether it takes appends
  v_last bigint[];       -- by stream: the position of its last event of this append
  v_met boolean;
  v_unseen bigint;
  v_repeated boolean;
begin
  if cardinality(p_item_after) > 0 and current_setting('transaction_isolation') <> 'read committed' then
    raise exception 'a condition is checked in a READ COMMITTED transaction only' using errcode = 'ES001';
  end if;

  -- 0. Those who decide by such events wait for this transaction, and this one for them. In the order given, which is one for all.
  perform {take_boundary_key}
  from unnest(p_lock) as l (key);

  -- 1. Rows for streams that this append may create, or whose absence it relies on.
  with made as (
    insert into {schema}.streams as s (bucket, name)
    select e.bucket, e.name
    from unnest(p_bucket, p_name, p_expected, p_count) as e (bucket, name, expected, count)
    where (e.expected = 0 or (e.expected = -1 and e.count > 0))
      and not exists (select from {schema}.streams x where x.bucket = e.bucket and x.name = e.name)
    order by e.bucket, e.name collate "C"
    on conflict (bucket, name) do nothing
    returning s.name
  )
  select array_agg(made.name) into v_created from made;

  -- 2. Lock all streams, in one order for everybody.
  with locked as materialized (
    select e.ord, s.stream_id, s.version, s.state
    from unnest(p_bucket, p_name) with ordinality as e (bucket, name, ord)
    join {schema}.streams s on s.bucket = e.bucket and s.name = e.name
    order by s.bucket, s.name
    for no key update of s
  )
  select array_agg(l.stream_id order by e.ord), array_agg(coalesce(l.version, 0) order by e.ord),
    array_agg(coalesce(l.state, 0::smallint) order by e.ord)
  into v_id, v_version, v_state
  from generate_series(1, cardinality(p_name)) as e (ord)
  left join locked l on l.ord = e.ord;

  -- 3. Expectations.
  select bool_and((e.expected = -1 or e.expected = e.version or (e.expected = -2 and e.version > 0)) and e.state = 0)
  into v_met
  from unnest(p_expected, v_version, v_state) as e (expected, version, state);

  -- A statement of its own, after the locks: it sees what was committed while they were waited for.
  if cardinality(p_item_after) > 0 then
    select u.position
    into v_unseen
    from unnest(p_item_after, p_item_seen, p_item_tags, p_item_types) as i (after, seen, tags, types),
      {schema}.unseen_event(i.after, i.seen::bigint[], i.tags::text[], i.types::text[]) as u (position)
    where u.position is not null
    order by u.position
    limit 1;
  end if;

  if v_met and v_unseen is null then
    if cardinality(p_event_id) > 0 then
      -- 4. From here on a reader that meets a missing position waits for this transaction. Only now take positions.
      perform pg_advisory_xact_lock_shared({append_lock});

      -- Whatever the session is set to: an append that was acknowledged is on the disk.
      perform set_config('synchronous_commit', 'on', true) where current_setting('synchronous_commit') = 'off';

      with placed as (
        insert into {schema}.events as s (position, bucket, stream_id, version, stream_name, event_id, category, type, data, metadata, tags)
        select nextval('{schema}.event_position'), p_bucket[e.stream], v_id[e.stream], v_version[e.stream] + e.nth,
          p_name[e.stream], e.id, e.category, e.type, e.data, e.metadata, e.tags::text[]
        from unnest(
            p_event_stream, p_event_offset, p_event_id, p_event_category, p_event_type, p_event_data, p_event_metadata, p_event_tags)
          as e (stream, nth, id, category, type, data, metadata, tags)
        returning s.bucket, s.stream_id, s.position, s.type, s.tags
      ),
      tagged as (
        insert into {schema}.event_tags (tag, position, bucket, type)
        select t.tag, p.position, p.bucket, p.type from placed p, unnest(p.tags) as t (tag)
      ),
      moved as (
        update {schema}.streams s
        set version = s.version + e.count
        from unnest(p_bucket, p_name, p_count) as e (bucket, name, count)
        where s.bucket = e.bucket and s.name = e.name and e.count > 0
      ),
      last_placed as (
        select p.bucket, p.stream_id, max(p.position) as position from placed p group by p.bucket, p.stream_id
      )
      select array_agg(l.position order by e.ord)
      into v_last
      from unnest(p_bucket, v_id) with ordinality as e (bucket, id, ord)
      left join last_placed l on l.bucket = e.bucket and l.stream_id = e.id;
    end if;

    return query
      select 0::smallint, e.version + e.count, e.last, null::bigint
      from unnest(v_version, p_count, v_last) with ordinality as e (version, count, last, ord)
      order by e.ord;
  else
    -- A repetition: each stream that is written has an exact expectation and holds just these ids after it.
    select bool_and(
      e.expected >= 0
      and array(
        select v.id
        from unnest(p_event_stream, p_event_id) with ordinality as v (stream, id, ord)
        where v.stream = e.ord
        order by v.ord
      ) = array(
        select s.event_id
        from {schema}.log s
        where s.bucket = e.bucket and s.stream_id = e.id and s.version > e.expected and s.version <= e.expected + e.count
        order by s.version
      ))
    into v_repeated
    from unnest(p_bucket, v_id, p_expected, p_count) with ordinality as e (bucket, id, expected, count, ord)
    where e.count > 0;

    if v_repeated then
      return query
        select 1::smallint,
          case when e.count > 0 then e.expected + e.count else e.version end,
          (
            select s.position
            from {schema}.log s
            where s.bucket = e.bucket and s.stream_id = e.id and s.version = e.expected + e.count and e.count > 0
          ),
          null::bigint
        from unnest(p_bucket, v_id, v_version, p_expected, p_count) with ordinality
          as e (bucket, id, version, expected, count, ord)
        order by e.ord;
    else
      return query
        select case
            when e.state > 0 then (3 + e.state)::smallint
            when e.expected = -1 or e.expected = e.version or (e.expected = -2 and e.version > 0) then 3::smallint
            else 2::smallint
          end,
          e.version,
          null::bigint,
          v_unseen
        from unnest(v_version, v_state, p_expected) with ordinality as e (version, state, expected, ord)
        order by e.ord;
    end if;
  end if;

  -- Rows that only served as locks go again: an append that writes nothing to a stream never creates it.
  if v_created is not null then
    delete from {schema}.streams s
    using unnest(p_bucket, p_name) as e (bucket, name)
    where s.bucket = e.bucket and s.name = e.name and s.version = 0 and s.name = any (v_created);
  end if;
end
$function$;
