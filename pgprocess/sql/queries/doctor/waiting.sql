-- Every lane (queue and priority) with ready work: its first task, for how many seconds that task has been ready, and
-- whether a live worker serves the queue.
SELECT lane.queue, lane.priority, first.id AS jobtask, task.name AS task, pgprocess_served(lane.queue) AS served,
       extract(epoch FROM now() - pgprocess_ready_since(first.id))::float8 AS seconds
  FROM pgprocess_ready_lanes() AS lane
 CROSS JOIN LATERAL (
       SELECT id, task_id FROM pgprocess_jobtask
        WHERE status = 'ready' AND queue = lane.queue AND priority = lane.priority
        ORDER BY queue, priority, ready_seq LIMIT 1) AS first
  JOIN pgprocess_task AS task ON task.id = first.task_id
 ORDER BY lane.queue, lane.priority
