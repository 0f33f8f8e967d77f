-- The bucket of a stream: a stable hash of its name. The library computes the same.
create or replace function {schema}.stream_bucket(name text) returns smallint
language sql immutable strict parallel safe
as $function$
  select (('x' || substr(md5(convert_to(name, 'UTF8')), 1, 8))::bit(32)::bigint % 1024)::smallint
$function$;
