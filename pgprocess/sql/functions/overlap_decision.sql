-- Return why a process's overlap policy leaves out a slot, or '' if the slot becomes a job.
-- ``busy`` is a running job of the process, ``waiting`` one that is buffered, NULL if there is none; the slot is the
-- ``place``-th of ``places`` that are due at once, the oldest first.
CREATE OR REPLACE FUNCTION pgprocess_overlap_decision(
    overlap text, busy bigint, waiting bigint, place bigint, places bigint
) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE
           WHEN overlap = 'skip' AND busy IS NOT NULL THEN 'job ' || busy || ' was still running'
           WHEN overlap = 'skip' AND place > 1 THEN 'the slot before it was still running'
           WHEN overlap = 'buffer_one' AND waiting IS NOT NULL THEN 'job ' || waiting || ' was waiting already'
           WHEN overlap = 'buffer_one' AND place > CASE WHEN busy IS NULL THEN 2 ELSE 1 END
           THEN 'the slot before it was waiting already'
           WHEN overlap = 'cancel_running' AND place < places THEN 'a later slot runs in its place'
           ELSE '' END
$$;
