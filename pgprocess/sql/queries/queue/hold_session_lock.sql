-- This session holds the lock that tells of its worker's life: whoever can take it knows that the session has ended.
-- Not waited for: a session of before that hangs on would keep us from hearing anything.
WITH held AS MATERIALIZED (
    SELECT pg_try_advisory_lock(hashtext('pgprocess_worker'), (%(worker)s %% 2147483647)::int) AS held
)
UPDATE pgprocess_worker SET session = true FROM held WHERE id = %(worker)s AND held RETURNING id
