"""The cron: every slot of every schedule becomes exactly one job."""
