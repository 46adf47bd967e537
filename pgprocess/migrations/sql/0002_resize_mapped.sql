-- Give a mapped task one job task for each item of the list, with its item; for an empty list one, without an item.
-- Job tasks that are there stay, with their history. All have the same parents and the same children. Returns those
-- beyond the end of the list, for drop_items.
CREATE OR REPLACE FUNCTION pgprocess_resize_mapped(first bigint, list jsonb)
RETURNS bigint[] LANGUAGE plpgsql
SET jit = off SET enable_seqscan = off AS $$
DECLARE
    model pgprocess_jobtask;
    siblings bigint[];
    items jsonb[] := ARRAY(SELECT jsonb_array_elements(list));
    places int := greatest(cardinality(items), 1);
    more int;
BEGIN
    SELECT * INTO model FROM pgprocess_jobtask WHERE id = first;
    siblings := ARRAY(SELECT id FROM pgprocess_jobtask WHERE job_id = model.job_id AND task_id = model.task_id
                       ORDER BY map_index);
    more := places - cardinality(siblings);
    UPDATE pgprocess_jobtask AS task
       SET map_index = CASE WHEN pair.item IS NOT NULL THEN pair.place - 1 END, item = pair.item
      FROM unnest(siblings, items) WITH ORDINALITY AS pair (id, item, place)
     WHERE task.id = pair.id AND pair.place <= places
       AND (task.item IS DISTINCT FROM pair.item OR task.map_index IS NULL AND pair.item IS NOT NULL);
    IF items = '{}' THEN  -- what maps over this task has no items any more, even if nothing else has changed
        PERFORM pgprocess_advance(ARRAY(
            SELECT ROW(child_id, 'awaiting', 'awaiting', model.job_id)::pgprocess_change
              FROM pgprocess_jobtaskdependency WHERE parent_id = siblings[1] AND model.map_index IS NOT NULL));
    END IF;
    IF more > 0 THEN
        WITH fresh AS (
            INSERT INTO pgprocess_jobtask (job_id, task_id, version_id, queue, priority, trigger_rule, allow_failure,
                                           map_over, run_at, parents_total, parents_left, parents_failed,
                                           parents_skipped, map_index, item)
            SELECT model.job_id, model.task_id, model.version_id, model.queue, model.priority, model.trigger_rule,
                   model.allow_failure, model.map_over, model.run_at, model.parents_total, model.parents_left,
                   model.parents_failed, model.parents_skipped, pair.place - 1, pair.item
              FROM unnest(siblings, items) WITH ORDINALITY AS pair (id, item, place)
             WHERE pair.id IS NULL
            RETURNING id
        )
        INSERT INTO pgprocess_jobtaskdependency (parent_id, child_id)
        SELECT edge.parent_id, fresh.id FROM fresh, pgprocess_jobtaskdependency AS edge WHERE edge.child_id = first
         UNION ALL
        SELECT fresh.id, edge.child_id FROM fresh, pgprocess_jobtaskdependency AS edge WHERE edge.parent_id = first;
        UPDATE pgprocess_jobtask SET parents_total = parents_total + more, parents_left = parents_left + more
         WHERE id IN (SELECT child_id FROM pgprocess_jobtaskdependency WHERE parent_id = first);
        UPDATE pgprocess_job SET tasks_total = tasks_total + more, tasks_left = tasks_left + more
         WHERE id = model.job_id;
    END IF;
    RETURN siblings[places + 1 :];
END
$$;
