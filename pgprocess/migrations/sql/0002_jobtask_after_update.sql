-- Hand the job tasks whose status changed to advance. A claim leaves at the first line: it only makes tasks running,
-- and nobody waits for that.
-- Old and new rows are paired by grouping, whose cost is that of the rows; a join kept the plan that once suited it.
CREATE OR REPLACE FUNCTION pgprocess_jobtask_after_update()
RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM new_rows WHERE status <> 'running') THEN
        RETURN NULL;
    END IF;
    PERFORM pgprocess_advance(changes)
       FROM (SELECT array_agg(ROW(id, was, is_now, job_id)::pgprocess_change ORDER BY id) AS changes
               FROM (SELECT id, max(was) AS was, max(is_now) AS is_now, max(job_id) AS job_id
                       FROM (SELECT id, status AS was, NULL AS is_now, job_id FROM old_rows
                              UNION ALL
                             SELECT id, NULL, status, job_id FROM new_rows) AS row
                      GROUP BY id) AS pair
              WHERE was <> is_now) AS changed
      WHERE changes IS NOT NULL;
    RETURN NULL;
END
$$;
