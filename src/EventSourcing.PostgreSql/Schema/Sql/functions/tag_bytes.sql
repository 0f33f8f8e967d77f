-- The tags of an event, as event_hash takes them.
create or replace function {schema}.tag_bytes(p_tags text[]) returns bytea
language sql stable parallel safe
return int4send(cardinality(p_tags)) || coalesce(
  (
    select string_agg(int4send(octet_length(t.tag)) || convert_to(t.tag, 'UTF8'), '' order by t.nth)
    from unnest(p_tags) with ordinality as t (tag, nth)
  ),
  '');
