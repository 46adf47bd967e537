-- Refuse a new job with any status but running or skipped, and set its times. A buffered job has not begun yet.
-- A job of a dump is stored as it was: pgtrigger's setting names this trigger then, as it names all others.
CREATE OR REPLACE FUNCTION pgprocess_job_before_insert()
RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_NAME = ANY (coalesce(nullif(current_setting('pgtrigger.ignore', true), ''), '{}')::text[]) THEN
        RETURN NEW;
    END IF;
    IF NEW.status NOT IN ('running', 'skipped') THEN
        RAISE EXCEPTION 'a job can''t be inserted as %: it begins as running, or as skipped', NEW.status
              USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.status = 'skipped' THEN
        NEW.finished_at := now();
    ELSIF NOT NEW.buffered THEN
        NEW.started_at := coalesce(NEW.run_at, now());
    END IF;
    RETURN NEW;
END
$$;
