-- A worker begins.
INSERT INTO pgprocess_worker (host, pid, queues, excluded_queues, slots)
VALUES (%(host)s, %(pid)s, %(queues)s, %(excluded_queues)s, %(slots)s)
RETURNING id
