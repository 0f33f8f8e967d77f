-- Removes the events of a stream before a version, with all that is kept of them, and gives their number. For truncate_stream and
-- delete_stream alone, which hold the stream's lock: nobody else may call it.
create or replace function {schema}.remove_events(p_bucket smallint, p_stream_id bigint, p_before bigint) returns bigint
language sql volatile
as $function$
  with gone_open as (
    delete from {schema}.events e
    where e.bucket = p_bucket and e.stream_id = p_stream_id and e.version < p_before
    returning e.position, e.event_id, e.tags
  ),
  gone_archived as (
    delete from {schema}.archived_events e
    where e.bucket = p_bucket and e.stream_id = p_stream_id and e.version < p_before
    returning e.position, e.event_id, e.tags
  ),
  gone as (
    select * from gone_open union all select * from gone_archived
  ),
  noted as (
    insert into {schema}.removed_events (position, event_id) select g.position, g.event_id from gone g
    on conflict (position) do update set event_id = excluded.event_id
  ),
  untagged as (
    delete from {schema}.event_tags t
    using (select u.tag, g.position from gone g, unnest(g.tags) as u (tag)) o
    where t.tag = o.tag and t.position = o.position
  ),
  dropped as (
    delete from {schema}.dead_letters d using gone g where d.position = g.position
  )
  select count(*) from gone
$function$;
