-- The lanes with ready work that a worker of these queues may take from, best priority first, then by waiting time.
SELECT queue, priority FROM pgprocess_ready_lanes()
 WHERE (%(queues)s::text[] = '{}' OR queue = ANY (%(queues)s::text[])) AND queue <> ALL (%(excluded)s::text[])
 ORDER BY priority DESC, ready_seq
