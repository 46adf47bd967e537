-- Every count and status that the rules keep, counted anew from edges and tasks: one row for each that differs.
-- A healthy database has none at any moment, with any number of workers: one statement sees one state.
WITH parents AS (
    SELECT edge.child_id AS id,
           count(*) AS total,
           count(*) FILTER (WHERE pgprocess_class(parent.status) = 'open') AS unsettled,
           count(*) FILTER (WHERE pgprocess_class(parent.status) = 'failed') AS failed,
           count(*) FILTER (WHERE pgprocess_class(parent.status) = 'skipped') AS skipped
      FROM pgprocess_jobtaskdependency AS edge JOIN pgprocess_jobtask AS parent ON parent.id = edge.parent_id
     GROUP BY edge.child_id
), tasks AS (
    SELECT job_id AS id,
           count(*) AS total,
           count(*) FILTER (WHERE pgprocess_class(status) = 'open') AS unsettled,
           count(*) FILTER (WHERE status = 'failed') AS failed
      FROM pgprocess_jobtask
     GROUP BY job_id
)
SELECT 'pgprocess_jobtask' AS "table", task.id, drift."column", drift."is", drift.should_be
  FROM pgprocess_jobtask AS task
  LEFT JOIN parents ON parents.id = task.id
 CROSS JOIN LATERAL (SELECT coalesce(parents.total, 0)::int AS total,
                            coalesce(parents.unsettled, 0)::int AS unsettled,
                            coalesce(parents.failed, 0)::int AS failed,
                            coalesce(parents.skipped, 0)::int AS skipped) AS counted
 CROSS JOIN LATERAL (VALUES
       ('parents_total', task.parents_total::text, counted.total::text),
       ('parents_left', task.parents_left::text, counted.unsettled::text),
       ('parents_failed', task.parents_failed::text, counted.failed::text),
       ('parents_skipped', task.parents_skipped::text, counted.skipped::text),
       ('status', task.status, CASE task.status WHEN 'awaiting' THEN
        pgprocess_next(task.trigger_rule, task.map_over, task.run_at,
                       counted.total, counted.unsettled, counted.failed, counted.skipped) END)
       ) AS drift ("column", "is", should_be)
 WHERE drift."is" <> drift.should_be
 UNION ALL
SELECT 'pgprocess_job', job.id, drift."column", drift."is", drift.should_be
  FROM pgprocess_job AS job
  LEFT JOIN tasks ON tasks.id = job.id
 CROSS JOIN LATERAL (VALUES
       ('tasks_total', job.tasks_total::text, coalesce(tasks.total, 0)::text),
       ('tasks_left', job.tasks_left::text, coalesce(tasks.unsettled, 0)::text),
       ('tasks_failed', job.tasks_failed::text, coalesce(tasks.failed, 0)::text),
       ('status', job.status, CASE WHEN tasks.unsettled > 0 THEN 'running'
                                   WHEN job.status = 'running' THEN pgprocess_verdict(job.id) END)
       ) AS drift ("column", "is", should_be)
 WHERE drift."is" <> drift.should_be
 ORDER BY 1, 2, 3
