-- Return the status of a waiting task: what its trigger rule makes of its parents, but not before its time.
-- A task that maps over a parent's items stays awaiting, for expand_mapped to decide: only that rule knows the items.
CREATE OR REPLACE FUNCTION pgprocess_next_status(
    trigger_rule text, map_over text, run_at timestamptz,
    parents int, parents_left int, parents_failed int, parents_skipped int
)
RETURNS text LANGUAGE sql STABLE AS $$
    SELECT CASE pgprocess_trigger_rule_decision(trigger_rule, parents, parents_left, parents_failed, parents_skipped)
           WHEN 'ready' THEN CASE WHEN map_over <> '' THEN 'awaiting'
                               WHEN run_at > now() THEN 'scheduled'
                               ELSE 'ready' END
           WHEN 'skipped' THEN 'skipped'
           WHEN 'upstream_failed' THEN 'upstream_failed'
           ELSE 'awaiting'
           END
$$;
