"""What rules about work have in common."""

from placement.engine.problem import Problem


def asks_for_work(problem: Problem) -> bool:
    """Whether any workload says what work it does."""
    return problem.sizing.works is not None
