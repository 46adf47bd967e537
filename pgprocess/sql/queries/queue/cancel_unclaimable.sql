-- Cancel a ready task that may not even run.
UPDATE pgprocess_jobtask SET status = 'cancelled', reason = %(reason)s WHERE id = %(id)s AND status = 'ready'
