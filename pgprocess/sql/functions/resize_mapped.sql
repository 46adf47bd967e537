-- There are so many job tasks of this task in its job, one for each item; 0: one, without an item.
-- Those that are there stay, with their history; all wait for the same parents, and are waited for by the same children.
CREATE OR REPLACE FUNCTION pgprocess_resize_mapped(first bigint, items int)
RETURNS void LANGUAGE plpgsql
SET jit = off SET enable_seqscan = off AS $$
DECLARE
    model pgprocess_jobtask;
    siblings bigint[];
    surplus bigint[];
    more int;
BEGIN
    SELECT * INTO model FROM pgprocess_jobtask WHERE id = first;
    siblings := ARRAY(SELECT id FROM pgprocess_jobtask WHERE job_id = model.job_id AND task_id = model.task_id
                       ORDER BY map_index);
    more := greatest(items, 1) - cardinality(siblings);
    UPDATE pgprocess_jobtask SET map_index = CASE WHEN items > 0 THEN 0 END
     WHERE id = siblings[1] AND map_index IS DISTINCT FROM CASE WHEN items > 0 THEN 0 END;
    IF more > 0 THEN
        WITH fresh AS (
            INSERT INTO pgprocess_jobtask (job_id, task_id, version_id, queue, priority, trigger_rule, allow_failure,
                                           map_over, run_at, parents_total, parents_left, parents_failed,
                                           parents_skipped, map_index)
            SELECT model.job_id, model.task_id, model.version_id, model.queue, model.priority, model.trigger_rule,
                   model.allow_failure, model.map_over, model.run_at, model.parents_total, model.parents_left,
                   model.parents_failed, model.parents_skipped, item
              FROM generate_series(cardinality(siblings), items - 1) AS item
            RETURNING id
        )
        INSERT INTO pgprocess_jobtaskdependency (parent_id, child_id)
        SELECT edge.parent_id, fresh.id FROM fresh, pgprocess_jobtaskdependency AS edge WHERE edge.child_id = first
         UNION ALL
        SELECT fresh.id, edge.child_id FROM fresh, pgprocess_jobtaskdependency AS edge WHERE edge.parent_id = first;
    ELSIF more < 0 THEN
        surplus := siblings[cardinality(siblings) + more + 1 :];
        DELETE FROM pgprocess_logchunk WHERE jobtask_id = ANY (surplus);
        DELETE FROM pgprocess_attempt WHERE jobtask_id = ANY (surplus);
        DELETE FROM pgprocess_jobtaskdependency WHERE parent_id = ANY (surplus) OR child_id = ANY (surplus);
        DELETE FROM pgprocess_jobtask WHERE id = ANY (surplus);
    END IF;
    IF more <> 0 THEN
        UPDATE pgprocess_jobtask SET parents_total = parents_total + more, parents_left = parents_left + more
         WHERE id IN (SELECT child_id FROM pgprocess_jobtaskdependency WHERE parent_id = siblings[1]);
        UPDATE pgprocess_job SET tasks_total = tasks_total + more, tasks_left = tasks_left + more
         WHERE id = model.job_id;
    END IF;
END
$$;
