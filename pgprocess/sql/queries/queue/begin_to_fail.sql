-- Let a ready task run, without anything that a runner would need, for it to fail: it can't be claimed as others are.
UPDATE pgprocess_jobtask SET status = 'running', worker_id = %(worker)s, claim_token = gen_random_uuid()
 WHERE id = %(id)s AND status = 'ready'
RETURNING claim_token
