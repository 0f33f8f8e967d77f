-- The keys that personal data is encrypted with, of each subject one, wrapped by a master key that is not in the database. The row of a
-- subject that is forgotten stays, without its key: so a key that is missing is told from one that was deleted. Not to be restored from a
-- backup that is older than the last one forgotten.
create table if not exists {schema}.subject_keys (
  subject text collate "C" primary key,
  wrapped_key bytea,
  master_key text collate "C",
  created_at timestamptz not null default clock_timestamp(),
  forgotten_at timestamptz,
  check ((wrapped_key is null) = (forgotten_at is not null)),
  check ((wrapped_key is null) = (master_key is null))
);
