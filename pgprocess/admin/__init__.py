"""The admin: define processes, run them on demand, see and cancel their jobs."""

from pgprocess.admin.job import JobAdmin, JobTaskAdmin
from pgprocess.admin.process import ProcessAdmin, TaskAdmin
from pgprocess.admin.worker import WorkerAdmin

__all__ = ["JobAdmin", "JobTaskAdmin", "ProcessAdmin", "TaskAdmin", "WorkerAdmin"]
