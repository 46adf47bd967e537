-- A slot of the schedule becomes a job: exactly one, since (process, logical_date) is unique.
-- While an earlier job of the process runs and its policy says skip, it is a job that was skipped, with the reason.
INSERT INTO pgprocess_job (process_id, logical_date, origin, status, reason)
SELECT process.id, %(slot)s, 'schedule',
       CASE WHEN busy.id IS NULL THEN 'running' ELSE 'skipped' END,
       CASE WHEN busy.id IS NULL THEN '' ELSE 'job ' || busy.id || ' was still running' END
  FROM pgprocess_process AS process
  LEFT JOIN LATERAL (SELECT id FROM pgprocess_job AS job
                      WHERE process.overlap = 'skip' AND job.process_id = process.id AND job.status = 'running'
                      LIMIT 1) AS busy ON true
 WHERE process.id = %(process)s
    ON CONFLICT (process_id, logical_date) DO NOTHING
RETURNING id, status
