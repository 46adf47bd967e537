-- The chunks of output beyond the place (attempt and seq) where the reader of each job task stopped, task by task and
-- each in order, up to so many. A task with nothing new costs one index probe.
SELECT chunk.*
  FROM unnest(%(jobtasks)s::bigint[], %(attempts)s::int[], %(seqs)s::int[]) AS reader (jobtask_id, attempt, seq)
 CROSS JOIN LATERAL (
       SELECT id, jobtask_id, attempt, seq, stream, text, created_at
         FROM pgprocess_logchunk AS chunk
        WHERE chunk.jobtask_id = reader.jobtask_id
          AND (chunk.attempt, chunk.seq) > (reader.attempt, reader.seq) AND chunk.attempt <= %(last_attempt)s
        ORDER BY chunk.jobtask_id, chunk.attempt, chunk.seq LIMIT %(most)s) AS chunk
 LIMIT %(most)s
