"""References in a configuration that Terraform itself planned, in modules and through everything that HCL has."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from stackproof.plan import Plan
from stackproof.plan.paths import parse_path
from stackproof.plan.provenance import describe
from stackproof.plan.references.references import References
from stackproof.plan.source import Sources
from stackproof.plan.wiring import Feed, Traced, Wiring
from stackproof.planner import Planner
from stackproof.settings import Environment, Settings, Stack

ROOT = """\
variable "yes" {
  default = true
}
variable "no" {
  default = false
}
variable "one" {
  default = 1
}
variable "names" {
  type    = set(string)
  default = ["b", "a"]
}
variable "services" {
  type    = map(object({ port = number, role = optional(string, "none") }))
  default = { web = { port = 80 }, api = { port = 81, role = "r" } }
}
variable "literal" {
  default = "written here"
}

resource "terraform_data" "one" {}
resource "terraform_data" "two" {}
resource "terraform_data" "many" {
  count = 3
}
resource "terraform_data" "each" {
  for_each = toset(["a", "b"])
}
resource "terraform_data" "none" {
  count = 0
}

locals {
  simple   = terraform_data.one.id
  indirect = local.simple
  fields   = { one = terraform_data.one.id, two = terraform_data.two.id, deep = [{ id = terraform_data.two.id }] }
  list     = [terraform_data.one.id, terraform_data.two.id]
  by_key   = { for k, v in terraform_data.each : k => v.id }
  swapped  = { for k, v in terraform_data.each : (k == "a" ? "b" : "a") => v.id }
  grouped  = { for i, v in terraform_data.many : i % 2 == 0 ? "even" : "odd" => v.id... }
  services = { for k, v in var.services : k => merge(v, { id = terraform_data.each[k == "web" ? "a" : "b"].id }) }
}
locals {
  second_block = terraform_data.two.id
  third        = terraform_data.two.id
}

module "net" {
  source   = "./net"
  ids      = [for r in terraform_data.many : r.id]
  vpc      = terraform_data.one
  settings = { key = terraform_data.two.id, other = local.fields }
}
module "apps" {
  source   = "./app"
  for_each = local.services
  id       = each.value.id
  subnet   = module.net.subnets[each.key == "web" ? 0 : 1]
}
module "pass" {
  source = "./pass"
  count  = 2
  in     = terraform_data.many[count.index].id
}

resource "terraform_data" "all" {
  input = {
CASES
  }
}
resource "terraform_data" "mapped" {
  for_each = terraform_data.each
  input    = { value = each.value.id, key = terraform_data.each[each.key].id }
}
resource "terraform_data" "named" {
  for_each = var.names
  input    = "${each.value}-${terraform_data.each[each.key].id}"
}
resource "terraform_data" "counted" {
  count = 3
  input = { same = terraform_data.many[count.index].id, next = element(terraform_data.many[*].id, count.index + 1) }
}
resource "terraform_data" "fixed" {
  for_each = toset(["a", "b"])
  input    = terraform_data.each[each.value].id
}
resource "terraform_data" "label" {
  for_each = toset(["a", "b"])
  input    = "label-${each.key}"
}
resource "terraform_data" "keyed" {
  for_each = toset(values(terraform_data.label)[*].input)
  input    = "${each.key}-${terraform_data.one.id}"
}
resource "terraform_data" "listed" {
  for_each = toset([terraform_data.label["b"].input, terraform_data.label["a"].input])
  input    = "${each.value}-${terraform_data.one.id}"
}
module "sets" {
  source = "./sets"
  names  = ["b", "a"]
  labels = [terraform_data.label["b"].input, terraform_data.label["a"].input]
  many   = terraform_data.many
}
resource "terraform_data" "service" {
  for_each = local.services
  input    = [each.value.id, try(each.value.nothing, terraform_data.two.id), each.value.role]
}
output "deep" {
  value = module.apps["api"].deep["leaf"]
}
output "fields" {
  value = local.fields
}
output "known" {
  value = var.literal
}
"""

NET = """\
variable "ids" {}
variable "vpc" {}
variable "settings" {}
resource "terraform_data" "subnet" {
  count = length(var.ids)
  input = { id = var.ids[count.index], vpc = var.vpc.id, key = var.settings.key, other = var.settings.other["two"] }
}
output "first" {
  value = var.ids[0]
}
output "subnets" {
  value = terraform_data.subnet[*].id
}
output "named" {
  value = { a = var.vpc.id, b = terraform_data.subnet[1].id }
}
"""

APP = """\
variable "id" {}
variable "subnet" {}
variable "extra" {
  default = null
}
locals {
  subnet = var.extra != null ? var.extra : var.subnet
}
resource "terraform_data" "app" {
  input = { id = var.id, subnet = local.subnet }
}
module "leaf" {
  source = "../leaf"
  value  = terraform_data.app.id
}
output "out" {
  value = terraform_data.app.id
}
output "deep" {
  value = module.leaf.out
}
"""

LEAF = """\
variable "value" {}
resource "terraform_data" "this" {
  for_each = { leaf = var.value }
  input    = each.value
}
output "out" {
  value = { for k, v in terraform_data.this : k => v.id }
}
"""

SETS = """\
variable "names" {
  type = set(string)
}
variable "labels" {
  type = set(string)
}
variable "many" {}
resource "terraform_data" "label" {
  for_each = var.labels
  input    = "${each.value}-${var.many[0].id}"
}
output "first" {
  value = [for name in var.names : var.many[name == "a" ? 1 : 2].id][0]
}
"""

PASS = 'variable "in" {}\noutput "out" {\n  value = var.in\n}\n'

CASES = {
    # names
    "direct": ("terraform_data.one.id", "one.id"),
    "local": ("local.indirect", "one.id"),
    "second_block": ("local.third", "two.id"),
    "overridden": ("local.second_block", "many[0].id"),
    "field": ("local.fields.two", "two.id"),
    "deep": ("local.fields.deep[0].id", "two.id"),
    "element": ("local.list[1]", "two.id"),
    "object": ("{ a = { id = terraform_data.one.id } }.a.id", "one.id"),
    "attribute": ("terraform_data.one.output", "one.output"),
    "nobody": ("var.literal", ""),
    # texts and conditions
    "template": ('"${terraform_data.one.id}/${terraform_data.two.id}"', "one.id two.id"),
    "heredoc": ("<<-EOT\n%{ for x in local.list ~}\n${x}\n%{ endfor ~}\nEOT\n", "one.id two.id"),
    "directive": ('"%{ if var.no }${terraform_data.one.id}%{ else }${terraform_data.two.id}%{ endif }"', "two.id"),
    "decided": ("var.no ? terraform_data.one.id : terraform_data.two.id", "two.id"),
    "chain": ("var.no ? local.simple : var.yes ? terraform_data.two.id : terraform_data.many[0].id", "two.id"),
    "length": ("length(terraform_data.none) > 0 ? local.simple : terraform_data.two.id", "two.id"),
    "contains": ('contains(keys(var.services), "web") ? local.simple : terraform_data.two.id', "one.id"),
    "null": ("var.yes ? terraform_data.one.id : null", "one.id"),
    "open": ('terraform_data.one.id == "" ? terraform_data.two.id : ""', "~ one.id two.id"),
    # instances
    "splat": ("terraform_data.many[*].id", "many[0].id many[1].id many[2].id"),
    "legacy": ("terraform_data.many.*.id[2]", "many[2].id"),
    "parentheses": ("(terraform_data.many[*].id)[1]", "many[1].id"),
    "index": ("terraform_data.many[var.one].id", "many[1].id"),
    "key": ('terraform_data.each["${var.yes ? "a" : "b"}"].id', 'each["a"].id'),
    # for
    "by_key": ('local.by_key["b"]', 'each["b"].id'),
    "swapped": ('local.swapped["a"]', 'each["b"].id'),
    "filtered": ('[for k, v in terraform_data.each : v.id if k != "a"]', 'each["b"].id'),
    "first_of_set": ("[for name in var.names : terraform_data.each[name].id][0]", 'each["a"].id'),
    "ranged": ("[for i in range(2) : terraform_data.many[i].id][1]", "many[1].id"),
    "of_map": ("[for k, v in { b = terraform_data.one.id, a = terraform_data.two.id } : v][0]", "two.id"),
    "positions": ('[for i, v in [terraform_data.one.id] : "${i}-${terraform_data.two.id}"]', "two.id"),
    "of_keys": ("[for k, v in { (terraform_data.one.id) = 1 } : k][0]", "one.id"),
    "unknown_key": (
        "{ a = terraform_data.one.id, (terraform_data.two.id) = terraform_data.many[0].id }.a",
        "~ one.id many[0].id",
    ),
    "group": ('local.grouped["even"]', "many[0].id many[2].id"),
    "in_group": ('local.grouped["odd"][0]', "many[1].id"),
    "in_large_group": ('local.grouped["even"][1]', "~ many[0].id many[2].id"),
    "open_filter": (
        '[for v in terraform_data.each : terraform_data.two.id if v.id != ""]',
        '~ two.id each["a"].id each["b"].id',
    ),
    "open_first": ('[for v in terraform_data.each : v.id if v.id != ""][0]', '~ each["a"].id each["b"].id'),
    "open_key": (
        '{ for i in [0, 1] : (i == 0 ? "a" : terraform_data.one.id) => terraform_data.many[i].id }["a"]',
        "~ many[0].id many[1].id",
    ),
    "open_keys": (
        '{ for k, v in merge(local.fields, { (local.simple) = terraform_data.many[0].id }) : k => v }["two"]',
        "~ two.id many[0].id",
    ),
    # functions
    "element_of_list": ("element(local.list, 3)", "two.id"),
    "merge_apart": ("merge({ a = terraform_data.one.id }, null, { b = terraform_data.two.id })", "one.id two.id"),
    "merge_over": ("merge(local.fields, { two = terraform_data.many[0].id })", "~ one.id two.id many[0].id"),
    "merge_spread": (
        "merge([local.fields, { two = terraform_data.many[0].id }]...).two",
        "~ two.id many[0].id",
    ),
    "of_slice": ("slice(terraform_data.many[*].id, 1, 3)[1]", "many[2].id"),
    "selecting": ('setsubtract(["known"], [terraform_data.label["a"].input])', '~ label["a"].input'),
    "element_around": ("element(terraform_data.many[*].id, 4)", "many[1].id"),
    "one_of": ("one([terraform_data.two.id])", "two.id"),
    "slice": ("slice(terraform_data.many[*].id, 1, 3)", "many[1].id many[2].id"),
    "concat": ("concat(terraform_data.many[*].id, local.list)[3]", "one.id"),
    "concat_all": ("concat([local.simple], terraform_data.none[*].id)", "one.id"),
    "flatten": (
        "flatten([[terraform_data.one.id], terraform_data.many[*].id])[0]",
        "~ one.id many[0].id many[1].id many[2].id",
    ),
    "merge": ("merge(local.fields, { two = terraform_data.many[0].id }).two", "many[0].id"),
    "merge_other": ("merge(local.fields, { two = terraform_data.many[0].id }).one", "one.id"),
    "lookup": ('lookup(local.fields, "one", terraform_data.many[0].id)', "one.id"),
    "try_none": ("try(terraform_data.none[0].id, terraform_data.two.id)", "two.id"),
    "try_some": ("try(terraform_data.many[0].id, terraform_data.two.id)", "many[0].id"),
    "try_all": (
        "try([for i in [0, 1] : terraform_data.many[i + 2].id], [terraform_data.one.id])",
        "~ many[2].id one.id",
    ),
    "coalesce": ("coalesce(null, terraform_data.two.id)", "two.id"),
    "values": ("values(terraform_data.each)[1].id", 'each["b"].id'),
    "sorted": ("sort(local.list)[0]", "~ one.id two.id"),
    "set": ("toset(local.list)", "one.id two.id"),
    "json": ("jsonencode({ a = local.list })", "one.id two.id"),
    "format": ('format("%s-%s", terraform_data.one.id, "x")', "one.id"),
    "file": ('templatefile("${path.module}/t.tftpl", { a = terraform_data.one.id })', "one.id"),
    # modules
    "output": ("module.net.first", "many[0].id"),
    "output_list": ("module.net.subnets[1]", "module.net.subnet[1].id"),
    "output_field": ("module.net.named.b", "module.net.subnet[1].id"),
    "set_in_module": ("module.sets.first", "many[1].id"),
    "counted_module": ("module.pass[1].out", "many[1].id"),
    "module_splat": ("module.pass[*].out", "many[0].id many[1].id"),
    "module_key": ('module.apps["web"].out', 'module.apps["web"].app.id'),
    "modules": ("[for k, m in module.apps : m.out]", 'module.apps["api"].app.id module.apps["web"].app.id'),
}

WIRED = {
    'terraform_data.mapped["b"]: input.value': 'each["b"].id',
    'terraform_data.mapped["b"]: input.key': 'each["b"].id',
    'terraform_data.named["b"]: input': 'each["b"].id',
    "terraform_data.counted[2]: input.same": "many[2].id",
    "terraform_data.counted[2]: input.next": "many[0].id",
    'terraform_data.fixed["b"]: input': 'each["b"].id',
    'terraform_data.keyed["label-a"]: input': '~ label["a"].input label["b"].input one.id',
    'terraform_data.listed["label-a"]: input': 'label["a"].input one.id',
    'module.sets.terraform_data.label["label-a"]: input': 'label["a"].input many[0].id',
    'terraform_data.service["api"]: input': 'each["b"].id two.id',
    "module.net.terraform_data.subnet[2]: input.id": "many[2].id",
    "module.net.terraform_data.subnet[2]: input.vpc": "one.id",
    "module.net.terraform_data.subnet[2]: input.key": "two.id",
    "module.net.terraform_data.subnet[2]: input.other": "two.id",
    'module.apps["web"].terraform_data.app: input.id': 'each["a"].id',
    'module.apps["api"].terraform_data.app: input.subnet': "module.net.subnet[1].id",
    'module.apps["api"].module.leaf.terraform_data.this["leaf"]: input': 'module.apps["api"].app.id',
}


def configuration(folder: Path) -> Path:
    cases = "\n".join(f"    {name} = {expression}" for name, (expression, _) in CASES.items())
    for name, text in {
        "main.tf": ROOT.replace("CASES", cases),
        "t.tftpl": "${a}",
        "net/main.tf": NET,
        "app/main.tf": APP,
        "leaf/main.tf": LEAF,
        "pass/main.tf": PASS,
        "sets/main.tf": SETS,
        "first_override.tf": "locals {\n  second_block = terraform_data.many[0].id\n}\n",
    }.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return configuration(tmp_path_factory.mktemp("references") / "root")


@pytest.fixture(scope="module")
def plan(folder: Path, program: Path, tmp_path_factory: pytest.TempPathFactory) -> Plan:
    home = tmp_path_factory.mktemp("plan")
    stack = Stack("root", folder, {"dev": Environment("dev")})
    settings = Settings(home / "pyproject.toml", {"root": stack}, terraform=program, cache=home / "cache")
    with Planner(settings, stack) as planner:
        made = planner.plan("dev")
        assert made.resolved.reason == ""
    return made


@pytest.fixture(scope="module")
def references(plan: Plan, folder: Path) -> References:
    modules = {"": ".", "net": "./net", "apps": "./app", "apps.leaf": "./leaf", "pass": "./pass", "sets": "./sets"}
    return References(plan.document, Sources(folder, modules))


def shown(wiring: Wiring) -> str:
    """The feeds, sorted and without their type, behind a ~ where they are a superset."""
    feeds = sorted(str(feed).replace("terraform_data.", "") for feed in wiring)
    assert wiring.complete
    return " ".join(feeds) if wiring.exact else " ".join(["~", *feeds])


def expected(text: str) -> str:
    superset, *feeds = text.split() if text.startswith("~") else ["", *text.split()]
    return " ".join([superset, *sorted(feeds)]).strip()


@pytest.mark.parametrize("name", CASES)
def test_an_expression_is_traced_to_what_feeds_it(references: References, name: str) -> None:
    assert shown(references.wiring("terraform_data.all", ("input", name))) == expected(CASES[name][1])


@pytest.mark.parametrize("where", WIRED)
def test_an_instance_has_its_own_feeds(references: References, where: str) -> None:
    address, path = where.split(": ")
    assert shown(references.wiring(address, parse_path(path))) == expected(WIRED[where])


def test_an_output_is_traced_as_an_argument_is(references: References) -> None:
    assert references.wiring("output.deep", ()).feeds == (
        Feed('module.apps["api"].module.leaf.terraform_data.this["leaf"]', "id"),
    )
    assert references.wiring("output.fields", ("two",)).addresses == ("terraform_data.two",)
    assert references.wiring("output.known", ()) == Wiring()


def line(folder: Path, file: str, start: str) -> str:
    path = folder / file
    number = next(n for n, text in enumerate(path.read_text().splitlines(), 1) if text.strip().startswith(start))
    return f"{path}:{number}"


def test_the_way_of_a_value_names_every_station_and_its_line(references: References, folder: Path) -> None:
    (way,) = references.chain('module.apps["api"].terraform_data.app', ("input", "subnet"))
    assert describe(way) == " <- ".join(
        [
            f'argument module.apps["api"].terraform_data.app.input.subnet ({line(folder, "app/main.tf", "input = ")})',
            f"local subnet ({line(folder, 'app/main.tf', 'subnet = var')})",
            f"module input module.apps.subnet ({line(folder, 'main.tf', 'subnet   =')})",
            f"output module.net.subnets ({line(folder, 'net/main.tf', 'value = terraform_data')})",
            f"resource module.net.terraform_data.subnet[1].id ({line(folder, 'net/main.tf', 'resource')})",
        ]
    )


def test_the_way_through_for_each_names_it(references: References, folder: Path) -> None:
    (way,) = references.chain('terraform_data.mapped["a"]', ("input", "value"))
    assert [(link.what, link.name) for link in way] == [
        ("argument", 'terraform_data.mapped["a"].input.value'),
        ("for_each", "of terraform_data.mapped"),
        ("resource", 'terraform_data.each["a"].id'),
    ]
    assert str(way[1].place) == line(folder, "main.tf", "for_each = terraform_data.each")


def test_a_value_that_nothing_feeds_leads_to_where_it_is_set(references: References, folder: Path) -> None:
    (way,) = references.chain("output.known", ())
    written = line(folder, "main.tf", 'variable "literal"')
    assert describe(way[-1:]) == f"variable literal ({written})"
    role = [way[-1] for way in references.chain('terraform_data.service["api"]', ("input",))]
    assert ("variable", "services") in [(link.what, link.name) for link in role]


def test_every_end_of_a_value_has_its_way_and_attributes_come_first(references: References) -> None:
    ways = references.chain("terraform_data.all", ("input", "null"))
    assert [way[-1].name for way in ways] == ["terraform_data.one.id"]
    ways = references.chain("terraform_data.all", ("input", "open"))
    assert [way[-1].what for way in ways][:2] == ["resource", "resource"]
    assert len(references.chain("terraform_data.all", ("input", "template"))) == 2


def test_terraform_finds_the_same_when_it_evaluates_the_configuration(plan: Plan, references: References) -> None:
    compared = 0
    for name in CASES:
        value = plan.resolved["terraform_data.all"].get(f"input.{name}")
        for told in [value] if isinstance(value, Traced) else []:
            wiring = references.wiring("terraform_data.all", ("input", name))
            assert set(told.feeds) <= set(wiring.feeds), name
            assert not wiring.exact or set(told.feeds) == set(wiring.feeds), name
            compared += 1
    assert compared > len(CASES) // 2


def test_where_the_hcl_is_another_the_plan_is_believed(plan: Plan, folder: Path, tmp_path: Path) -> None:
    other = Path(shutil.copytree(folder, tmp_path / "other"))
    text = (other / "main.tf").read_text().replace("vpc      = terraform_data.one", "vpc      = terraform_data.two")
    (other / "main.tf").write_text(text)
    references = References(plan.document, Sources(other, {"": ".", "net": "./net"}))
    wiring = references.wiring("module.net.terraform_data.subnet[0]", ("input", "vpc"))
    assert wiring.addresses == ("terraform_data.one",)


def test_without_the_hcl_what_is_behind_a_local_is_missing(plan: Plan) -> None:
    references = References(plan.document, None)
    wiring = references.wiring('module.apps["api"].terraform_data.app', ("input",))
    assert (wiring.exact, wiring.complete) == (False, False)
    assert "the expression of local." in wiring.reason
    assert "not at hand" in wiring.reason
