-- After somebody deleted job tasks of running jobs: take their edges away, and count those jobs anew.
-- Rules that delete job tasks themselves count them out themselves, and jobs that are deleted whole are gone by now.
CREATE OR REPLACE FUNCTION pgprocess_jobtask_after_delete()
RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF coalesce(current_setting('pgprocess.changes', true), '') <> '' THEN
        RETURN NULL;
    END IF;
    DECLARE
        jobs bigint[] := ARRAY(
            SELECT job.id FROM pgprocess_job AS job
             WHERE job.id IN (SELECT job_id FROM old_rows) AND job.status = 'running' ORDER BY job.id);
        gone bigint[];
    BEGIN
        IF jobs <> '{}' THEN
            gone := ARRAY(SELECT id FROM old_rows WHERE job_id = ANY (jobs));
            DELETE FROM pgprocess_jobtaskdependency WHERE parent_id = ANY (gone);
            DELETE FROM pgprocess_jobtaskdependency WHERE child_id = ANY (gone);
            PERFORM pgprocess_recount_job(id, false) FROM unnest(jobs) AS job (id);
        END IF;
    END;
    RETURN NULL;
END
$$;
