-- What these task versions run. A version never changes, so a worker asks once for each.
SELECT id, kind, code, target, interpreter, arguments, timeout, max_attempts, retry_delay, backoff,
       retry_jitter, max_retry_delay
  FROM pgprocess_taskversion
 WHERE id = ANY (%(ids)s)
