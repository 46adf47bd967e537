-- The queues that have something to do: how much (counted to 10,000), who serves them, and their oldest ready task.
-- A task is ready since its job began, its last parent ended, it was due or it was sent back: the latest of these.
WITH RECURSIVE lane (queue, priority) AS (
    (SELECT queue, priority FROM pgprocess_jobtask WHERE status = 'ready' ORDER BY queue, priority LIMIT 1)
     UNION ALL
    SELECT following.queue, following.priority
      FROM lane, LATERAL (SELECT queue, priority FROM pgprocess_jobtask
                           WHERE status = 'ready' AND (queue, priority) > (lane.queue, lane.priority)
                           ORDER BY queue, priority LIMIT 1) AS following
), first AS (
    SELECT lane.queue, oldest.id, oldest.job_id, oldest.run_at, oldest.ready_seq
      FROM lane, LATERAL (SELECT id, job_id, run_at, ready_seq FROM pgprocess_jobtask
                           WHERE status = 'ready' AND queue = lane.queue AND priority = lane.priority
                           ORDER BY ready_seq LIMIT 1) AS oldest
), oldest AS (
    SELECT DISTINCT ON (queue) * FROM first ORDER BY queue, ready_seq
), waiting AS (
    SELECT oldest.queue, oldest.id AS task,
           (SELECT count(*) FROM (SELECT FROM pgprocess_jobtask
                                   WHERE status = 'ready' AND queue = oldest.queue LIMIT 10001) AS row) AS ready,
           greatest(job.started_at, oldest.run_at,
                    (SELECT max(parent.finished_at)
                       FROM pgprocess_jobtaskdependency AS edge
                       JOIN pgprocess_jobtask AS parent ON parent.id = edge.parent_id
                      WHERE edge.child_id = oldest.id),
                    (SELECT max(attempt.created_at) FROM pgprocess_attempt AS attempt
                      WHERE attempt.jobtask_id = oldest.id)) AS since
      FROM oldest LEFT JOIN pgprocess_job AS job ON job.id = oldest.job_id
), busy AS (
    SELECT queue, sum(running) AS running, sum(scheduled) AS scheduled
      FROM (SELECT queue, 1 AS running, 0 AS scheduled FROM pgprocess_jobtask WHERE status = 'running'
             UNION ALL
            SELECT queue, 0, 1 FROM pgprocess_jobtask WHERE status = 'scheduled') AS row
     GROUP BY queue
)
SELECT queue, coalesce(waiting.ready, 0), coalesce(busy.running, 0), coalesce(busy.scheduled, 0),
       pgprocess_served(queue), waiting.task, waiting.since
  FROM waiting FULL JOIN busy USING (queue)
 ORDER BY queue
