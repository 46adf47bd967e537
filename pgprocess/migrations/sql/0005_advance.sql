-- These tasks changed status: settle their children, end their jobs, wake the workers; in that order.
--
-- One lock order everywhere: jobs by id, then their tasks. So nobody else moves within these jobs meanwhile,
-- and parents that finish together queue up. Our own updates fire the trigger again: while pgprocess.changes
-- is set, a call only notes there what changed, and the outermost call goes round until nothing is left.
-- A chain of any length is a loop here, never a pile of triggers.
--
-- The SETs, for all that is called from here: planned once, since planning took five times as long as running; and over indexes only,
-- since a plan made while the tables were empty would scan them when they are full.
CREATE OR REPLACE FUNCTION pgprocess_advance(ids bigint[], earlier text[], later text[])
RETURNS void LANGUAGE plpgsql
SET jit = off SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
DECLARE
    noted text := current_setting('pgprocess.changes', true);
    changes pgprocess_change[] := ARRAY(
        SELECT ROW(id, was, is_now)::pgprocess_change FROM unnest(ids, earlier, later) AS change (id, was, is_now));
    sent_back pgprocess_change[];
    settled pgprocess_change[] := '{}';
BEGIN
    IF noted <> '' THEN
        PERFORM set_config('pgprocess.changes', (noted::pgprocess_change[] || changes)::text, true);
        RETURN;
    END IF;

    PERFORM FROM pgprocess_job
      WHERE id IN (SELECT job_id FROM pgprocess_jobtask WHERE id = ANY (ids))
        AND (SELECT bool_or(pgprocess_class(was) <> pgprocess_class(is_now)) FROM unnest(changes))
      ORDER BY id FOR NO KEY UPDATE;
    LOOP
        PERFORM set_config('pgprocess.changes', '{}', true);
        PERFORM pgprocess_send_back(changes);
        sent_back := current_setting('pgprocess.changes')::pgprocess_change[];
        PERFORM set_config('pgprocess.changes', '{}', true);
        PERFORM pgprocess_settle(changes || sent_back);
        settled := settled || changes || sent_back;
        changes := current_setting('pgprocess.changes')::pgprocess_change[];
        IF changes = '{}' OR cardinality(settled) > 1000 THEN
            PERFORM set_config('pgprocess.changes', '{}', true);
            PERFORM pgprocess_finish(settled), pgprocess_wake(settled);
            settled := '{}';
            changes := changes || current_setting('pgprocess.changes')::pgprocess_change[];
        END IF;
        EXIT WHEN changes = '{}';
    END LOOP;
    PERFORM set_config('pgprocess.changes', '', true);
END
$$;
