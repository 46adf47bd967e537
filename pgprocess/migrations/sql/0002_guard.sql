-- Refuse a status that can't follow the present one, whoever asks.
-- statuses.TRANSITIONS says the same in Python; a test walks every pair of statuses.
CREATE OR REPLACE FUNCTION pgprocess_guard(present pgprocess_jobtask, wanted text)
RETURNS void LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    IF (CASE
       WHEN present.status = 'awaiting' THEN
            wanted IN ('ready', 'scheduled', 'skipped', 'upstream_failed', 'forced', 'cancelled')
       WHEN present.status = 'scheduled' THEN
            wanted IN ('ready', 'forced', 'skipped', 'cancelled')
       WHEN present.status = 'ready' THEN
            wanted IN ('running', 'forced', 'skipped', 'cancelled')
       WHEN present.status = 'running' THEN
            wanted IN ('succeeded', 'failed', 'skipped', 'cancelled', 'scheduled', 'ready')
       WHEN present.status IN ('succeeded', 'forced', 'skipped') THEN
            wanted IN ('ready', 'awaiting')
       WHEN present.status IN ('failed', 'upstream_failed', 'cancelled') THEN
            wanted IN ('ready', 'awaiting', 'forced', 'skipped')
       END)
    THEN RETURN;
    END IF;
    RAISE EXCEPTION 'job task % can''t go from % to %', present.id, present.status, wanted
          USING ERRCODE = 'check_violation';
END
$$;
