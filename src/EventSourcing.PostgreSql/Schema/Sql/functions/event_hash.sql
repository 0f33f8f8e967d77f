-- The hash of an event in a tamper-evident chain. The library computes the same (EventHash), of the same bytes.
-- Stable and without a sublink, so that it is inlined where it is called.
create or replace function {schema}.event_hash(
  p_before bytea, p_stream text, p_version bigint, p_position bigint, p_id uuid, p_type text, p_recorded_at timestamptz,
  p_data json, p_metadata json, p_tags text[]
) returns bytea
language sql stable parallel safe
return sha256(
  '\x45565331'::bytea -- EVS1
  || int4send(coalesce(octet_length(p_before), 0)) || coalesce(p_before, '')
  || int4send(octet_length(p_stream)) || convert_to(p_stream, 'UTF8')
  || int8send(p_version) || int8send(p_position) || uuid_send(p_id)
  || int4send(octet_length(p_type)) || convert_to(p_type, 'UTF8')
  || timestamptz_send(p_recorded_at)
  || int4send(octet_length(p_data::text)) || convert_to(p_data::text, 'UTF8')
  || int4send(coalesce(octet_length(p_metadata::text), 0)) || coalesce(convert_to(p_metadata::text, 'UTF8'), '')
  || case when p_tags is null then int4send(0) else {schema}.tag_bytes(p_tags) end);
