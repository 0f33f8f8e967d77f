-- Deletes the key of a subject, for good, and keeps in mind that it is forgotten, also of one that has none yet. Says whether there was a
-- key. The only way in which an application deletes one: one subject at a time, and never so that it could be made again.
create or replace function {schema}.forget_subject(p_subject text)
returns boolean
language plpgsql volatile
security definer set search_path = pg_catalog, pg_temp
as $function$
begin
  -- Whatever the session is set to: what was forgotten does not come back after a crash.
  perform set_config('synchronous_commit', 'on', true) where current_setting('synchronous_commit') = 'off';

  -- First, so that whoever adds a key at the same moment is waited for: the next statement sees it.
  insert into {schema}.subject_keys as k (subject, forgotten_at) values (p_subject, clock_timestamp())
  on conflict (subject) do nothing;
  if found then
    return false;
  end if;

  update {schema}.subject_keys k
  set wrapped_key = null, master_key = null, forgotten_at = clock_timestamp()
  where k.subject = p_subject and k.forgotten_at is null;
  return found;
end
$function$;
