"""A review: stacks judged by rules, with exceptions and what is known already taken out."""

from __future__ import annotations

import datetime as dt
import difflib
import fnmatch
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from stackproof.errors import PolicyError, PolicyViolation
from stackproof.plan import Stack
from stackproof.policy.about import About
from stackproof.policy.baseline import Baseline
from stackproof.policy.exceptions import Exemption, problems, read_exceptions
from stackproof.policy.facts import Facts
from stackproof.policy.finding import Finding, merged
from stackproof.policy.judging import Judge, judge
from stackproof.policy.kept import Found, KeptFindings, key_of
from stackproof.policy.loading import Index, index, load
from stackproof.policy.skips import skips
from stackproof.settings import Environment, Policy
from stackproof.verdict import Undecided, Verdict

_OPTIONS = "[tool.stackproof.policy.options]"


@dataclass(frozen=True)
class Outcome:
    """What a rule came to in one stack: how many resources it judged, what stands, and what does not count.

    `rules` is that one, or of a set of checkov's own checks those that had something to judge. `excepted` are findings
    with the exception that covers each, `known` are those that a baseline holds.
    """

    rules: tuple[About, ...]
    judged: int = 0
    findings: tuple[Finding, ...] = ()
    excepted: tuple[tuple[Finding, Exemption], ...] = ()
    known: tuple[Finding, ...] = ()

    @property
    def verdict(self) -> Verdict:
        """The worst of what stands."""
        return Verdict.worst([finding.verdict for finding in self.findings]) if self.findings else Verdict.PASS

    def require(self, root: Path | None = None) -> None:
        """Raise PolicyViolation with every finding, places relative to a root folder, where the rule is broken.

        Raises Undecided where nothing is wrong for certain, and something is undecided.
        """
        if self.verdict is Verdict.UNDECIDED:
            first = self.findings[0]
            at = f" at {first.place}" if first.place else ""
            raise Undecided(first.address, first.path, f"{first.rule.id}: {first.message}{at}")
        failed = [finding for finding in self.findings if finding.verdict is Verdict.FAIL]
        if failed:
            raise PolicyViolation("\n".join(finding.shown(root) for finding in failed))


@dataclass
class Review:
    """What all rules came to in all stacks that were judged."""

    outcomes: list[Outcome] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    environments: list[str] = field(default_factory=list)

    @cached_property
    def findings(self) -> list[Finding]:
        """What stands, with one for all environments in which it is the same."""
        return self._merged(finding for outcome in self.outcomes for finding in outcome.findings)

    @cached_property
    def excepted(self) -> list[tuple[Finding, Exemption]]:
        """What exceptions cover."""
        found: dict[str, list[Finding]] = {}
        exemptions: dict[str, Exemption] = {}
        for outcome in self.outcomes:
            for finding, exemption in outcome.excepted:
                found.setdefault(f"{exemption.where} {exemption}", []).append(finding)
                exemptions[f"{exemption.where} {exemption}"] = exemption
        return [(finding, exemptions[key]) for key, findings in found.items() for finding in self._merged(findings)]

    @cached_property
    def known(self) -> list[Finding]:
        """What a baseline holds."""
        return self._merged(finding for outcome in self.outcomes for finding in outcome.known)

    def _merged(self, findings: Iterable[Finding]) -> list[Finding]:
        return merged(findings, self.environments)

    @property
    def judged(self) -> int:
        """How many times a rule judged a resource."""
        return sum(outcome.judged for outcome in self.outcomes)

    @property
    def rules(self) -> list[About]:
        """The rules that were asked."""
        return list({about.id: about for outcome in self.outcomes for about in outcome.rules}.values())

    @property
    def verdict(self) -> Verdict:
        """Fail where anything failed or could not be used, else undecided where anything is, else pass."""
        if self.problems:
            return Verdict.FAIL
        return Verdict.worst([Verdict.PASS, *(finding.verdict for finding in self.findings)])


class Reviewer:
    """Judges stacks by the rules that settings name.

    Raises PolicyError for folders and exceptions that cannot be used. A single rule that cannot be used is a problem,
    and the others are asked.
    """

    def __init__(
        self,
        settings: Policy,
        *,
        baseline: Baseline | None = None,
        environments: Mapping[str, Environment] | None = None,
        kept: KeptFindings | None = None,
    ) -> None:
        """`environments` are the declared ones, by name, where stacks are of such; `kept` is for what was found."""
        self._settings = settings
        self._kept = kept
        self._environments = environments or {}
        self._baseline = baseline
        self._index: Index = index(settings.folders)
        self._exemptions = read_exceptions(settings.exceptions) if settings.exceptions else ()
        self._used: set[Exemption] = set()
        self._used_skips: set[tuple[str, str]] = set()
        self._judges: dict[str, tuple[Judge, ...]] = {}
        self._facts: dict[int, Facts] = {}

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids of all rules, checkov's own after ours."""
        return (*(file.id for file in self._index.files), *self._settings.builtin)

    @property
    def unusable(self) -> tuple[str, ...]:
        """What is wrong with the files of rules."""
        return self._index.problems

    def judge(self, rule: str, stack: Stack) -> Outcome:
        """What a rule comes to in a stack; raises PolicyError where the rule cannot be used."""
        facts = self._facts_of(stack)
        outcome = Outcome(())
        found = self._found(rule, facts)
        for about, judged, findings in found:
            if judged or len(found) == 1:
                outcome = replace(outcome, rules=(*outcome.rules, about), judged=outcome.judged + judged)
            for finding in findings:
                outcome = self._sorted(outcome, finding, facts)
        return outcome

    def review(self, stacks: Mapping[str, Stack], *, only: Collection[str] = (), is_whole: bool = True) -> Review:
        """What all rules come to in stacks, by environment, or only some of them.

        Where the stacks or rules are not the whole of what there is, an exception that covers nothing is no problem.
        Raises PolicyError for a rule that there is not.
        """
        for rule in only:
            if rule not in self.ids:
                close = difflib.get_close_matches(rule, self.ids, n=3)
                hint = f"did you mean {' or '.join(close)}?" if close else f"known are {', '.join(self.ids)}."
                raise PolicyError(f"there is no rule {rule}", remedy=hint)
        made = Review(problems=list(self._index.problems), environments=list(stacks))
        for rule in only or self.ids:
            try:
                made.outcomes += [self.judge(rule, stack) for stack in stacks.values()]
            except PolicyError as error:
                made.problems.append(str(error))
        made.problems += self.problems(stacks.values(), is_whole=is_whole)
        if self._kept is not None:
            self._kept.write()
        return made

    def problems(self, stacks: Iterable[Stack], *, is_whole: bool = True) -> list[str]:
        """What is wrong with exceptions, once every rule was asked about these stacks.

        Where that is not the `whole` of what there is to judge, one that covers nothing is no problem.
        """
        today = dt.datetime.now(dt.UTC).date()
        used = self._used if is_whole else {*self._used, *self._exemptions}
        found = problems(self._exemptions, used, self._knows, today)
        unknown = [rule for rule in self._settings.options if not self._knows(rule)]
        found += [f"there is no rule {rule} to set options of" for rule in unknown]
        for rule, where, reason in dict.fromkeys(self._written(stacks)):
            if not self._knows(rule):
                continue  # for checkov itself, or another tool that reads the same comments
            if not reason:
                found.append(f"{where}: the exception from {rule} gives no reason: write checkov:skip={rule}:why")
            elif is_whole and (rule, where) not in self._used_skips:
                found.append(f"{where}: nothing here breaks {rule}: remove the exception")
        return found

    def _found(self, rule: str, facts: Facts) -> Found:
        """What a rule finds, or what it found when nothing was different."""
        key = key_of(facts.stack, facts.backend)
        kept = self._kept.load(key, rule) if self._kept is not None and key else None
        if kept is not None:
            return kept
        found = []
        for one in self.load(rule):
            judgements = judge(one, facts, self._options(one.about))
            findings = tuple(finding for judgement in judgements for finding in judgement.findings)
            found.append((one.about, len(judgements), findings))
        if self._kept is not None and key and not any(each.is_error for _, _, findings in found for each in findings):
            self._kept.store(key, rule, tuple(found))
        return tuple(found)

    def _sorted(self, outcome: Outcome, finding: Finding, facts: Facts) -> Outcome:
        environment = facts.stack.environment
        if not finding.is_error:
            exemption = self._exemption(finding, facts)
            if exemption is not None:
                return replace(outcome, excepted=(*outcome.excepted, (finding, exemption)))
            if self._baseline is not None and self._baseline.covers(finding, environment):
                return replace(outcome, known=(*outcome.known, finding))
        return replace(outcome, findings=(*outcome.findings, finding))

    def _exemption(self, finding: Finding, facts: Facts) -> Exemption | None:
        for skip in skips(facts.find(finding.address)):
            if skip.rule == finding.rule.id and skip.reason:
                self._used_skips.add((skip.rule, skip.where))
                return skip
        today = dt.datetime.now(dt.UTC).date()
        for exemption in self._exemptions:
            if exemption.covers(finding, facts.stack.environment) and not exemption.is_expired(today):
                self._used.add(exemption)
                return exemption
        return None

    def _facts_of(self, stack: Stack) -> Facts:
        if id(stack) not in self._facts:
            declared = self._environments.get(stack.environment)
            self._facts[id(stack)] = Facts(stack, declared.backend_config if declared else ())
        return self._facts[id(stack)]

    def load(self, rule: str) -> tuple[Judge, ...]:
        """A rule, or the rules of a set, ready to judge; raises PolicyError where one cannot be loaded."""
        if rule not in self._judges:
            file = next((file for file in self._index.files if file.id == rule), None)
            if file is not None:
                self._judges[rule] = (load(file),)
            else:
                from stackproof.policy.builtin import builtin

                self._judges[rule] = builtin(rule, self._settings.excluded)
        return self._judges[rule]

    def _options(self, about: About) -> Mapping[str, Any]:
        """What the settings say of a rule's options; raises PolicyError for one that it has not."""
        given = self._settings.options.get(about.id, {})
        for name, value in given.items():
            default = about.options.get(name)
            if name not in about.options:
                known = ", ".join(about.options) or "none"
                raise PolicyError(f"{about.id} has no option {name}", where=_OPTIONS, remedy=f"its options: {known}.")
            if not isinstance(value, _kinds(default)) or isinstance(value, bool) is not isinstance(default, bool):
                raise PolicyError(
                    f"option {name} of {about.id} is {value!r}", where=_OPTIONS, remedy=f"as in {default!r}."
                )
        return given

    def _knows(self, rule: str) -> bool:
        """Whether there is a rule of an id, perhaps in a set."""
        return any(fnmatch.fnmatchcase(rule, known) for known in self.ids)

    def _written(self, stacks: Iterable[Stack]) -> Iterator[tuple[str, str, str]]:
        """Every exception beside a resource or declaration: rule, place, reason."""
        for stack in stacks:
            for resource in (*stack, *self._facts_of(stack).declarations):
                for skip in skips(resource):
                    yield skip.rule, skip.where, skip.reason


def _kinds(default: object) -> tuple[type, ...]:
    """The types that may stand for an option with this default."""
    if isinstance(default, list | tuple):
        return (list, tuple)
    return (int, float) if isinstance(default, int | float) else (type(default),)
