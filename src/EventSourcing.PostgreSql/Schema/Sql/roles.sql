-- The roles of the store in schema {name}, and what each may do. To be run in one transaction: at first by a superuser, or by
-- whoever may create roles and owns the schema and the database; again by an owner after each migration, for what has come anew.
-- It may be run at any time. Roles are groups that nobody logs in as: an administrator grants them to logins.
--
--   owner         owns schema, tables and functions; installs and migrates them
--   maintainer    whatever an application may, imports, restores logs, and archives, truncates and deletes streams
--   application   appends through functions, reads, runs projections, reactors and the outbox; read models are its own
--   reader        reads, read models too
select pg_advisory_xact_lock({install_lock});

-- One at a time in a database, whose own rights are changed too.
select pg_advisory_xact_lock({roles_lock});

do $roles$
declare
  role_name name;
  owner_before oid := (select n.nspowner from pg_namespace n where n.nspname = '{name}');
  command text;
  commands text[];
begin
  foreach role_name in array array['{owner}', '{maintainer}', '{application}', '{reader}'] loop
    if not exists (select from pg_roles r where r.rolname = role_name) then
      begin
        execute format('create role %I nologin', role_name);
      exception when duplicate_object or unique_violation then
        null; -- made just now, for another schema
      end;
    end if;

    if not has_database_privilege(role_name, current_database(), 'connect') then
      execute format('grant connect on database %I to %I', current_database(), role_name);
    end if;
  end loop;

  -- Whoever hands something over is to be one of those who get it.
  if not pg_has_role('{owner}', 'usage') then
    grant "{owner}" to current_user;
  end if;

  -- The owner makes and renames the schemas of read models, which are the application's.
  if not pg_has_role('{owner}', '{application}', 'usage') then
    grant "{application}" to "{owner}";
  end if;

  if not has_database_privilege('{owner}', current_database(), 'create') then
    execute format('grant create on database %I to "{owner}"', current_database());
  end if;

  if not pg_has_role('{maintainer}', '{application}', 'usage') then
    grant "{application}" to "{maintainer}";
  end if;

  -- Gathered first: a table cannot be altered while it is read.
  commands := array(
    with read_models as (
      select n.oid, n.nspname
      from pg_namespace n
      where exists (
          select from {schema}.consumers c
          where n.nspname = '{name}_' || replace(c.name, '-', '_') or starts_with(n.nspname, '{name}_' || replace(c.name, '-', '_') || '__'))
        -- Not somebody else's schema that happens to have such a name.
        and (n.nspowner = owner_before or pg_has_role(n.nspowner, '{application}', 'usage'))
    ),
    places as (
      select n.oid, n.nspname, '{owner}' as role_name from pg_namespace n where n.nspname = '{name}'
      union all
      select r.oid, r.nspname, '{application}' from read_models r
    )
    select format('alter schema %I owner to %I', p.nspname, p.role_name) from places p
    union all
    select format('alter table %s owner to %I', c.oid::regclass, p.role_name)
    from places p
    join pg_class c on c.relnamespace = p.oid and c.relkind in ('r', 'p', 'v', 'm', 'S')
    -- A sequence of a column goes with its table.
    where not exists (select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid and c.relkind = 'S' and d.deptype in ('a', 'i'))
    union all
    select format('alter routine %s owner to %I', f.oid::regprocedure, p.role_name)
    from places p
    join pg_proc f on f.pronamespace = p.oid
    union all
    select format('grant usage on schema %I to "{reader}"; grant select on all tables in schema %1$I to "{reader}"; '
      'alter default privileges for role "{application}" in schema %1$I grant select on tables to "{reader}"', r.nspname)
    from read_models r
  );
  foreach command in array commands loop
    execute command;
  end loop;
end
$roles$;

revoke all on schema {schema} from public, "{maintainer}", "{application}", "{reader}";
revoke all on all tables in schema {schema} from public, "{maintainer}", "{application}", "{reader}";
revoke all on all sequences in schema {schema} from public, "{maintainer}", "{application}", "{reader}";
revoke all on all functions in schema {schema} from public, "{maintainer}", "{application}", "{reader}";

grant usage on schema {schema} to "{application}", "{reader}";
grant select on all tables in schema {schema} to "{application}", "{reader}";
grant execute on function
  {schema}.stream_bucket, {schema}.find_events, {schema}.find_stream, {schema}.metadata_text, {schema}.tag_bytes, {schema}.event_hash
to "{application}", "{reader}";

-- Events and streams are written by these alone.
grant execute on function
  {schema}.append_event, {schema}.append_stream, {schema}.append_events, {schema}.append_batch,
  {schema}.create_read_model, {schema}.promote_consumer, {schema}.demote_consumer
to "{application}";
grant insert, update, delete on
  {schema}.checkpoints, {schema}.snapshots, {schema}.consumers, {schema}.processes, {schema}.dead_letters,
  {schema}.reactor_receipts, {schema}.scheduled_messages, {schema}.outbox
to "{application}";

-- Keys of personal data: the application makes them, and forgets a subject through the function alone; nobody else reads them, and only
-- a maintainer puts a key that was wrapped anew in the place of the one before.
revoke select on {schema}.subject_keys from "{reader}";
grant insert (subject, wrapped_key, master_key) on {schema}.subject_keys to "{application}";
grant execute on function {schema}.forget_subject to "{application}";
grant update (wrapped_key, master_key) on {schema}.subject_keys to "{maintainer}";

-- An import writes by COPY, past the functions: an administrator's work, and nothing that could change or remove an event either.
grant insert on {schema}.events, {schema}.event_tags to "{maintainer}";
grant insert (bucket, name, version), update (version) on {schema}.streams to "{maintainer}";
grant usage on sequence {schema}.event_position to "{maintainer}";
grant execute on function {schema}.begin_restore, {schema}.end_restore to "{maintainer}";
grant update (position) on {schema}.log_restores to "{maintainer}";

-- Streams are archived, truncated and deleted by these alone, each of which says who did it and why.
grant execute on function
  {schema}.archive_stream, {schema}.restore_stream, {schema}.truncate_stream, {schema}.delete_stream, {schema}.unread_by
to "{maintainer}";

insert into {schema}.roles (name, role) values ('application', '"{application}"'), ('reader', '"{reader}"')
on conflict (name) do update set role = excluded.role where roles.role <> excluded.role;
