"""What a call is about: the ARNs that one of its actions is limited to.

An ARN in the call is taken as it is, but for what AWS chose in it. Else the forms of the Service Authorization
Reference are filled with what the call names; what it does not name is `*` in its place only.
"""

from __future__ import annotations

import functools
import itertools
import re
from collections.abc import Iterable, Iterator, Mapping

from stackproof.sandbox.api.calls import Call
from stackproof.sandbox.deployer.actions import http_of, prefix_of
from stackproof.sandbox.deployer.catalog import ResourceType, all_forms, is_tagging, resource_types
from stackproof.sandbox.deployer.home import Home
from stackproof.sandbox.deployer.names import Names
from stackproof.sandbox.deployer.needs import ANYTHING
from stackproof.sandbox.deployer.parameters import Parameter, flat, stem
from stackproof.sandbox.deployer.rules import rules

PARTITION, REGION, ACCOUNT = "${Partition}", "${Region}", "${Account}"
_VARIABLE = re.compile(r"\$\{(\w+)\}")
_EC2_ID = re.compile(r"([a-z]+(?:-[a-z]+)*)-[0-9a-f]{8,17}")
_COLONS = 4
"""An ARN has more of them."""
_MANY = 25
"""More names than this of one kind in one call become `*`: they are a batch, such as the objects of a bucket."""


class Resources:
    """The resources of a run's calls. Partition, region and account stay open as `${Partition}` and so on."""

    def __init__(self, calls: Iterable[Call], names: Names, home: Home) -> None:
        self._names = names
        self._home = home
        self._arns = frozenset(value for call in calls for value in _values(call) if value.startswith("arn:"))

    def of(self, action: str, call: Call) -> tuple[tuple[str, str], ...]:
        """Each type of resource that an action of a call is about, with the pattern of its ARN.

        `("", "*")` alone where the action knows no resources, or the call does not tell which.
        """
        if call.service in rules("verbs")["services"]:
            path = re.sub(r"\{[^}]*\}", "*", http_of(call.service, call.action)[1]).removeprefix("/v2")
            return (("path", f"arn:{PARTITION}:apigateway:{REGION}::{path}"),)
        types = resource_types(action)
        if not types:
            return (("", ANYTHING),)
        given = self._own(action, types, call)
        others = [kind for kind in types if kind.name not in given and not _has_sibling(kind, given)]
        named = {kind: found for kind in others if (found := self._named_ones(action, kind, call))}
        # an object named by bucket and key is none of an access point that nobody named
        is_clear = any(_is_whole(arn) for found in (*given.values(), *named.values()) for arn in found)
        given |= {
            kind.name: found for kind, found in named.items() if kind.is_required or not is_clear or _all_whole(found)
        }
        for kind in types:
            is_asked_for = kind.is_required and not (given and is_tagging(action))
            if is_asked_for and kind.name not in given and not _has_sibling(kind, given):
                given[kind.name] = {self._forms(call, kind, action)[0]}
        if not given:
            return (("", _everything(action, types)),)
        return tuple(
            (name, f"{arn}{suffix}")
            for name, arns in given.items()
            for arn in sorted({_blank(arn) for arn in arns})
            for suffix in _suffixes(action, name, arn)
        )

    def name(self, value: str) -> str:
        """A name as a policy has it."""
        return self._names.pattern(value)

    def arn(self, value: str) -> str:
        """An ARN as a policy has it; "" where it is of no form that its service has."""
        prefix = value.split(":")[2] if value.count(":") > _COLONS else ""
        form = _best(value, all_forms(prefix))
        return self._pattern(value, form, prefix) if form else ""

    def made(self, call: Call) -> tuple[tuple[str, str], ...]:
        """What a call made, by the ARNs in its answer."""
        prefix = prefix_of(call.service)
        asked = {each.value for each in flat(call.parameters)}
        return tuple(
            (arn.split(":", 5)[5].split("/")[0], self._pattern(arn, form, prefix))
            for arn in call.answer.values()
            if arn.startswith("arn:") and arn not in asked and (form := _best(arn, all_forms(prefix)))
        )

    def _own(self, action: str, types: tuple[ResourceType, ...], call: Call) -> dict[str, set[str]]:
        """What a call names by its whole ARN, by type."""
        prefix = action.partition(":")[0]
        kinds = {form: kind.name for kind in reversed(types) for form in kind.forms}
        found: dict[str, set[str]] = {}
        for arn in _own_arns(call):
            form = _best(arn, kinds)
            if form is not None:
                found.setdefault(kinds[form], set()).add(self._pattern(arn, form, prefix))
        return found

    def _named_ones(self, action: str, kind: ResourceType, call: Call) -> set[str]:
        """The resources of one type that a call names by name or id."""
        prefix = action.partition(":")[0]
        if prefix == "ec2":
            return {kind.forms[0]} if kind.name in _kinds_of_ids(call) else set()
        return {arn for form in self._forms(call, kind, action) for arn in self._filled(form, prefix, call)}

    def _pattern(self, arn: str, form: str, prefix: str) -> str:
        """An ARN in whose place `*` stands for each part that AWS chose."""
        found = _matcher(form, is_strict=True).fullmatch(arn) or _matcher(form, is_strict=False).fullmatch(arn)
        assert found is not None
        values = {name: self._part(name, value, prefix) for name, value in found.groupdict().items()}
        if prefix == "secretsmanager" and "SecretId" in values:
            values["SecretId"] = re.sub(r"-\w{6}$", "", values["SecretId"])
        _, partition, _, region, account = arn.split(":")[:5]
        # what lies elsewhere stays where it is, such as a policy of AWS's own or a role in another account
        elsewhere = {"Partition": partition} if partition != self._home.partition else {}
        elsewhere |= {"Region": region} if region not in ("", self._home.region) else {}
        elsewhere |= {"Account": account} if account not in ("", self._home.account) else {}
        return _fill(form, values | elsewhere)

    def _part(self, name: str, value: str, prefix: str) -> str:
        if f"{prefix}:{name}" in rules("chosen")["variables"]:
            return "*"
        if name == "TaskDefinitionRevisionNumber":
            return "*"
        return "/".join(self._names.pattern(part) for part in value.split("/"))

    def _filled(self, form: str, prefix: str, call: Call) -> Iterator[str]:
        """A form with what a call names in it; nothing where it names none of it."""
        variables = _variables(form)
        options = [self._named(name, form, prefix, call, is_last=name == variables[-1]) for name in variables]
        if not any(value != "*" for values in options for value in values):
            return
        if any(
            rules("left_out").get(f"{prefix}:{name}") in values for name, values in zip(variables, options, strict=True)
        ):
            return
        for values in itertools.product(*options):
            yield _fill(form, dict(zip(variables, values, strict=True)))

    def _named(self, variable: str, form: str, prefix: str, call: Call, *, is_last: bool) -> list[str]:
        """What a call gives for a variable of a form."""
        full = f"{prefix}:{variable}"
        if full in rules("chosen")["variables"]:
            return ["*"]
        parameters = flat(call.parameters)
        paths = rules("names").get(full)
        if paths is not None:
            found = [each for each in parameters if each.path in paths]
        else:
            found = [each for each in parameters if each.is_outer and stem(each.name) == stem(variable)]
            found = found or [each for each in parameters if stem(each.path) == stem(variable)]
        if not found and is_last:
            found = [each for each in parameters if each.is_outer and each.name.lower() in ("name", "names")]
        values = {self._value(variable, form, prefix, each) for each in found if each.value} - {""}
        return sorted(values) if 0 < len(values) <= _MANY else ["*"]

    def _value(self, variable: str, form: str, prefix: str, parameter: Parameter) -> str:
        value = parameter.value
        if value.startswith("arn:"):
            inner = _inside(value, variable, prefix)
            return self._part(variable, inner, prefix) if inner else "*"
        if value.startswith(("http://", "https://")):
            value = value.rstrip("/").rpartition("/")[2]
        literal = re.split(r"[:}]", form.partition(f"${{{variable}}}")[0])[-1]
        value = value.removeprefix(literal) if literal else value
        if variable.endswith("WithoutLeadingSlash"):
            value = value.lstrip("/")
        if variable.endswith("WithPath"):
            value = self._with_path(literal, value)
        return self._part(variable, value, prefix)

    def _with_path(self, literal: str, name: str) -> str:
        """A name of IAM with the path that it was made with, where the run tells."""
        for arn in sorted(self._arns):
            kind, _, rest = arn.partition(":iam::")[2].partition(":")[2].partition("/")
            if f"{kind}/" == literal and rest.rpartition("/")[2] == name:
                return rest
        return name

    @staticmethod
    def _forms(call: Call, kind: ResourceType, action: str) -> tuple[str, ...]:
        own = rules("forms").get(f"{call.service}:{kind.name}")
        return (own,) if own and action.partition(":")[0] == prefix_of(call.service) else kind.forms


def _is_whole(arn: str) -> bool:
    return "*" not in arn.replace("${*}", "")


def _all_whole(arns: Iterable[str]) -> bool:
    return all(map(_is_whole, arns))


def _has_sibling(kind: ResourceType, given: Iterable[str]) -> bool:
    """Whether the call names another of the types of which an action needs one, such as one sort of listener."""
    return any(other.split("/")[0] == kind.name.split("/")[0] for other in given)


def _everything(action: str, types: tuple[ResourceType, ...]) -> str:
    """All resources of an action's service, in the account and region where all of its types are in one."""
    prefix = action.partition(":")[0]
    begins = f"arn:{PARTITION}:{prefix}:{REGION}:{ACCOUNT}:"
    return f"{begins}*" if all(form.startswith(begins) for kind in types for form in kind.forms) else ANYTHING


def _suffixes(action: str, kind: str, arn: str) -> tuple[str, ...]:
    prefix = action.partition(":")[0]
    suffixes = tuple(rules("suffixes").get(f"{prefix}:{kind}", ("",)))
    if prefix == "logs" and is_tagging(action):
        return ("",)
    return ("",) if arn.endswith("*") else suffixes


def _kinds_of_ids(call: Call) -> set[str]:
    """The types of EC2's resources that a call names by id, or gives tags to as it makes them."""
    kinds = {found[1] for value in _values(call) if (found := _EC2_ID.fullmatch(value))}
    specified = {each.value for each in flat(call.parameters) if each.path == "TagSpecifications.ResourceType"}
    return {str(rules("ids")[kind]) for kind in kinds if kind in rules("ids")} | specified


def _own_arns(call: Call) -> list[str]:
    """The ARNs that stand for something by themselves, and not within the text of a policy."""
    return [value for value in _values(call) if value.startswith("arn:") and " " not in value]


def _values(call: Call) -> list[str]:
    return [*(each.value for each in flat(call.parameters)), *call.answer.values()]


def _best(arn: str, forms: Iterable[str]) -> str | None:
    """The form that tells most of an ARN; None where it is of none."""
    for is_strict in (True, False):
        fitting = [form for form in forms if _matcher(form, is_strict=is_strict).fullmatch(arn)]
        if fitting:
            return max(fitting, key=lambda form: len(_VARIABLE.sub("", form)))
    return None


def _inside(arn: str, variable: str, prefix: str) -> str:
    """What an ARN says of a variable, by whichever form of its service has it."""
    form = _best(arn, [form for form in all_forms(prefix) if f"${{{variable}}}" in form])
    if form is None:
        return ""
    found = _matcher(form, is_strict=True).fullmatch(arn) or _matcher(form, is_strict=False).fullmatch(arn)
    return found[variable] if found else ""


def _variables(form: str) -> list[str]:
    return [name for name in _VARIABLE.findall(form) if f"${{{name}}}" not in (PARTITION, REGION, ACCOUNT)]


def _blank(form: str) -> str:
    """A form in which all that is not known is `*`."""
    return _fill(form, {})


def _fill(form: str, values: Mapping[str, str]) -> str:
    open_ones = {"Partition", "Region", "Account"} - values.keys()
    return _VARIABLE.sub(lambda found: found[0] if found[1] in open_ones else values.get(found[1], "*"), form)


@functools.cache
def _matcher(form: str, *, is_strict: bool) -> re.Pattern[str]:
    """A pattern for the ARNs of a form; a strict one takes no separator for part of a name."""
    inner, seen = ("[^/:]+" if is_strict else ".+"), set()
    pattern = ""
    for literal, name in re.findall(r"([^$]*)(?:\$\{(\w+)\})?", form):
        pattern += re.escape(literal)
        if name in ("Partition", "Region", "Account"):
            pattern += "[^:]*"
        elif name:
            pattern += f"(?P<{name}>{inner})" if name not in seen else inner
            seen.add(name)
    return re.compile(pattern)
