-- What is known of a stream besides its events; no row where there is none.
create or replace function {schema}.find_stream(p_bucket smallint, p_name text)
returns table (version bigint, first_version bigint, state smallint, stand_in smallint)
language sql stable
as $function$
  select s.version, coalesce(t.first_version, 1), s.state, t.stand_in
  from {schema}.streams s
  left join {schema}.truncated_streams t on t.bucket = s.bucket and t.stream_id = s.stream_id
  where s.bucket = p_bucket and s.name = p_name and s.version > 0
$function$;
