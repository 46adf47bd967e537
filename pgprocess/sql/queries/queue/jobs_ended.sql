-- The jobs that this very transaction brought to their end: it wrote their rows last.
SELECT job.id, process.name AS process, job.status
  FROM pgprocess_jobtask AS task
  JOIN pgprocess_job AS job ON job.id = task.job_id
  JOIN pgprocess_process AS process ON process.id = job.process_id
 WHERE task.id = ANY (%(ids)s) AND job.status <> 'running' AND job.xmin = pg_current_xact_id()::xid
 GROUP BY job.id, process.name
 ORDER BY job.id
