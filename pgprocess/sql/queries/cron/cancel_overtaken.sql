-- Cancel whatever runs of a process whose newest slot shall run at once (overlap cancel_running); the end of the last
-- of these jobs starts that slot. Jobs in the order of their ids, as everywhere; a job that somebody has locked is
-- passed over for the moment, so that no process waits for another one's.
WITH newest AS (
    SELECT job.process_id, max(job.id) AS id, max(job.logical_date) AS slot
      FROM pgprocess_job AS job
      JOIN pgprocess_process AS process ON process.id = job.process_id AND process.overlap = 'cancel_running'
     WHERE job.buffered AND job.status = 'running' AND job.backfill_id IS NULL
     GROUP BY job.process_id
), old AS MATERIALIZED (
    SELECT job.id, newest.slot
      FROM newest JOIN pgprocess_job AS job ON job.process_id = newest.process_id
     WHERE job.status = 'running' AND job.backfill_id IS NULL AND job.id < newest.id
     ORDER BY job.id FOR NO KEY UPDATE OF job SKIP LOCKED
)
UPDATE pgprocess_job AS job
   SET status = 'cancelled',
       reason = 'the slot of ' || to_char(old.slot AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI "UTC"') || ' took its place'
  FROM old
 WHERE job.id = old.id AND job.status = 'running'
RETURNING job.id
