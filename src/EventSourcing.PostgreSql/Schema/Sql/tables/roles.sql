-- To whom read models belong and who may read them, where there are roles. By number, not by name: a role may be renamed.
create table if not exists {schema}.roles (
  name text collate "C" primary key check (name in ('application', 'reader')),
  role regrole not null
);
