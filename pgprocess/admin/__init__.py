"""The admin: define processes, run them on demand, see what ran. One room a model, as the templates are sorted."""

from pgprocess.admin.job.admin import JobAdmin
from pgprocess.admin.jobtask.admin import JobTaskAdmin
from pgprocess.admin.process.admin import ProcessAdmin
from pgprocess.admin.task.admin import TaskAdmin
from pgprocess.admin.worker.admin import WorkerAdmin

__all__ = ["JobAdmin", "JobTaskAdmin", "ProcessAdmin", "TaskAdmin", "WorkerAdmin"]
