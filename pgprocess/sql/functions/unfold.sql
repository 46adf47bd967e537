-- Turn new jobs into their tasks and edges, copied from the process as it is now; a task without parents is ready, and
-- one that maps over no parent of its own is given up. Many jobs unfold in one statement. An inactive task is left out,
-- and its children inherit its parents.
-- Planned with the recipe IN BULK. Left to itself Postgres compares each task of a job with each of its edges; or, but
-- for "below", each with each other.
CREATE OR REPLACE FUNCTION pgprocess_unfold(job_ids bigint[])
RETURNS void LANGUAGE plpgsql
SET jit = off SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off SET enable_nestloop = off SET enable_mergejoin = off AS $$
DECLARE
    processes bigint[] := ARRAY(SELECT DISTINCT process_id FROM pgprocess_job WHERE id = ANY (job_ids));
    lost pgprocess_change[];
BEGIN
    WITH run AS (
        SELECT id, process_id, CASE WHEN buffered THEN pgprocess_waiting_forever() ELSE run_at END AS run_at
          FROM pgprocess_job WHERE id = ANY (job_ids)
    ), edge AS MATERIALIZED (
        SELECT parent_id, child_id FROM pgprocess_active_edges(processes)
    ), waiting AS (
        SELECT child_id, count(*)::int AS parents FROM edge GROUP BY child_id
    ), fresh AS (
        INSERT INTO pgprocess_jobtask (job_id, task_id, version_id, queue, priority, trigger_rule, allow_failure,
                                       map_over, parents_total, parents_left, run_at, status, ready_seq)
        SELECT first.*, CASE status WHEN 'ready' THEN nextval('pgprocess_ready_seq') END
          FROM (SELECT run.id, task.id, task.version_id, task.queue, task.priority, task.trigger_rule,
                       task.allow_failure, task.map_over, coalesce(parents, 0), coalesce(parents, 0), run.run_at,
                       pgprocess_next_status(task.trigger_rule, task.map_over, run.run_at,
                                             coalesce(parents, 0), coalesce(parents, 0), 0, 0) AS status
                  FROM run
                  JOIN pgprocess_task AS task
                    ON task.process_id = run.process_id AND task.process_id = ANY (processes) AND task.is_active
                  LEFT JOIN waiting ON waiting.child_id = task.id
                 ORDER BY run.id, task.id) AS first
        RETURNING id, job_id, task_id, queue, status, map_over
    ), below AS MATERIALIZED (
        SELECT fresh.id, fresh.job_id, edge.parent_id FROM edge JOIN fresh ON fresh.task_id = edge.child_id
    ), copied AS (
        INSERT INTO pgprocess_jobtaskdependency (parent_id, child_id)
        SELECT parent.id, below.id
          FROM below JOIN fresh AS parent ON parent.task_id = below.parent_id AND parent.job_id = below.job_id
    ), stirred AS (
        SELECT pg_notify('pgprocess', payload)
          FROM (SELECT DISTINCT CASE status WHEN 'ready' THEN queue ELSE '' END AS payload
                  FROM fresh WHERE status IN ('ready', 'scheduled')) AS new_work
    ), begun AS (
        UPDATE pgprocess_job AS job
           SET tasks_total = size.tasks, tasks_left = size.tasks,
               status = CASE size.tasks WHEN 0 THEN 'succeeded' ELSE 'running' END
          FROM (SELECT run.id, count(fresh.id) AS tasks FROM run LEFT JOIN fresh ON fresh.job_id = run.id
                 GROUP BY run.id) AS size
         WHERE job.id = size.id AND job.id = ANY (job_ids)
    )
    SELECT array_agg(ROW(id, status, status, job_id)::pgprocess_change) FILTER (
               WHERE map_over <> '' AND status = 'awaiting' AND (id, map_over) NOT IN (
                     SELECT below.id, parent.name FROM below JOIN pgprocess_task AS parent ON parent.id = parent_id)),
           (SELECT count(*) FROM stirred)
      INTO lost FROM fresh;
    PERFORM pgprocess_advance(lost) WHERE lost IS NOT NULL;
END
$$;
