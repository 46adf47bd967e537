"""The admin: define processes, run them on demand, see what ran and what becomes of it, one model a file."""

from pgprocess.admin.job import JobAdmin
from pgprocess.admin.jobtask import JobTaskAdmin
from pgprocess.admin.process import ProcessAdmin
from pgprocess.admin.task import TaskAdmin
from pgprocess.admin.worker import WorkerAdmin

__all__ = ["JobAdmin", "JobTaskAdmin", "ProcessAdmin", "TaskAdmin", "WorkerAdmin"]
