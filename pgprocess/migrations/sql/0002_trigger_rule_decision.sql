-- Return what its parents make of a waiting task: ready, skipped, upstream_failed, or NULL while that is open.
-- A rule that can no longer be met is decided at once: upstream_failed where a parent failed, else skipped.
CREATE OR REPLACE FUNCTION pgprocess_trigger_rule_decision(
    trigger_rule text, parents int, parents_left int, parents_failed int, parents_skipped int
)
RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE
           WHEN parents = 0 OR trigger_rule = 'always' THEN 'ready'
           WHEN trigger_rule = 'all_succeeded' THEN
                CASE WHEN parents_failed > 0 THEN 'upstream_failed'
                     WHEN parents_skipped > 0 THEN 'skipped'
                     WHEN parents_left = 0 THEN 'ready' END
           WHEN trigger_rule = 'none_failed' THEN
                CASE WHEN parents_failed > 0 THEN 'upstream_failed'
                     WHEN parents_left = 0 THEN 'ready' END
           WHEN trigger_rule = 'none_failed_min_one_succeeded' THEN
                CASE WHEN parents_failed > 0 THEN 'upstream_failed'
                     WHEN parents_skipped = parents THEN 'skipped'
                     WHEN parents_left = 0 THEN 'ready' END
           WHEN trigger_rule = 'all_done' THEN
                CASE WHEN parents_left = 0 THEN 'ready' END
           WHEN trigger_rule = 'one_succeeded' THEN
                CASE WHEN parents > parents_left + parents_failed + parents_skipped THEN 'ready'
                     WHEN parents_left > 0 THEN NULL
                     WHEN parents_failed > 0 THEN 'upstream_failed'
                     ELSE 'skipped' END
           WHEN trigger_rule = 'one_failed' THEN
                CASE WHEN parents_failed > 0 THEN 'ready'
                     WHEN parents_left = 0 THEN 'skipped' END
           WHEN trigger_rule = 'all_failed' THEN
                CASE WHEN parents = parents_failed THEN 'ready'
                     WHEN parents = parents_failed + parents_left THEN NULL
                     WHEN parents_failed > 0 THEN 'upstream_failed'
                     ELSE 'skipped' END
           END
$$;
