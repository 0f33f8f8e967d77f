-- What reactors have handled: an event by its own id, a message by its id and the position of the event that scheduled it.
-- By position: a page is looked up, put back and pruned as one range of the key.
create table if not exists {schema}.reactor_receipts (
  reactor text collate "C" not null,
  position bigint not null,
  id uuid not null,
  handled_at timestamptz not null default clock_timestamp(),
  primary key (reactor, position, id)
);
