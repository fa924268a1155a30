"""Tasks that make their own data, and networks small enough to be read completely that have learned them."""

from models.learning.tasks.answering import Answering
from models.learning.tasks.copying import Adding, Copying
from models.learning.tasks.counting import Brackets, Counting
from models.learning.tasks.france import France
from models.learning.tasks.task import Example, Task, TaskError
from models.learning.tasks.text import LineLength, Quotation

__all__ = ["TASKS", "Example", "Task", "TaskError"]

TASKS: dict[str, Task] = {
    task.key: task
    for task in (France(), Counting(), Brackets(), Copying(), Adding(), Quotation(), LineLength(), Answering())
}  # fmt: skip
