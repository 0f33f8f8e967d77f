-- What stood in the log and was removed: for those who follow it and stand just there, to know that it is the same log still.
create table if not exists {schema}.removed_events (
  position bigint primary key,
  event_id uuid not null
);
