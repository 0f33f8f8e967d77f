-- Puts a read model that has been built in the place of the one that serves, where it shows at least as much of the log.
-- Renaming takes no lock on a table: readers are not kept waiting, and find one read model or the other. It needs the right to
-- create schemas, which the caller has not: it is lent for read models of this store that are the caller's.
create or replace function {schema}.promote_consumer(consumer text, built integer, serving_schema text, built_schema text, retired_schema text)
returns boolean
language plpgsql
security definer set search_path = pg_catalog, pg_temp
as $$
declare
  renamed text;
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

  foreach renamed in array array[serving_schema, built_schema, retired_schema] loop
    if not starts_with(renamed, '{name}_') then
      raise exception 'schema % is no read model of {name}', renamed using errcode = 'insufficient_privilege';
    end if;

    -- What is renamed here is dropped.
    if to_regclass(format('%I.streams', renamed)) is not null and to_regclass(format('%I.consumers', renamed)) is not null then
      raise exception 'schema % holds an event store, and cannot be the read model of %', renamed, consumer;
    end if;

    if exists (select from pg_namespace n where n.nspname = renamed and not pg_has_role(session_user, n.nspowner, 'USAGE')) then
      raise exception 'schema % is not yours', renamed using errcode = 'insufficient_privilege';
    end if;
  end loop;

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
