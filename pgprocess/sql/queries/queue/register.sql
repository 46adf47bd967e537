-- A worker begins: its row, which everybody sees.
INSERT INTO pgprocess_worker (host, pid, queues, excluded_queues, slots, lease)
VALUES (%(host)s, %(pid)s, %(queues)s, %(excluded_queues)s, %(slots)s, %(lease)s)
RETURNING id
