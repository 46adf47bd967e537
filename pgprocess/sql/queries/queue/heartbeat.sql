-- Record that a worker lives. Returns which claims are still its own (the others were cancelled or taken away); how
-- many workers serve the same queues, this one included; and whether another worker is silent, so that a rescue is
-- worth a look. A row that somebody deleted is made again.
WITH beat AS (
    INSERT INTO pgprocess_worker (id, host, pid, queues, excluded_queues, slots, lease, state)
    VALUES (%(id)s, %(host)s, %(pid)s, %(queues)s, %(excluded_queues)s, %(slots)s, %(lease)s, %(state)s)
        ON CONFLICT (id) DO UPDATE SET last_seen = now(), state = excluded.state,
                stuck_since = now() - make_interval(secs => %(stuck)s::float8)
), owned AS (
    SELECT id, claim_token FROM pgprocess_jobtask WHERE status = 'running' AND worker_id = %(id)s
)
SELECT ARRAY(SELECT id FROM owned ORDER BY id) AS ids,
       ARRAY(SELECT claim_token FROM owned ORDER BY id) AS tokens,
       (SELECT count(*) FROM pgprocess_worker
         WHERE state = 'running' AND queues = %(queues)s AND excluded_queues = %(excluded_queues)s) AS workers,
       EXISTS (SELECT FROM pgprocess_worker
                WHERE state IN ('running', 'stopping') AND id <> %(id)s
                  AND last_seen NOT BETWEEN now() - make_interval(secs => %(suspicious)s)
                                        AND now() + make_interval(secs => %(suspicious)s)) AS others_silent
