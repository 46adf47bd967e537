-- One row for each process: when it runs, when next, and how its last run went; why it is paused, and how many jobs
-- wait.
CREATE OR REPLACE VIEW pgprocess_schedule_overview AS
SELECT process.id,
       process.name AS process,
       process.is_active,
       CASE WHEN process.minute LIKE '@%' THEN process.minute
            WHEN NOT process.has_schedule THEN 'on demand'
            ELSE concat_ws(' ', coalesce(nullif(process.minute, ''), '*'), coalesce(nullif(process.hour, ''), '*'),
                           coalesce(nullif(process.day_of_month, ''), '*'), coalesce(nullif(process.month, ''), '*'),
                           coalesce(nullif(process.day_of_week, ''), '*'))
       END AS schedule,
       process.timezone,
       process.next_run_at,
       process.paused_reason,
       last.id AS last_job,
       last.status AS last_status,
       last.started_at AS last_started,
       last.finished_at AS last_finished,
       process.paused_by,
       process.failures,
       (SELECT count(*) FROM pgprocess_job AS job
         WHERE job.process_id = process.id AND job.buffered) AS jobs_waiting
  FROM pgprocess_process AS process
  LEFT JOIN LATERAL (SELECT id, status, started_at, finished_at FROM pgprocess_job AS job
                      WHERE job.process_id = process.id AND job.status <> 'skipped'
                      ORDER BY job.id DESC LIMIT 1) AS last ON true;
