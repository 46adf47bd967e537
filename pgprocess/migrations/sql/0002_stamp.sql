-- What a new status brings with it: its times, its place in the queue, its attempt number, a clean slate.
-- Going back from running keeps the try as an Attempt; so does going back from a settled status.
CREATE OR REPLACE FUNCTION pgprocess_stamp(earlier pgprocess_jobtask, later pgprocess_jobtask)
RETURNS pgprocess_jobtask LANGUAGE plpgsql AS $$
DECLARE
    was_open boolean := pgprocess_class(earlier.status) = 'open';
    is_open boolean := pgprocess_class(later.status) = 'open';
BEGIN
    IF later.status <> 'running' THEN
        later.claim_token := NULL;
    END IF;
    IF later.reason = earlier.reason THEN
        later.reason := '';
    END IF;
    IF later.actor = earlier.actor THEN
        later.actor := '';
    END IF;
    IF earlier.attempt > 0 AND is_open AND (earlier.status = 'running' OR NOT was_open) THEN
        PERFORM pgprocess_keep(earlier, later);
    END IF;

    IF later.status = 'running' THEN
        later.attempt := earlier.attempt + 1;
        later.started_at := clock_timestamp();
        later.exit_code := NULL;
        later.error := '';
    ELSIF NOT is_open THEN
        later.finished_at := clock_timestamp();
        later.run_at := NULL;
    ELSE
        later.worker_id := NULL;
        later.started_at := NULL;
    END IF;
    IF later.status = 'scheduled' THEN
        later.run_at := coalesce(later.run_at, now());
    ELSIF later.status = 'ready' THEN
        later.ready_seq := nextval('pgprocess_ready_seq');
        later.exit_code := NULL;
        later.error := '';
    END IF;
    IF is_open AND NOT was_open THEN
        later.finished_at := NULL;
        later.exit_code := NULL;
        later.error := '';
        later.result := NULL;
        later.run_at := NULL;
        later.free_attempts := earlier.attempt;
        later.crashes := 0;
    ELSIF earlier.status = 'running' AND later.status = 'ready' THEN
        later.free_attempts := earlier.free_attempts + 1;
    END IF;
    RETURN later;
END
$$;
