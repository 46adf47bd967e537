-- Let this session hold the lock that stands for its worker's life: whoever can take that lock knows that the session
-- has ended. The lock is not waited for: an earlier session that hangs on would keep the worker from hearing anything.
WITH held AS MATERIALIZED (
    SELECT pg_try_advisory_lock(hashtext('pgprocess_worker'), (%(worker)s %% 2147483647)::int) AS held
)
UPDATE pgprocess_worker SET session = true FROM held WHERE id = %(worker)s AND held RETURNING id
