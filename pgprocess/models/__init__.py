"""The rows: what people define (Process, Task, its edges and versions) and what becomes of it (Job, JobTask, …)."""

from pgprocess.models.alert import Alert, Delivery
from pgprocess.models.attempt import Attempt
from pgprocess.models.backfill import Backfill
from pgprocess.models.job import Job
from pgprocess.models.jobtask import JobTask, JobTaskDependency
from pgprocess.models.log import LogChunk
from pgprocess.models.process import Process
from pgprocess.models.task import Task, TaskDependency, TaskVersion
from pgprocess.models.worker import Worker

__all__ = [
    "Alert",
    "Attempt",
    "Backfill",
    "Delivery",
    "Job",
    "JobTask",
    "JobTaskDependency",
    "LogChunk",
    "Process",
    "Task",
    "TaskDependency",
    "TaskVersion",
    "Worker",
]
