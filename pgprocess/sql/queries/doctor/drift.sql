-- Every count and status that the rules keep, counted anew from edges and tasks: one row for each that differs. A
-- healthy database has none at any moment, with any number of workers: one statement sees one state.
-- Of jobs that run or ended within %(recent)s; of everything where that is NULL.
WITH job AS MATERIALIZED (
    SELECT id, status, tasks_total, tasks_left, tasks_failed FROM pgprocess_job WHERE status = 'running'
     UNION ALL
    SELECT id, status, tasks_total, tasks_left, tasks_failed FROM pgprocess_job
     WHERE status IN ('succeeded', 'failed', 'cancelled', 'skipped')
       AND (%(recent)s::interval IS NULL OR finished_at > now() - %(recent)s::interval)
), task AS MATERIALIZED (
    SELECT jobtask.id, jobtask.job_id, jobtask.status, jobtask.trigger_rule, jobtask.map_over, jobtask.run_at,
           jobtask.parents_total, jobtask.parents_left, jobtask.parents_failed, jobtask.parents_skipped
      FROM job JOIN pgprocess_jobtask AS jobtask ON jobtask.job_id = job.id
     UNION ALL
    SELECT id, NULL, status, trigger_rule, map_over, run_at, parents_total, parents_left, parents_failed,
           parents_skipped FROM pgprocess_jobtask WHERE job_id IS NULL AND %(recent)s::interval IS NULL
), parents AS (
    SELECT edge.child_id AS id,
           count(*)::int AS total,
           count(*) FILTER (WHERE pgprocess_status_class(parent.status) = 'open')::int AS unsettled,
           count(*) FILTER (WHERE pgprocess_status_class(parent.status) = 'failed')::int AS failed,
           count(*) FILTER (WHERE parent.status = 'skipped')::int AS skipped
      FROM task AS parent JOIN pgprocess_jobtaskdependency AS edge ON edge.parent_id = parent.id
     GROUP BY edge.child_id
), tasks AS (
    SELECT job_id AS id,
           count(*)::int AS total,
           count(*) FILTER (WHERE pgprocess_status_class(status) = 'open')::int AS unsettled,
           count(*) FILTER (WHERE status = 'failed')::int AS failed
      FROM task GROUP BY job_id
), child AS (
    SELECT task.*, coalesce(parents.total, 0) AS total, coalesce(parents.unsettled, 0) AS unsettled,
           coalesce(parents.failed, 0) AS failed, coalesce(parents.skipped, 0) AS skipped
      FROM task LEFT JOIN parents ON parents.id = task.id
)
SELECT 'pgprocess_jobtask' AS "table", child.id, drift."column", drift."is", drift.should_be
  FROM child
 CROSS JOIN LATERAL (VALUES
       ('parents_total', parents_total::text, total::text),
       ('parents_left', parents_left::text, unsettled::text),
       ('parents_failed', parents_failed::text, failed::text),
       ('parents_skipped', parents_skipped::text, skipped::text),
       ('status', status, CASE status WHEN 'awaiting' THEN
        pgprocess_next_status(trigger_rule, map_over, run_at, total, unsettled, failed, skipped) END)
       ) AS drift ("column", "is", should_be)
 WHERE (status = 'awaiting' OR (parents_total, parents_left, parents_failed, parents_skipped)
                            <> (total, unsettled, failed, skipped))
   AND drift."is" <> drift.should_be
 UNION ALL
SELECT 'pgprocess_job', job.id, drift."column", drift."is", drift.should_be
  FROM job LEFT JOIN tasks ON tasks.id = job.id
 CROSS JOIN LATERAL (VALUES
       ('tasks_total', job.tasks_total::text, coalesce(tasks.total, 0)::text),
       ('tasks_left', job.tasks_left::text, coalesce(tasks.unsettled, 0)::text),
       ('tasks_failed', job.tasks_failed::text, coalesce(tasks.failed, 0)::text),
       ('status', job.status, CASE WHEN tasks.unsettled > 0 THEN 'running'
                                   WHEN job.status = 'running' THEN (SELECT * FROM pgprocess_job_verdict(job.id)) END)
       ) AS drift ("column", "is", should_be)
 WHERE drift."is" <> drift.should_be
 ORDER BY 1, 2, 3
