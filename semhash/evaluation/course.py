"""How far an evaluation is: the whole of it, while its parts tell how far they are."""

from collections.abc import Sequence

from semhash.evaluation.jobs import Job
from semhash.progress import Progress, Stage

__all__ = ["Course"]

_FITTING = 0.6  # the share of a job's time that goes into fitting, roughly


class Course:
    """Passes on what is heard, and tells of stage ``evaluate`` how much of all jobs is done.

    Parameters
    ----------
    jobs : sequence of Job
    progress : Progress
        Hears it all.
    """

    def __init__(self, jobs: Sequence[Job], progress: Progress) -> None:
        self._jobs = jobs
        self._progress = progress
        self._total = sum(job.weight for job in jobs)
        self._done = 0.0
        self._at = 0
        self._measured = 0

    def begin(self, number: int) -> None:
        """Hear that a job begins, the first of which is 0; all before it are done."""
        self._at, self._measured = number, 0
        self._done = sum(job.weight for job in self._jobs[:number])
        self._tell(0.0)

    def measured(self) -> None:
        """Hear that one more method of the job is measured."""
        self._measured += 1
        self._tell(self._share(0.0))

    def end(self) -> None:
        """Hear that all jobs are done."""
        self._progress("evaluate", self._total, self._total, f"{len(self._jobs)} of {len(self._jobs)}")

    def __call__(self, stage: Stage, done: float, total: float, detail: str = "") -> None:
        """Hear of a part."""
        self._progress(stage, done, total, detail)
        if stage == "train":
            self._tell(_FITTING * done / max(total, 1))
        elif stage == "measure":
            self._tell(self._share(done / max(total, 1)))

    def _share(self, of_this: float) -> float:
        return _FITTING + (1 - _FITTING) * (self._measured + of_this) / len(self._jobs[self._at].methods)

    def _tell(self, share: float) -> None:
        job = self._jobs[self._at]
        # Below the whole until `end`: a stage that is done is not heard of again.
        done = min(self._done + job.weight * min(share, 1.0), self._total * (1 - 1e-6))
        title = job.methods[0].title
        self._progress("evaluate", done, self._total, f"{self._at + 1} of {len(self._jobs)}: {title}")
