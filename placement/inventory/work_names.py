"""What may be wrong with the names in what a workload does, and with what its model and its load leave open."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from placement.catalog.tables import Catalog
from placement.documents import THE_KEY, Finding, KeyPath
from placement.inventory.curves import REQUESTS, Curve
from placement.inventory.demand import Demand
from placement.inventory.inventory import Head
from placement.inventory.known import known
from placement.inventory.own_model import SHAPE
from placement.inventory.rate import Rate
from placement.inventory.recipe import RATES
from placement.inventory.work import Batch, Serving, Training, Video

LLM = "llm"
SPEECH = "speech"
_LENGTHS = ("input_tokens", "output_tokens")
_OF_REQUESTS = (*_LENGTHS, "ttft_ms", "tpot_ms")
"""What is said of language models alone."""
_OF_TOKENS = (*_OF_REQUESTS, "tokens_per_second", "tokens_per_month")
"""What is said of models that make tokens; speech is measured in tokens of its text, too."""
_IN_ITEMS = {"requests_per_second": "tokens_per_second", "items_per_month": "tokens_per_month"}
"""What is counted in items, and the same in tokens."""


class WorkNames:
    """What the catalog and the inventory's head know of models, loads and accelerators."""

    def __init__(
        self, head: Head, catalog: Catalog, accelerators: Collection[str], curves: Mapping[str, Curve]
    ) -> None:
        self._own = head.models
        self._loads = head.loads
        self._classes = catalog.ratios
        self._curves = curves
        self._accelerators = accelerators
        self._accelerator_aliases = catalog.aliases
        self._models: Mapping[str, Any] = catalog.models
        self._measured_rows = catalog.measured.of
        self._aliases: Mapping[str, str] = catalog.model_aliases
        self._known = {*self._own, *self._models, *self._aliases}
        self._has_dense = any(one.kind == LLM and not one.experts for one in self._models.values())

    def models(self) -> Iterator[Finding]:
        """What is wrong in the inventory's own models."""
        for name, model in self._own.items():
            if model.like is not None:
                yield from known("unknown-model", model.like, {*self._models, *self._aliases}, ("models", name, "like"))
            if not model.is_shaped and not self._has_dense:
                keys = ", ".join(f"`{key}`" for key in SHAPE)
                message = f"the catalog knows no language model without experts whose layers could stand for `{name}`'s"
                yield Finding("model-shape", message, ("models", name), f"give {keys}")
            if model.throughput_class is not None:
                where: KeyPath = ("models", name, "throughput_class")
                yield from known("unknown-throughput-class", model.throughput_class, self._classes, where)

    def workload(self, demand: Demand, path: KeyPath) -> Iterator[Finding]:
        """What is wrong with the work at *path*."""
        work = demand.work
        if work is None:
            return
        path = (*path, demand.form)
        yield from known("unknown-model", work.model, self._known, (*path, "model"))
        yield from self._measured(work, path)
        if isinstance(work, Training):
            if work.tokens is not None and self.kind_of(work.model) not in (LLM, None):
                message = f"`{work.model}` is no language model: what training it by `tokens` takes is not known"
                hint = "give `accelerator_hours` and their `reference`"
                yield Finding("model-unfit", message, (*path, "tokens", THE_KEY), hint)
            if work.reference is not None:
                yield from known("unknown-accelerator", work.reference, self._accelerators, (*path, "reference"))
            return
        load, at = load_of(work)
        if load is not None:
            yield from known("unknown-load", load, self._loads, (*path, *at))
        kind = self.kind_of(work.model)
        if isinstance(work, Video):
            if kind == LLM:
                message = f"`{work.model}` is a language model: it looks at no frames"
                yield Finding("model-unfit", message, (*path, "model"), "name a model of kind `vision` or `image`")
        elif kind is not None:
            yield from self._lengths(work, kind, load, path)
        if isinstance(work, Serving):
            yield from self._concurrent(work, path)

    def _measured(self, work: Serving | Video | Batch | Training, path: KeyPath) -> Iterator[Finding]:
        """What was measured must be of accelerators that are known, say one thing, and be of replicas as asked for."""
        told: set[tuple[str, int]] = set()
        asked = getattr(work, "accelerators_per_replica", None)
        for index, one in enumerate(work.throughput):
            where = (*path, "throughput", index)
            yield from known("unknown-accelerator", one.accelerator, self._accelerators, (*where, "accelerator"))
            name = self._accelerator_aliases.get(one.accelerator, one.accelerator)
            # A training job may be of any size, so that one figure per accelerator is all there may be.
            key = (name, 0 if isinstance(work, Training) else one.accelerators)
            if key in told:
                many = f" of {one.accelerators:,}" if key[1] else ""
                yield Finding("repeated-throughput", f"a second `throughput`{many} × {name}", where, "keep one of them")
            told.add(key)
            if asked is not None and one.accelerators != asked:
                message = f"a replica of {one.accelerators:,}, where `accelerators_per_replica` asks for {asked:,}"
                yield Finding("throughput-unfit", message, (*where, "accelerators"), "state what so many do together")

    def kind_of(self, name: str) -> str | None:
        """What kind a model is; None for one that nobody knows."""
        own = self._own.get(name)
        like = name if own is None else own.like
        if own is not None and (own.kind is not None or like is None):
            return own.kind or LLM
        known_as = self._models.get(self._aliases.get(like or "", like or ""))
        return None if known_as is None else str(known_as.kind)

    def _lengths(self, work: Serving | Batch, kind: str, load: str | None, path: KeyPath) -> Iterator[Finding]:
        """Tokens are of language models, and of these it must be known how long requests are."""
        if kind != LLM:
            for key in _OF_REQUESTS if kind == SPEECH else _OF_TOKENS:
                if getattr(work, key, None) is not None:
                    message = f"`{key}` is about language models, and `{work.model}` is none ({kind})"
                    hint = "count its work in requests or items"
                    yield Finding("model-unfit", message, (*path, key, THE_KEY), hint)
            yield from self._counted(work, path)
            return
        missing = [key for key in _LENGTHS if getattr(work, key) is None and not self._traced(load, key)]
        if missing:
            message = f"{' and '.join(f'`{key}`' for key in missing)} of a request to `{work.model}` must be known"
            yield Finding("lengths-needed", message, path, "give the averages, or a `load` whose trace has them")

    def _counted(self, work: Serving | Batch, path: KeyPath) -> Iterator[Finding]:
        """Speech is measured in tokens of its text; nobody knows how many of these a request of somebody has."""
        keys = [key for key in _IN_ITEMS if getattr(work, key, None) is not None]
        units = {row.unit for row in self._measured_rows(self._aliases.get(work.model, work.model))}
        if keys and units == {"tokens"} and work.model not in self._own and not work.throughput:
            message = f"`{work.model}` is measured in tokens of its text, not in requests or items"
            hint = f"give `{_IN_ITEMS[keys[0]]}`, or the `throughput` that you have measured"
            yield Finding("model-unfit", message, (*path, keys[0], THE_KEY), hint)

    def _traced(self, load: str | None, key: str) -> bool:
        """Whether the load's trace says it, or could not be read."""
        if load is None:
            return False
        curve = self._curves.get(load)
        return curve is None or getattr(curve, key) > 0

    def _concurrent(self, work: Serving, path: KeyPath) -> Iterator[Finding]:
        """A trace counts requests as they arrive, not those at work."""
        rate = work.concurrency
        if rate is None or rate.load is None or rate.mean is not None or rate.peak is not None:
            return
        curve = self._curves.get(rate.load)
        if curve is not None and curve.counts == REQUESTS:
            message = f"`{rate.load}` counts requests as they arrive, not those that are worked on at once"
            hint = "give the `peak` or the `mean` of them, too, or `requests_per_second` instead"
            yield Finding("load-unfit", message, (*path, "concurrency", "load"), hint)


def load_of(work: Serving | Video | Batch) -> tuple[str | None, KeyPath]:
    """The load that the work names, and where."""
    if isinstance(work, Video):
        return work.load, ("load",)
    for key in RATES:
        rate: Rate | None = getattr(work, key, None)
        if rate is not None:
            return rate.load, (key, "load")
    return None, ()
