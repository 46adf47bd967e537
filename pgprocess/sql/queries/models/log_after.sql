-- What job tasks wrote beyond the place (attempt and seq) where each one's reader stopped, task by task and each in
-- order, up to so many pieces. A task with nothing new costs one index probe.
SELECT piece.*
  FROM unnest(%(jobtasks)s::bigint[], %(attempts)s::int[], %(seqs)s::int[]) AS reader (jobtask_id, attempt, seq)
 CROSS JOIN LATERAL (
       SELECT id, jobtask_id, attempt, seq, stream, text, created_at
         FROM pgprocess_logchunk AS piece
        WHERE piece.jobtask_id = reader.jobtask_id
          AND (piece.attempt, piece.seq) > (reader.attempt, reader.seq) AND piece.attempt <= %(last)s
        ORDER BY piece.jobtask_id, piece.attempt, piece.seq LIMIT %(pieces)s) AS piece
 LIMIT %(pieces)s
