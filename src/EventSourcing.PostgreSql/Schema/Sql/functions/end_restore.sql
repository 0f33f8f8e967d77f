-- Ends what begin_restore has begun: appends go on behind the end of the source. False where somebody else has taken over.
create or replace function {schema}.end_restore(p_run integer, p_end bigint) returns boolean
language plpgsql volatile
security definer set search_path = pg_catalog, pg_temp
as $function$
declare
  v_end bigint;
begin
  perform pg_advisory_xact_lock({append_lock});
  if not exists (select from {schema}.log_restores r where r.run = p_run) then
    return false;
  end if;

  -- Once: the answer may have been lost on its way, and there are appends by now.
  if exists (select from {schema}.log_restores r where r.ended_at is null) then
    -- It is not taken back with this transaction, should that fail: then appends may stand behind the end when it is run again.
    select greatest(p_end, (select max(l.position) from {schema}.log l)) into v_end;
    perform setval('{schema}.event_position', greatest(v_end, 1), v_end > 0);
    update {schema}.log_restores set ended_at = clock_timestamp();
  end if;

  return true;
end
$function$;
