-- Count in the children of these tasks how many parents they wait for, and give a waiting child whose trigger rule is
-- decided by that its new status. What maps over a list is decided by expand_mapped.
-- Counted, never looked up: a NOT EXISTS check would miss a wake-up when two parents finish at once.
CREATE OR REPLACE FUNCTION pgprocess_settle(changes pgprocess_change[])
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    mapping bigint[];
BEGIN
    WITH change AS (
        SELECT id, pgprocess_status_class(was) AS was, pgprocess_status_class(is_now) AS is_now
          FROM unnest(changes)
         WHERE pgprocess_status_class(was) <> pgprocess_status_class(is_now)
    ), effect (child_id, unsettled, failed, skipped) AS (
        SELECT edge.child_id,
               (is_now = 'open')::int - (was = 'open')::int,
               (is_now = 'failed')::int - (was = 'failed')::int,
               (is_now = 'skipped')::int - (was = 'skipped')::int
          FROM change JOIN pgprocess_jobtaskdependency AS edge ON edge.parent_id = change.id
         UNION ALL
        SELECT id, 0, 0, 0 FROM unnest(changes) AS sent_back WHERE sent_back.is_now = 'awaiting'
    ), child AS (
        SELECT child_id AS id,
               sum(unsettled)::int AS unsettled, sum(failed)::int AS failed, sum(skipped)::int AS skipped
          FROM effect GROUP BY child_id
    ), settled AS (
        UPDATE pgprocess_jobtask AS task
           SET parents_left = task.parents_left + child.unsettled,
               parents_failed = task.parents_failed + child.failed,
               parents_skipped = task.parents_skipped + child.skipped,
               status = CASE WHEN task.status = 'awaiting' AND task.map_over = ''
                             THEN pgprocess_next_status(
                                      task.trigger_rule, '', task.run_at, task.parents_total,
                                      task.parents_left + child.unsettled, task.parents_failed + child.failed,
                                      task.parents_skipped + child.skipped)
                             ELSE task.status END
          FROM child
         WHERE task.id = child.id
        RETURNING task.id, task.status, task.map_over, task.map_index
    )
    SELECT array_agg(id) INTO mapping
      FROM settled WHERE map_over <> '' AND (status = 'awaiting' OR map_index IS NOT NULL);
    IF mapping IS NOT NULL THEN
        PERFORM pgprocess_expand_mapped(mapping);
    END IF;
END
$$;
