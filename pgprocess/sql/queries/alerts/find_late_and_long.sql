-- Write an alert for each scheduled job that has not begun so long after its slot, and for each job that runs so many
-- times longer than the median of its process's last twenty successes, if there are five at least. Once for each job.
-- Processes that were refused are left out; %(only)s names those to look at, NULL all.
INSERT INTO pgprocess_alert (process_id, job_id, kind)
SELECT job.process_id, job.id, 'late'
  FROM pgprocess_job AS job JOIN pgprocess_process AS process ON process.id = job.process_id
 WHERE (%(only)s::bigint[] IS NULL OR job.process_id = ANY (%(only)s))
   AND job.process_id <> ALL (%(refused)s::bigint[])
   AND job.status = 'running' AND job.origin = 'schedule' AND job.backfill_id IS NULL
   AND greatest(job.logical_date, job.run_at)
       < pgprocess_now() - make_interval(secs => coalesce(process.late_after, %(late_after)s))
   AND NOT EXISTS (SELECT FROM pgprocess_jobtask WHERE job_id = job.id AND attempt > 0)
   AND NOT EXISTS (SELECT FROM pgprocess_alert WHERE job_id = job.id AND kind = 'late')
 UNION ALL
SELECT job.process_id, job.id, 'long'
  FROM (SELECT * FROM pgprocess_job
         WHERE (%(only)s::bigint[] IS NULL OR process_id = ANY (%(only)s))
           AND process_id <> ALL (%(refused)s::bigint[])
           AND status = 'running' AND NOT buffered AND started_at < now() - interval '1 min' OFFSET 0) AS job
 CROSS JOIN LATERAL (
       SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY finished_at - started_at) AS duration, count(*) AS runs
         FROM (SELECT started_at, finished_at FROM pgprocess_job AS past
                WHERE past.process_id = job.process_id AND past.status = 'succeeded'
                ORDER BY past.id DESC LIMIT 20) AS past) AS usual
 WHERE usual.runs >= 5 AND extract(epoch FROM now() - job.started_at)::float8
       > extract(epoch FROM usual.duration)::float8 * %(long_factor)s
   AND NOT EXISTS (SELECT FROM pgprocess_jobtask WHERE job_id = job.id AND free_attempts > 0)
   AND NOT EXISTS (SELECT FROM pgprocess_alert WHERE job_id = job.id AND kind = 'long')
    ON CONFLICT DO NOTHING
