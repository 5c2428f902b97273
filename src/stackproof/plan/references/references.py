"""Static references: which attributes feed a value by what the configuration says, without evaluating it all.

A plan's `configuration` lists the references of every argument; how an expression is made of them, and what locals are,
only the HCL tells. Where it is not at hand, the answers are supersets, or say that something is missing.
https://developer.hashicorp.com/terraform/internals/json-format#configuration-representation
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from stackproof.plan.paths import Step, format_path
from stackproof.plan.provenance import Link, Way
from stackproof.plan.references.blocks import trace_body
from stackproof.plan.references.evaluation import Evaluation, walk
from stackproof.plan.references.expressions import Wild
from stackproof.plan.references.found import ONE_REFERENCE, Found
from stackproof.plan.references.functions import holds_unknown
from stackproof.plan.references.instances import Instances
from stackproof.plan.references.matching import Matching
from stackproof.plan.references.modules import Module
from stackproof.plan.references.scopes import Scopes
from stackproof.plan.references.tracing import Tracer
from stackproof.plan.source import Sources
from stackproof.plan.wiring import Feed, Wiring

OUTPUT = "output."


class References:
    """Answers for one plan document; with `sources`, references are followed through locals and dynamic blocks, too.

    An address is that of a resource instance or data source, or `output.NAME` for an output of the root module.
    """

    def __init__(self, document: Mapping[str, Any], sources: Sources | None) -> None:
        self._document = document
        self._sources = sources

    def of(self, document: Mapping[str, Any]) -> References:
        """The same references for a document with other values."""
        return References(document, self._sources)

    def wiring(self, address: str, steps: tuple[Step, ...]) -> Wiring:
        """Which attributes of which instances feed the value at the steps.

        Exact are an argument that refers to one attribute only, and whatever the HCL or planned values settle.
        """
        found = self._settled(address, steps)
        feeds = found.feeds
        if found.missing:
            return Wiring(feeds, exact=False, reason=found.missing[0], complete=False)
        doubts = found.doubts
        if holds_unknown(self._planned(address, steps)):
            doubts = tuple(doubt for doubt in doubts if doubt != ONE_REFERENCE)
        # what is unknown is fed by something: where there is one attribute only, it is that
        if not doubts or not feeds or (len(feeds) == 1 and self._is_unknown(address, steps)):
            return Wiring(feeds)
        return Wiring(feeds, exact=False, reason=doubts[0])

    def chain(self, address: str, steps: tuple[Step, ...]) -> tuple[Way, ...]:
        """The ways that the value at the steps can have come: each from the argument to what makes it.

        A way ends in a resource or data source, in a root variable, or in the place where a literal is written.
        """
        found = self._settled(address, steps)
        argument = self._argument(address, steps)
        ends = sorted(found.ways.items(), key=lambda item: not isinstance(item[0], Feed))
        return tuple(
            (argument, *way, self._end(end)) if isinstance(end, Feed) else (argument, *way) for end, way in ends
        )

    def arguments(self, address: str) -> tuple[str, ...]:
        """The names of the arguments and nested blocks that the configuration sets, null or not."""
        declared = self._scopes.resource(address)
        if declared is None:
            return ()
        body = declared[0].body
        return tuple(dict.fromkeys([*body.arguments(), *body.block_names()]))

    def _settled(self, address: str, steps: tuple[Step, ...]) -> Found:
        found = self._found(self._tracer, address, steps)
        value = self._planned(address, steps)
        if not (found.doubts or found.missing) or holds_unknown(value):
            return found
        # by its value an instance can be told from all others, which is better than guessing
        thorough = self._found(self._thorough_tracer, address, steps)
        return found if thorough.missing else self._matching.narrowed(thorough, value)

    def _is_unknown(self, address: str, steps: tuple[Step, ...]) -> bool:
        if address.startswith(OUTPUT):
            return self._instances.is_output_unknown(address.removeprefix(OUTPUT), steps)
        return self._instances.is_unknown(address, steps)

    def _found(self, tracer: Tracer, address: str, steps: tuple[Step, ...]) -> Found:
        if address.startswith(OUTPUT):
            output = self._root.output(address.removeprefix(OUTPUT))
            scope = self._scopes.module("")
            if output is not None and scope is not None:
                wanted = tuple(step if isinstance(step, str) else Wild.SOME for step in steps)
                return tracer.trace(output.expression, wanted, scope)
        declared = self._scopes.resource(address)
        if declared is None:
            return Found(missing=(f"{address} is not declared in the plan's configuration",))
        declaration, scope = declared
        return trace_body(tracer, declaration.body, steps, scope, self._instances.values(address))

    def _planned(self, address: str, steps: tuple[Step, ...]) -> Any:  # noqa: ANN401
        if address.startswith(OUTPUT):
            return walk(self._instances.output(address.removeprefix(OUTPUT)), steps)
        return walk(self._instances.values(address), steps)

    def _argument(self, address: str, steps: tuple[Step, ...]) -> Link:
        if address.startswith(OUTPUT):
            output = self._root.output(address.removeprefix(OUTPUT))
            return output.link if output else Link("output", address)
        declared = self._scopes.resource(address)
        place = declared[0].place_of(steps, self._instances.values(address)) if declared else None
        return Link("argument", f"{address}.{format_path(steps)}".rstrip("."), place)

    def _end(self, feed: Feed) -> Link:
        identity = self._instances.identity(feed.address)
        declared = self._scopes.resource(feed.address)
        kind = "data source" if identity and identity[1] == "data" else "resource"
        return Link(kind, str(feed), declared[0].place_of((), None) if declared else None)

    @cached_property
    def _instances(self) -> Instances:
        return Instances(self._document)

    @cached_property
    def _root(self) -> Module:
        return Module(self._document.get("configuration", {}).get("root_module", {}), (), self._sources)

    @cached_property
    def _scopes(self) -> Scopes:
        return Scopes(self._root, self._instances)

    @cached_property
    def _evaluation(self) -> Evaluation:
        return Evaluation(self._scopes, self._instances)

    @cached_property
    def _matching(self) -> Matching:
        return Matching(self._instances)

    @cached_property
    def _tracer(self) -> Tracer:
        return Tracer(self._scopes, self._evaluation, self._instances, guess=True)

    @cached_property
    def _thorough_tracer(self) -> Tracer:
        return Tracer(self._scopes, self._evaluation, self._instances, guess=False)
