-- Where each projection and subscriber goes on. A projection's row is locked and moved in the transaction of its page.
create table if not exists {schema}.checkpoints (
  name text collate "C" primary key,
  checkpoint text not null,
  updated_at timestamptz not null default clock_timestamp()
);
