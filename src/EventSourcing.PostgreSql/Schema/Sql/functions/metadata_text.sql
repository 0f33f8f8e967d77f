-- What stands under a key in an event's metadata, its first 100 characters: by this events are looked up, with an index where
-- InstallAuditIndexesAsync has made one. It never fails, or an append would fail on the index: the server takes no U+0000 and no lone
-- surrogate out of JSON, in whatever value they stand; and an index takes no long text. Names are qualified, so that a search_path of
-- whoever imports has no say; to set one would take as long as all the rest, for each index.
create or replace function {schema}.metadata_text(p_metadata json, p_key text) returns text
language plpgsql immutable strict parallel safe
as $function$
begin
  if pg_catalog.strpos(p_metadata::text, '\u') operator(pg_catalog.=) 0 then
    return pg_catalog.left(p_metadata operator(pg_catalog.->>) p_key, 100);
  end if;

  begin
    return pg_catalog.left(p_metadata operator(pg_catalog.->>) p_key, 100);
  exception when others then
    begin
      -- With U+FFFD in their place; a backslash that is escaped itself begins no escape.
      return pg_catalog.left(
        pg_catalog.regexp_replace(
          pg_catalog.regexp_replace(
            pg_catalog.regexp_replace(p_metadata::text, '(?<!\\)((?:\\\\)*)\\u0000', '\1\\ufffd', 'g'),
            '(?<!\\)((?:\\\\)*)\\u[dD][89abAB][0-9a-fA-F]{2}(?!\\u[dD][c-fC-F])', '\1\\ufffd', 'g'),
          '(?<!\\u[dD][89abAB][0-9a-fA-F]{2})(?<!\\)((?:\\\\)*)\\u[dD][c-fC-F][0-9a-fA-F]{2}', '\1\\ufffd', 'g')::json operator(pg_catalog.->>) p_key,
        100);
    exception when others then
      return null;
    end;
  end;
end
$function$;
