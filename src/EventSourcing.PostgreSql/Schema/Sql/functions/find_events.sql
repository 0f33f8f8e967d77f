-- The places of the events that match a query: of each item, from the one that is at the place in all arrays.
--
--   p_after    up to here everything is final; of what is beyond, all that match are told
--   p_tags     as text of a text[]: all of which the event has; empty: whatever tags
--   p_types    as text of a text[]: of which it is one; empty: any
--   p_latest   whether only the latest event is asked for
--
--   is_wanted  false: not asked for, but beyond p_after, so that the decision has to name it
--
-- It is stable on purpose: all items are looked for at one point of the log.
create or replace function {schema}.find_events(p_after bigint, p_tags text[], p_types text[], p_latest boolean[])
returns table (place bigint, place_bucket smallint, is_wanted boolean)
language plpgsql stable
as $function$
declare
  v_tags text[];
  v_types text[];
begin
  for i in 1 .. cardinality(p_tags) loop
    v_tags := p_tags[i]::text[];
    v_types := p_types[i]::text[];
    if cardinality(v_tags) = 0 then
      if not p_latest[i] then
        return query
          select e.position, e.bucket, true from {schema}.log e where cardinality(v_types) = 0 or e.type = any (v_types);
        continue;
      end if;

      return query
        (select e.position, e.bucket, true
        from {schema}.log e
        where cardinality(v_types) = 0 or e.type = any (v_types)
        order by e.position desc
        limit 1)
        union all
        select e.position, e.bucket, false
        from {schema}.log e
        where e.position > p_after and (cardinality(v_types) = 0 or e.type = any (v_types));
      continue;
    end if;

    if not p_latest[i] then
      return query
        select t.position, t.bucket, true
        from {schema}.event_tags t
        where t.tag = v_tags[1] and (cardinality(v_types) = 0 or t.type = any (v_types))
          and (cardinality(v_tags) = 1 or not exists (
            select from unnest(v_tags) o (tag)
            where not exists (select from {schema}.event_tags x where x.tag = o.tag and x.position = t.position)));
      continue;
    end if;

    return query
      (select t.position, t.bucket, true
      from {schema}.event_tags t
      where t.tag = v_tags[1] and (cardinality(v_types) = 0 or t.type = any (v_types))
        and (cardinality(v_tags) = 1 or not exists (
          select from unnest(v_tags) o (tag)
          where not exists (select from {schema}.event_tags x where x.tag = o.tag and x.position = t.position)))
      order by t.position desc
      limit 1)
      union all
      select t.position, t.bucket, false
      from {schema}.event_tags t
      where t.tag = v_tags[1] and t.position > p_after and (cardinality(v_types) = 0 or t.type = any (v_types));
  end loop;
end
$function$;
