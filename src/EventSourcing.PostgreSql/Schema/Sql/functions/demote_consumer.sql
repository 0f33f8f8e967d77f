-- Lets appends apply a projection no more. Appends that do lock its row in share mode until they have committed: when it is
-- locked here, every event up to the end of the log has been applied, and the next ones get higher positions.
create or replace function {schema}.demote_consumer(consumer text)
returns void
language plpgsql
as $$
begin
  perform from {schema}.consumers c where c.name = consumer and c.is_serving order by c.generation, c.shard for update;

  -- A statement of its own: its snapshot is taken after the wait.
  update {schema}.consumers c
  set is_inline = false, epoch = c.epoch + 1, owner = null, position = (select coalesce(max(e.position), 0) from {schema}.log e)
  where c.name = consumer and c.is_serving and c.is_inline;
end
$$;
