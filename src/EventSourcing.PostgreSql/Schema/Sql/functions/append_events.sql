-- Appends events to one or several streams, all or nothing, and answers with one row for each stream, in the order given.
--
--   p_expected        n: exactly that version, 0 included; -1: any; -2: an existing stream
--   p_count           how many of the events belong to the stream; 0: it is only checked
--   p_event_stream    for each event the number of its stream, from 1, not falling
--   p_event_offset    for each event its number within its stream's part, from 1
--
--   outcome   0: stored    1: stored already by an earlier run of the same append
--             2: refused, because of this stream    3: refused, because of another stream
--   version   the stream's version: after the append, after that earlier run, or now
--   last      the position of the stream's last event of this append
--
-- It is volatile on purpose: each statement in it sees what was committed while an earlier one waited for a lock.
-- The order of its phases keeps appends free of deadlocks, and the loser of a conflict from taking a position.
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
  p_event_metadata json[]
) returns table (outcome smallint, version bigint, last bigint)
language plpgsql volatile
security definer set search_path = pg_catalog, pg_temp -- who may append may do so in no other way
set plan_cache_mode = force_generic_plan -- else each call plans anew, for arrays of just this length
as $function$
declare
  v_created text[];      -- streams whose rows this append made, to have something to lock
  v_id bigint[];         -- by stream: its id
  v_version bigint[];    -- by stream: its version before this append
  v_last bigint[];       -- by stream: the position of its last event of this append
  v_met boolean;
  v_repeated boolean;
begin
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
    select e.ord, s.stream_id, s.version
    from unnest(p_bucket, p_name) with ordinality as e (bucket, name, ord)
    join {schema}.streams s on s.bucket = e.bucket and s.name = e.name
    order by s.bucket, s.name
    for no key update of s
  )
  select array_agg(l.stream_id order by e.ord), array_agg(coalesce(l.version, 0) order by e.ord)
  into v_id, v_version
  from generate_series(1, cardinality(p_name)) as e (ord)
  left join locked l on l.ord = e.ord;

  -- 3. Expectations.
  select bool_and(e.expected = -1 or e.expected = e.version or (e.expected = -2 and e.version > 0))
  into v_met
  from unnest(p_expected, v_version) as e (expected, version);

  if v_met then
    if cardinality(p_event_id) > 0 then
      -- 4. From here on a reader that meets a missing position waits for this transaction. Only now take positions.
      perform pg_advisory_xact_lock_shared({append_lock});

      -- Whatever the session is set to: an append that was acknowledged is on the disk.
      perform set_config('synchronous_commit', 'on', true) where current_setting('synchronous_commit') = 'off';

      with placed as (
        insert into {schema}.events as s (position, bucket, stream_id, version, stream_name, event_id, category, type, data, metadata)
        select nextval('{schema}.event_position'), p_bucket[e.stream], v_id[e.stream], v_version[e.stream] + e.nth,
          p_name[e.stream], e.id, e.category, e.type, e.data, e.metadata
        from unnest(
            p_event_stream, p_event_offset, p_event_id, p_event_category, p_event_type, p_event_data, p_event_metadata)
          as e (stream, nth, id, category, type, data, metadata)
        returning s.bucket, s.stream_id, s.position
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
      select 0::smallint, e.version + e.count, e.last
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
        from {schema}.events s
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
            from {schema}.events s
            where s.bucket = e.bucket and s.stream_id = e.id and s.version = e.expected + e.count and e.count > 0
          )
        from unnest(p_bucket, v_id, v_version, p_expected, p_count) with ordinality
          as e (bucket, id, version, expected, count, ord)
        order by e.ord;
    else
      return query
        select case
            when e.expected = -1 or e.expected = e.version or (e.expected = -2 and e.version > 0) then 3::smallint
            else 2::smallint
          end,
          e.version,
          null::bigint
        from unnest(v_version, p_expected) with ordinality as e (version, expected, ord)
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
