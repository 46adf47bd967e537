-- Lease some deliveries that are due to this cron, with all that their messages need; first those that were never
-- tried. After five minutes another cron tries. Deliveries that were refused are left out; %(only)s names those to look
-- at, NULL all.
WITH due AS MATERIALIZED (
    SELECT id FROM pgprocess_delivery
     WHERE next_at <= now() AND receiver <> ALL (%(busy)s) AND id <> ALL (%(refused)s::bigint[])
       AND (%(only)s::bigint[] IS NULL OR id = ANY (%(only)s))
     ORDER BY attempts > 0, next_at, id LIMIT 50 FOR NO KEY UPDATE SKIP LOCKED
), leased AS (
    UPDATE pgprocess_delivery AS delivery SET next_at = now() + interval '5 min', attempts = least(attempts, 999) + 1
      FROM due WHERE delivery.id = due.id
    RETURNING delivery.*
)
SELECT leased.id AS delivery, leased.receiver, leased.attempts, alert.kind, alert.process_id,
       coalesce(process.name, 'process ' || alert.process_id) AS process, alert.job_id AS job,
       coalesce(job.status, '') AS status, job.logical_date, job.started_at,
       left(coalesce(job.reason, ''), 10000) AS reason, coalesce(failed.name, '') AS first_failed,
       left(coalesce(failed.error, ''), 10000) AS error, alert.created_at AS at
  FROM leased
  JOIN pgprocess_alert AS alert ON alert.id = leased.alert_id
  LEFT JOIN pgprocess_process AS process ON process.id = alert.process_id
  LEFT JOIN pgprocess_job AS job ON job.id = alert.job_id
  LEFT JOIN LATERAL (SELECT task.name, jobtask.error
                       FROM pgprocess_jobtask AS jobtask JOIN pgprocess_task AS task ON task.id = jobtask.task_id
                      WHERE alert.kind = 'failed' AND jobtask.job_id = job.id AND jobtask.status = 'failed'
                      ORDER BY jobtask.finished_at, jobtask.id LIMIT 1) AS failed ON true
 ORDER BY leased.attempts > 1, leased.id
