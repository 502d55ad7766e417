"""What runs are called side by side."""

from __future__ import annotations

from collections.abc import Sequence

from maemae.research.report.model import RunReport


def told_apart(report: RunReport, reports: Sequence[RunReport]) -> str:
    """Return the strategy of a run, and its parameters where another run's differ."""
    alike = [other for other in reports if other.strategy == report.strategy]
    differing = [
        f"{name}={value}"
        for name, value in report.parameters.items()
        if any(other.parameters.get(name) != value for other in alike)
    ]
    return " ".join([report.strategy, *differing])


def names_of(reports: Sequence[RunReport]) -> list[str]:
    """Return a name for each run; the dataset is added where it is not the same for all."""
    datasets = [report.title.partition(" · ")[2] for report in reports]
    names = [told_apart(report, reports) for report in reports]
    if len(set(datasets)) < 2:
        return names
    return [f"{name} {dataset}" for name, dataset in zip(names, datasets, strict=True)]
