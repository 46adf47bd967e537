-- Every queue and priority that has ready work: its first task, for how many seconds that has been ready (as far as
-- its job, parents and attempts tell), and whether a live worker serves the queue. One index probe a lane.
WITH RECURSIVE lane AS (
    (SELECT queue, priority, id FROM pgprocess_jobtask
      WHERE status = 'ready' ORDER BY queue, priority, ready_seq LIMIT 1)
     UNION ALL
    SELECT beyond.queue, beyond.priority, beyond.id
      FROM lane
     CROSS JOIN LATERAL (
           SELECT queue, priority, id FROM pgprocess_jobtask
            WHERE status = 'ready' AND (queue, priority) > (lane.queue, lane.priority)
            ORDER BY queue, priority, ready_seq LIMIT 1) AS beyond
)
SELECT lane.queue, lane.priority, lane.id AS jobtask, task.name AS task, pgprocess_served(lane.queue) AS served,
       extract(epoch FROM now() - greatest(
           job.started_at, jobtask.run_at,
           (SELECT max(parent.finished_at)
              FROM pgprocess_jobtaskdependency AS edge JOIN pgprocess_jobtask AS parent ON parent.id = edge.parent_id
             WHERE edge.child_id = lane.id),
           (SELECT max(attempt.created_at) FROM pgprocess_attempt AS attempt WHERE attempt.jobtask_id = lane.id)
       ))::float8 AS seconds
  FROM lane
  JOIN pgprocess_jobtask AS jobtask ON jobtask.id = lane.id
  JOIN pgprocess_task AS task ON task.id = jobtask.task_id
  LEFT JOIN pgprocess_job AS job ON job.id = jobtask.job_id
 ORDER BY lane.queue, lane.priority
