-- An event that matches an item of a condition and that the append's decision has not seen; null where there is none.
--
--   p_after   up to here the decision has seen everything
--   p_seen    the positions beyond that it has seen
--   p_tags    all of which the event has; empty: whatever tags
--   p_types   of which it is one; empty: any
create or replace function {schema}.unseen_event(p_after bigint, p_seen bigint[], p_tags text[], p_types text[]) returns bigint
language plpgsql stable
as $function$
begin
  if cardinality(p_tags) = 0 then
    return (
      select e.position
      from {schema}.log e
      where e.position > p_after and (cardinality(p_types) = 0 or e.type = any (p_types)) and e.position <> all (p_seen)
      order by e.position
      limit 1
    );
  elsif cardinality(p_tags) = 1 then
    return (
      select t.position
      from {schema}.event_tags t
      where t.tag = p_tags[1] and t.position > p_after and (cardinality(p_types) = 0 or t.type = any (p_types)) and t.position <> all (p_seen)
      order by t.position
      limit 1
    );
  end if;

  return (
    select t.position
    from {schema}.event_tags t
    where t.tag = p_tags[1] and t.position > p_after and (cardinality(p_types) = 0 or t.type = any (p_types)) and t.position <> all (p_seen)
      and not exists (
        select from unnest(p_tags) o (tag)
        where not exists (select from {schema}.event_tags x where x.tag = o.tag and x.position = t.position)
      )
    order by t.position
    limit 1
  );
end
$function$;
