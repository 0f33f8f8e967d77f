-- Gives an event its hash, as a trigger before each row, where InstallHashChainAsync has put it: whichever way the row comes. The row
-- before it is the stream's latest and committed, because the append holds the lock of the stream, or it comes earlier in the same
-- statement: a volatile function sees both.
create or replace function {schema}.chain_event() returns trigger
language plpgsql volatile
set search_path = pg_catalog, pg_temp -- also for those who may insert, and would find a sha256 of their own
as $function$
declare
  v_before bytea;
begin
  -- An owner brings back rows with the hashes that they had: out of an archive, or from a dump. Nobody else chooses a hash.
  if new.hash is not null and pg_has_role(current_user, (select c.relowner from pg_class c where c.oid = tg_relid), 'usage') then
    return new;
  end if;

  if new.version > 1 then
    select e.hash into v_before
    from {schema}.events e
    where e.bucket = new.bucket and e.stream_id = new.stream_id and e.version = new.version - 1;
    if not found then
      select c.hash into v_before
      from {schema}.chain_starts c
      where c.bucket = new.bucket and c.stream_id = new.stream_id and c.version = new.version - 1;
    end if;
  end if;

  new.hash := {schema}.event_hash(
    v_before, new.stream_name, new.version, new.position, new.event_id, new.type, new.recorded_at, new.data, new.metadata, new.tags);
  return new;
end
$function$;
