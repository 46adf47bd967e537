-- The first ready task of a lane from a place on that nobody else has locked; it is locked until the transaction ends.
SELECT id, ready_seq FROM pgprocess_jobtask
 WHERE status = 'ready' AND queue = %(queue)s AND priority = %(priority)s AND ready_seq >= %(mark)s
 ORDER BY queue, priority, ready_seq LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED
