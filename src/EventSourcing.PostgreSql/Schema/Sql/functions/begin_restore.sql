-- Begins to store a log from elsewhere, or goes on with that: from here to end_restore nobody appends.
--
--   outcome   0: begun, or taken over from whoever was at it before    1: the log holds other events
--             2: that of another source is under way    3: it has ended
--   run       the number to move and to end it with
--   last      the position of the last event that is stored
create or replace function {schema}.begin_restore(p_source text, p_end bigint)
returns table (outcome smallint, run integer, last bigint, source text)
language plpgsql volatile
security definer set search_path = pg_catalog, pg_temp -- whoever restores moves the sequence in no other way
as $function$
#variable_conflict use_column
declare
  v_restore {schema}.log_restores;
begin
  if current_setting('transaction_isolation') <> 'read committed' then
    raise exception 'whether the log is empty is seen in a READ COMMITTED transaction only' using errcode = 'ES001';
  end if;

  -- In vain, as a rule, and then nobody is to wait for the lock.
  if not exists (select from {schema}.log_restores)
    and (exists (select from {schema}.streams s where s.version > 0) or exists (select from {schema}.log)) then
    return query select 1::smallint, 0, 0::bigint, null::text;
    return;
  end if;

  -- Appends and batches of another run hold it shared: from here on there are none, and what they have stored is seen.
  perform pg_advisory_xact_lock({append_lock});

  select * into v_restore from {schema}.log_restores;
  if v_restore.ended_at is not null then
    return query select 3::smallint, 0, v_restore.position, v_restore.source;
    return;
  elsif v_restore.source <> p_source then
    return query select 2::smallint, 0, v_restore.position, v_restore.source;
    return;
  elsif v_restore.source is not null then
    update {schema}.log_restores r set run = r.run + 1, source_end = p_end
    returning r.run into v_restore.run;
  elsif exists (select from {schema}.streams s where s.version > 0) or exists (select from {schema}.log) then
    return query select 1::smallint, 0, 0::bigint, null::text;
    return;
  else
    insert into {schema}.log_restores as r (source, source_end) values (p_source, p_end)
    returning r.run, r.position into v_restore.run, v_restore.position;
  end if;

  -- No number is left for appends. It costs them nothing, and stays over a crash.
  perform setval('{schema}.event_position', 9223372036854775807);
  return query select 0::smallint, v_restore.run, v_restore.position, p_source;
end
$function$;
