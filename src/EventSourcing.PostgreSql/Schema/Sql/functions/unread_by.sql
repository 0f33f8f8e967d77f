-- Who follows the log and has not read all events of a stream before a version. A projection that appends apply has read what there is.
create or replace function {schema}.unread_by(p_bucket smallint, p_stream_id bigint, p_before bigint)
returns table (last bigint, consumer text, at bigint, is_parked boolean)
language sql stable
as $function$
  with gone as (
    select e.position from {schema}.log e
    where e.bucket = p_bucket and e.stream_id = p_stream_id and e.version < p_before
  ),
  up_to as (
    select e.position as last from {schema}.log e
    where e.bucket = p_bucket and e.stream_id = p_stream_id and e.version < p_before
    order by e.version desc
    limit 1
  )
  select u.last, c.name, min(c.position), false
  from up_to u, {schema}.consumers c
  where c.position < u.last and not c.is_inline
  group by u.last, c.name
  union all
  select u.last, c.name, substr(c.checkpoint, 3)::bigint, false
  from up_to u, {schema}.checkpoints c
  where case when c.checkpoint ~ '^p:[0-9]{1,18}$' then substr(c.checkpoint, 3)::bigint < u.last else false end
  union all
  select u.last, d.consumer, d.position, true
  from up_to u, {schema}.dead_letters d
  where d.position in (select position from gone)
$function$;
