-- Events by tag, for queries and for the conditions of appends: a row for each tag of an event.
create table if not exists {schema}.event_tags (
  tag text collate "C" not null,
  position bigint not null,
  bucket smallint not null, -- the event's, by which its partition is found
  type text collate "C" not null, -- the event's, so that a condition is checked without looking it up
  primary key (tag, position)
);
