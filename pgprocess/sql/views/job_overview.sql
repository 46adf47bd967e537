-- One row for each job, with what people ask first: its process, how far it is, how long it took, which task failed
-- first, and why it waits if it does.
CREATE OR REPLACE VIEW pgprocess_job_overview AS
SELECT job.id,
       process.name AS process,
       job.status,
       job.logical_date,
       job.origin,
       job.actor,
       job.tasks_total,
       job.tasks_total - job.tasks_left AS tasks_settled,
       job.tasks_failed,
       (SELECT task.name
          FROM pgprocess_jobtask AS failed JOIN pgprocess_task AS task ON task.id = failed.task_id
         WHERE failed.job_id = job.id
           AND (failed.status = 'failed' OR failed.status = 'upstream_failed' AND failed.error <> '')
         ORDER BY failed.finished_at, failed.id LIMIT 1) AS first_failed,
       job.created_at,
       job.started_at,
       job.finished_at,
       greatest(coalesce(job.finished_at, now()) - job.started_at, interval '0') AS duration,
       job.reason,
       CASE WHEN job.buffered THEN pgprocess_waiting_because(pgprocess_why_buffered(job.id)) END AS waiting_because,
       job.backfill_id,
       job.process_id
  FROM pgprocess_job AS job
  JOIN pgprocess_process AS process ON process.id = job.process_id;
