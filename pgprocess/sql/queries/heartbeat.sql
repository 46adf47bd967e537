-- A worker lives, and which of its claims are still its own: the rest was cancelled or taken away.
WITH beat AS (
    UPDATE pgprocess_worker SET last_seen = now(), state = %(state)s WHERE id = %(worker)s
)
SELECT id, claim_token FROM pgprocess_jobtask WHERE status = 'running' AND worker_id = %(worker)s
