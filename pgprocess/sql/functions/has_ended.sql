-- Return whether a process is not active because its schedule has ended, and for no other reason: what is in line then
-- still has its turn, while a person's pause, or a failure's, holds it.
CREATE OR REPLACE FUNCTION pgprocess_has_ended(process pgprocess_process)
RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT NOT process.is_active AND process.paused_by = '' AND process.paused_reason = 'Its schedule has ended.'
$$;
