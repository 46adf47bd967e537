-- Append the output of running tasks. A piece that is there already is left alone.
INSERT INTO pgprocess_logchunk (jobtask_id, attempt, seq, stream, text)
SELECT * FROM unnest(%(jobtasks)s::bigint[], %(attempts)s::int[], %(seqs)s::int[], %(streams)s::text[],
                     %(texts)s::text[])
    ON CONFLICT (jobtask_id, attempt, seq) DO NOTHING
