-- Refuse a change of a job task's status that is not allowed; a new status brings its times, its place in the queue,
-- its attempt number and a clean slate. A task that goes back from running or from a settled status keeps its try as an
-- Attempt.
-- This is a trigger's own function, since it is called for every row of every claim and completion.
CREATE OR REPLACE FUNCTION pgprocess_jobtask_before_update()
RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    was_open boolean := pgprocess_status_class(OLD.status) = 'open';
    is_open boolean := pgprocess_status_class(NEW.status) = 'open';
BEGIN
    IF NOT pgprocess_transition_allowed(OLD.status, NEW.status) THEN
        RAISE EXCEPTION 'job task % can''t go from % to %', OLD.id, OLD.status, NEW.status
              USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.status <> 'running' THEN
        NEW.claim_token := NULL;
    END IF;
    IF NEW.reason = OLD.reason THEN
        NEW.reason := '';
    END IF;
    IF NEW.actor = OLD.actor THEN
        NEW.actor := '';
    END IF;
    IF OLD.attempt > 0 AND is_open AND (OLD.status = 'running' OR NOT was_open) THEN
        PERFORM pgprocess_keep_attempt(OLD, NEW);
    END IF;

    IF NEW.status = 'running' THEN
        NEW.attempt := least(OLD.attempt, 999999999) + 1;
        NEW.started_at := clock_timestamp();
        NEW.exit_code := NULL;
        NEW.error := '';
    ELSIF NOT is_open THEN
        NEW.finished_at := clock_timestamp();
        NEW.run_at := NULL;
    ELSE
        NEW.worker_id := NULL;
        NEW.started_at := NULL;
    END IF;
    IF NEW.status = 'scheduled' THEN
        NEW.run_at := coalesce(NEW.run_at, now());
    ELSIF NEW.status = 'ready' THEN
        NEW.ready_seq := nextval('pgprocess_ready_seq');
        NEW.exit_code := NULL;
        NEW.error := '';
    END IF;
    IF is_open AND NOT was_open THEN
        NEW.finished_at := NULL;
        NEW.exit_code := NULL;
        NEW.error := '';
        NEW.result := NULL;
        NEW.run_at := NULL;
        NEW.free_attempts := OLD.attempt;
        NEW.crashes := 0;
    ELSIF OLD.status = 'running' AND NEW.status = 'ready' THEN
        NEW.free_attempts := least(OLD.free_attempts, 999999999) + 1;
    END IF;
    RETURN NEW;
END
$$;
