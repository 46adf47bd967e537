-- A worker begins.
INSERT INTO pgprocess_worker (host, pid, queues, slots) VALUES (%(host)s, %(pid)s, %(queues)s, %(slots)s)
RETURNING id
