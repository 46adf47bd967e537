-- A job begins running, or waits for its turn, or is noted as skipped; nothing else can be inserted.
CREATE OR REPLACE FUNCTION pgprocess_begin(job pgprocess_job)
RETURNS pgprocess_job LANGUAGE plpgsql AS $$
BEGIN
    IF job.status NOT IN ('running', 'skipped') THEN
        RAISE EXCEPTION 'a job can''t be inserted as %: it begins as running, or as skipped', job.status
              USING ERRCODE = 'check_violation';
    END IF;
    IF job.status = 'skipped' THEN
        job.finished_at := now();
    ELSIF NOT job.buffered THEN
        job.started_at := coalesce(job.run_at, now());
    END IF;
    RETURN job;
END
$$;
