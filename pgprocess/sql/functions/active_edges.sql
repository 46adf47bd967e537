-- Return the dependencies between the active tasks of these processes. Where a parent is inactive, its own parents take
-- its place.
-- A function of its own, so that Postgres plans it by itself, with the recipe ROW BY ROW: by index from the processes
-- down, however many other processes there are.
CREATE OR REPLACE FUNCTION pgprocess_active_edges(process_ids bigint[])
RETURNS TABLE (parent_id bigint, child_id bigint) LANGUAGE plpgsql STABLE
SET jit = off SET plan_cache_mode = force_generic_plan
SET enable_nestloop = on SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
SET max_parallel_workers_per_gather = 0 AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM pgprocess_task WHERE process_id = ANY (process_ids) AND NOT is_active) THEN
        RETURN QUERY
        SELECT edge.parent_id, edge.task_id
          FROM pgprocess_task AS task JOIN pgprocess_taskdependency AS edge ON edge.task_id = task.id
         WHERE task.process_id = ANY (process_ids);
        RETURN;
    END IF;
    RETURN QUERY
    WITH RECURSIVE bridge (parent, child) AS (
        SELECT edge.parent_id, edge.task_id
          FROM pgprocess_task AS task JOIN pgprocess_taskdependency AS edge ON edge.task_id = task.id
         WHERE task.process_id = ANY (process_ids) AND task.is_active
         UNION
        SELECT edge.parent_id, bridge.child
          FROM bridge JOIN pgprocess_taskdependency AS edge ON edge.task_id = bridge.parent
         WHERE NOT (SELECT is_active FROM pgprocess_task WHERE id = bridge.parent)
    )
    SELECT bridge.parent, bridge.child FROM bridge
     WHERE (SELECT is_active FROM pgprocess_task WHERE id = bridge.parent);
END
$$;
