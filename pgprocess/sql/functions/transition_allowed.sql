-- Return whether a job task may go from one status to another, whoever asks.
-- statuses.TRANSITIONS says the same in Python; a test walks every pair of statuses.
CREATE OR REPLACE FUNCTION pgprocess_transition_allowed(present text, wanted text)
RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT coalesce(CASE
           WHEN present = 'awaiting' THEN
                wanted IN ('ready', 'scheduled', 'skipped', 'upstream_failed', 'forced', 'cancelled')
           WHEN present = 'scheduled' THEN
                wanted IN ('ready', 'forced', 'skipped', 'cancelled')
           WHEN present = 'ready' THEN
                wanted IN ('running', 'forced', 'skipped', 'cancelled')
           WHEN present = 'running' THEN
                wanted IN ('succeeded', 'failed', 'skipped', 'cancelled', 'scheduled', 'ready')
           WHEN present IN ('succeeded', 'forced', 'skipped') THEN
                wanted IN ('ready', 'awaiting')
           WHEN present IN ('failed', 'upstream_failed', 'cancelled') THEN
                wanted IN ('ready', 'awaiting', 'forced', 'skipped')
           END, false)
$$;
