"""Containers: ECS services on Fargate, clusters, target tracking, registries.

https://aws.amazon.com/fargate/pricing/, https://aws.amazon.com/ecr/pricing/
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction

from stackproof.analysis.cost.bill import Bill, Missing
from stackproof.analysis.cost.ranges import ONE, Range
from stackproof.analysis.cost.services.pricer import Pricer
from stackproof.plan import Resource
from stackproof.plan.values import Value, Withheld

SERVICE, TASK_DEFINITION, CLUSTER = "aws_ecs_service", "aws_ecs_task_definition", "aws_ecs_cluster"
TARGET = "aws_appautoscaling_target"
FREE_STORAGE_GIB = 20
_SIZE = re.compile(r"\s*([0-9]*\.?[0-9]+)\s*(vcpu|gb)?\s*", re.IGNORECASE)
_UNITS_OF_ONE = Decimal(1024)
SPOT = "FARGATE_SPOT"


def _service(bill: Bill) -> None:
    shares = _shares(bill)
    fargate = sum((share for provider, share in shares.items() if provider.startswith("FARGATE")), Fraction(0))
    if not fargate:
        return
    definition = _definition(bill)
    if definition is None:
        bill.gap(Missing.UNDECIDED, "task_definition: it is none of this stack, or not known which")
        return
    tasks, basis = task_count(bill)
    size = _size(bill, definition)
    platform = _platform(bill, definition)
    if size is None or platform is None:
        return
    cpu, memory = size
    for provider, share in shares.items():
        if not provider.startswith("FARGATE"):
            continue
        kind = f"{platform}.spot" if provider == SPOT else platform
        words = "Fargate Spot" if provider == SPOT else "Fargate"
        part = tasks * Decimal(share.numerator) * (Decimal(1) / share.denominator)
        said = basis if share == 1 else f"{basis}; {share} of them on {provider}"
        bill.hourly(f"{words} vCPU", f"fargate.{kind}.vcpu", part * cpu, basis=f"{said}, {cpu.normalize():f} vCPU each")
        bill.hourly(
            f"{words} memory", f"fargate.{kind}.gb", part * memory, basis=f"{said}, {memory.normalize():f} GB each"
        )
    storage = definition.get("ephemeral_storage[0].size_in_gib", FREE_STORAGE_GIB)
    if storage > FREE_STORAGE_GIB:
        extra = Decimal(storage - FREE_STORAGE_GIB)
        bill.hourly("ephemeral storage", "fargate.storage.gb", tasks * extra, basis=f"{basis}, {extra} GB above 20")
    if bill.flag("network_configuration[0].assign_public_ip"):
        bill.hourly("public IPv4 addresses", "ipv4.hour", tasks, basis=basis)


def task_count(bill: Bill) -> tuple[Range, str]:
    """How many tasks a service runs, and what says so: autoscaling, where there is any, else the desired count."""
    for target in bill.stack.resources(TARGET):
        if _scales(target, bill.resource):
            scaled = Bill(target, bill.stack, bill.region, bill.prices, bill.usage)
            low, high = scaled.number("min_capacity"), scaled.number("max_capacity")
            bill.gaps += scaled.gaps
            return Range(low.low, high.high), f"{_words(Range(low.low, high.high))} by autoscaling"
    count = bill.number("desired_count")
    return count, _words(count)


def _words(count: Range) -> str:
    if count.high is None:
        return f"{count.low:f} tasks or more"
    return f"{count.low:f} task{'s' * (count.low != 1)}" if count.is_exact else f"{count.low:f} to {count.high:f} tasks"


def _scales(target: Resource, service: Resource) -> bool:
    if target.get("service_namespace") != "ecs":
        return False
    if service.address in target.wired("resource_id").addresses:
        return True
    named = target.get("resource_id")
    name = service.get("name")
    return isinstance(named, str) and isinstance(name, str) and str.__str__(named).endswith(f"/{name}")


def _shares(bill: Bill) -> Mapping[str, Fraction]:
    """Which share of the tasks runs on which capacity provider.

    The base of a strategy is left out: it shifts tasks between providers, and only the weights hold for all counts.
    https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CapacityProviderStrategyItem.html
    """
    launch_type = bill.value("launch_type")
    strategy = bill.items("capacity_provider_strategy")
    if isinstance(launch_type, Withheld):
        # the provider computes it where a strategy stands in its place
        launch_type = None
    if launch_type is None and not strategy:
        strategy = _default_strategy(bill)
    if launch_type is None and strategy:
        weights = {str(item["capacity_provider"]): Fraction(int(item.get("weight") or 0)) for item in strategy}
        total = sum(weights.values()) or Fraction(1)
        shares = {name: weight / total for name, weight in weights.items() if weight}
        return shares or {next(iter(weights)): Fraction(1)}
    return {str(launch_type or "EC2"): Fraction(1)}


def _default_strategy(bill: Bill) -> list[Value]:
    cluster = bill.resource.wired("cluster").addresses
    for providers in bill.stack.resources("aws_ecs_cluster_capacity_providers"):
        if set(providers.wired("cluster_name").addresses) & set(cluster):
            return list(providers.get("default_capacity_provider_strategy") or [])
    return []


def _definition(bill: Bill) -> Resource | None:
    wired = [a for a in bill.resource.wired("task_definition").addresses if a in bill.stack]
    definitions = [bill.stack[a] for a in wired if bill.stack[a].type == TASK_DEFINITION]
    if len(definitions) == 1:
        return definitions[0]
    named = bill.resource.get("task_definition")
    if type(named) is str:
        family = named.rsplit("/", 1)[-1].split(":")[0]
        alike = [one for one in bill.stack.resources(TASK_DEFINITION) if one.get("family") == family]
    else:
        # where a local joins family and revision, and the HCL is not at hand, its module still has only one
        alike = [one for one in bill.stack.resources(TASK_DEFINITION) if one.module == bill.resource.module]
    return alike[0] if len(alike) == 1 else None


def _size(bill: Bill, definition: Resource) -> tuple[Decimal, Decimal] | None:
    """How many vCPUs and GB a task has; given in units of 1/1024, or in words such as `.5 vCPU`."""
    sizes = []
    for path in ("cpu", "memory"):
        value = definition.get(path)
        match = None if value is None or isinstance(value, Withheld) else _SIZE.fullmatch(str(value))
        if match is None:
            bill.gap(Missing.UNDECIDED, f"{definition.address}: {path} is {value!r}")
            return None
        number = Decimal(match[1])
        sizes.append(number if match[2] else number / _UNITS_OF_ONE)
    return sizes[0], sizes[1]


def _platform(bill: Bill, definition: Resource) -> str | None:
    system = definition.get("runtime_platform[0].operating_system_family", "LINUX")
    processor = definition.get("runtime_platform[0].cpu_architecture", "X86_64")
    if isinstance(system, Withheld) or isinstance(processor, Withheld):
        bill.gap(Missing.UNDECIDED, f"{definition.address}: runtime_platform")
        return None
    if system != "LINUX":
        bill.gap(Missing.UNPRICED, f"Fargate on {system}")
        return None
    return "arm" if processor == "ARM64" else "x86"


def _cluster(bill: Bill) -> None:
    for setting in bill.resource.get("setting") or []:
        if setting["name"] == "containerInsights" and setting["value"] in ("enabled", "enhanced"):
            bill.used("Container Insights metrics", "metric", "insights_metrics")
            bill.used("Container Insights logs", "logs.ingest.gb", "insights_gb_logged")


def _policy(bill: Bill) -> None:
    """Target tracking keeps alarms of its own, and they are charged as others are.

    https://docs.aws.amazon.com/autoscaling/application/userguide/target-tracking-scaling-policy-overview.html
    """
    if bill.text("policy_type", "StepScaling") != "TargetTrackingScaling":
        return
    alarms = 4 if bill.text("service_namespace") == "dynamodb" else 2
    bill.monthly("alarms of target tracking", "alarm", ONE * alarms, basis=f"{alarms} alarms that the policy makes")


def _repository(bill: Bill) -> None:
    bill.used("images", "ecr.gb", "gb_stored")


PRICERS: Mapping[str, Pricer] = {
    SERVICE: Pricer("ECS on Fargate", _service),
    CLUSTER: Pricer(
        "CloudWatch",
        _cluster,
        {
            "insights_metrics": "custom metrics that Container Insights keeps",
            "insights_gb_logged": "GB of performance events that it logs",
        },
    ),
    "aws_appautoscaling_policy": Pricer("CloudWatch", _policy),
    "aws_ecr_repository": Pricer("ECR", _repository, {"gb_stored": "GB of images"}),
}
