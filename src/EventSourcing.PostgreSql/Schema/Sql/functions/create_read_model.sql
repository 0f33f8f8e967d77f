-- Makes the schema of a read model. It needs the right to create schemas, which the caller has not: with it he could make others
-- than these, and put objects into the way of other people's names. The schema is the application role's, whoever of its logins
-- calls, so that all of them may replace it; without roles it is the caller's.
create or replace function {schema}.create_read_model(read_model text) returns void
language plpgsql
security definer set search_path = pg_catalog, pg_temp
as $$
declare
  application name := (select r.rolname from {schema}.roles a join pg_roles r on r.oid = a.role where a.name = 'application');
  reader name := (select r.rolname from {schema}.roles a join pg_roles r on r.oid = a.role where a.name = 'reader');
begin
  if not starts_with(read_model, '{name}_') then
    raise exception 'schema % is no read model of {name}', read_model using errcode = 'insufficient_privilege';
  end if;

  execute format('create schema %I authorization %I', read_model, coalesce(application, session_user));
  if application is not null and reader is not null then
    execute format('grant usage on schema %I to %I', read_model, reader);
    execute format('alter default privileges for role %I in schema %I grant select on tables to %I', application, read_model, reader);
  end if;
end
$$;
