-- Puts a read model that has been built in the place of the one that serves, where it shows at least as much of the log.
-- Renaming takes no lock on a table: readers are not kept waiting, and find one read model or the other.
create or replace function {schema}.promote_consumer(consumer text, built integer, serving_schema text, built_schema text, retired_schema text)
returns boolean
language plpgsql
as $$
declare
  built_up_to bigint;
  served_up_to bigint;
  was_paused boolean;
begin
  perform from {schema}.consumers c where c.name = consumer order by c.generation, c.shard for update;
  select min(c.position) into built_up_to from {schema}.consumers c where c.name = consumer and c.generation = built and not c.is_serving;
  select max(c.position), bool_or(c.is_paused) into served_up_to, was_paused from {schema}.consumers c where c.name = consumer and c.is_serving;
  if built_up_to is null or built_up_to < coalesce(served_up_to, 0) then
    return false;
  end if;

  -- What is renamed here is dropped.
  if to_regclass(format('%I.streams', serving_schema)) is not null and to_regclass(format('%I.consumers', serving_schema)) is not null then
    raise exception 'schema % holds an event store, and cannot be the read model of %', serving_schema, consumer;
  end if;

  delete from {schema}.consumers c where c.name = consumer and c.is_serving;
  delete from {schema}.dead_letters d where d.consumer = promote_consumer.consumer and d.generation <> built;
  update {schema}.consumers c set is_serving = true, is_paused = c.is_paused or coalesce(was_paused, false), epoch = c.epoch + 1
  where c.name = consumer and c.generation = built;
  if to_regnamespace(quote_ident(serving_schema)) is not null then
    execute format('alter schema %I rename to %I', serving_schema, retired_schema);
  end if;
  if to_regnamespace(quote_ident(built_schema)) is not null then
    execute format('alter schema %I rename to %I', built_schema, serving_schema);
  end if;
  return true;
end
$$;
