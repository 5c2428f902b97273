from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from stackproof.plan.paths import parse_path
from stackproof.plan.source import Place, Sources, place_in
from stackproof.plan.values import Sensitive, Unknown, merge
from stackproof.plan.wiring import Traced

MAIN = """\
# a first comment
resource "aws_security_group" "web" {
  count = 2
  name  = "web"

  ingress {
    from_port = 80
  }

  # why the second
  ingress {
    from_port   = 443
    cidr_blocks = [
      "10.0.0.0/8",
    ]
  }

  tags = {
    Name = "web"
  }

  timeouts {
    create = "5m"
  }
}

resource "aws_lb" "this" {
  for_each = var.names
  user_data = <<-EOT
    resource "aws_lb" "false_friend" {
      name = "x"
    }
  EOT
  dynamic "access_logs" {
    for_each = var.logs
    content {
      bucket = "logs"
      filter {
        prefix = "p"
      }
    }
  }
  internal = true
}

data "aws_ami" "this" {
  owners = ["self"]
}

module "net" {
  source = "../net"
}
"""


@pytest.fixture
def sources(tmp_path: Path) -> Sources:
    for name, text in {
        "root/main.tf": MAIN,
        "root/odd.tf.json": '{"resource": {"aws_sqs_queue": {"json": {}}}}',
        "net/main.tf": '\nmodule "zone" {\n  source = "./zone"\n}\n\nresource "aws_vpc" "this" {\n}\n',
        "net/zone/more.tf": 'resource "aws_subnet" "this" {\n}\n',
    }.items():
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return Sources(tmp_path / "root", {"": ".", "net": "../net", "net.zone": "../net/zone"})


def line_of(sources: Sources, name: str, path: str = "", type: str = "aws_security_group") -> int:
    block = sources.block((), "resource", (type, name))
    assert block is not None
    return place_in(block, parse_path(path) if path else ()).line


def lines_from(start: str, text: str = MAIN) -> list[int]:
    return [number for number, line in enumerate(text.splitlines(), 1) if line.strip().startswith(start)]


def test_a_counted_resource_stands_where_its_block_begins(sources: Sources) -> None:
    assert line_of(sources, "web") == 2


@pytest.mark.parametrize(
    ("path", "start"),
    [
        ("name", "name  ="),
        ("tags", "tags ="),
        ("tags.Name", "tags ="),
        ("ingress[1].from_port", "from_port   = 443"),
        ("ingress[1].cidr_blocks[0]", "cidr_blocks ="),
        ("timeouts.create", "create ="),
        ("timeouts", "timeouts {"),
        ("timeouts[0].create", "create ="),
    ],
)
def test_an_argument_has_the_line_of_its_name(sources: Sources, path: str, start: str) -> None:
    assert line_of(sources, "web", path) == lines_from(start)[0]


def test_the_nth_nested_block_is_the_nth_in_the_text(sources: Sources) -> None:
    first, second = lines_from("ingress {")
    assert line_of(sources, "web", "ingress[0]") == first
    assert line_of(sources, "web", "ingress[1]") == second
    assert line_of(sources, "web", "ingress") == first


def test_what_the_text_does_not_spell_out_has_the_line_of_the_nearest_block(sources: Sources) -> None:
    assert line_of(sources, "web", "arn") == 2
    assert line_of(sources, "web", "ingress[1].self") == lines_from("ingress {")[1]
    assert line_of(sources, "web", "ingress[7].from_port") == lines_from("from_port   = 443")[0]


def test_a_dynamic_block_stands_once_for_all_that_it_makes(sources: Sources) -> None:
    for number in (0, 3):
        path = f"access_logs[{number}]"
        assert line_of(sources, "this", path, "aws_lb") == lines_from('dynamic "access_logs"')[0]
        assert line_of(sources, "this", f"{path}.bucket", "aws_lb") == lines_from("bucket =")[0]
        assert line_of(sources, "this", f"{path}.filter[0].prefix", "aws_lb") == lines_from("prefix =")[0]


def test_a_heredoc_shifts_no_line_and_holds_no_block(sources: Sources) -> None:
    assert line_of(sources, "this", "internal", "aws_lb") == lines_from("internal")[0]
    assert sources.block((), "resource", ("aws_lb", "false_friend")) is None


def test_a_data_block_is_told_from_a_resource(sources: Sources) -> None:
    block = sources.block((), "data", ("aws_ami", "this"))
    assert block is not None
    assert place_in(block, ("owners", 0)).line == lines_from("owners")[0]
    assert sources.block((), "resource", ("aws_ami", "this")) is None


def test_blocks_of_a_kind_may_be_several(sources: Sources, tmp_path: Path) -> None:
    (tmp_path / "net/locals.tf").write_text("locals {\n  a = 1\n}\nlocals {\n  b = 2\n}\n", encoding="utf-8")
    found = sources.blocks(("net",), "locals")
    assert [argument.name for block in found for argument in block.arguments] == ["a", "b"]
    assert sources.blocks(("net",), "variable") == ()
    assert sources.blocks(("registry",), "locals") == ()


def test_a_module_elsewhere_is_read_from_its_own_folder(sources: Sources, tmp_path: Path) -> None:
    block = sources.block(("net", "zone"), "resource", ("aws_subnet", "this"))
    assert block is not None
    place = place_in(block)
    assert (place.file.resolve(), place.line) == (tmp_path / "net/zone/more.tf", 1)


def test_the_calls_that_lead_to_a_module_begin_at_the_root(sources: Sources, tmp_path: Path) -> None:
    calls = sources.module_calls(("net", "zone"))
    assert [(call.file.resolve(), call.line) for call in calls] == [
        (tmp_path / "root/main.tf", lines_from('module "net"')[0]),
        (tmp_path / "net/main.tf", 2),
    ]
    assert sources.module_calls(()) == ()


def test_json_syntax_gives_no_place(sources: Sources) -> None:
    assert sources.block((), "resource", ("aws_sqs_queue", "json")) is None


def test_a_module_that_is_not_at_hand_gives_no_place(sources: Sources) -> None:
    assert sources.block(("registry",), "resource", ("aws_vpc", "this")) is None
    assert sources.module_calls(("registry",)) == ()


def test_a_place_is_shown_relative_to_where_the_reader_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = Place(tmp_path / "infra/main.tf", 7)
    monkeypatch.chdir(tmp_path)
    assert str(place) == "infra/main.tf:7"
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert str(place) == f"{tmp_path}/infra/main.tf:7"


GROUP = 'resource "aws_security_group" "this" {\n'
UNKNOWN = Unknown("aws_security_group.this", "ingress")
SENSITIVE = Sensitive("aws_security_group.this", "ingress")
TOKEN = Traced("vpc-1", (), "aws_security_group.this", "ingress")


def marked(tmp_path: Path, text: str, planned: list[Any], rest: str = "") -> list[str]:
    """The comments that end the lines to which the planned `ingress` blocks lead."""
    file = tmp_path / "main.tf"
    file.write_text(GROUP + text + "}\n", encoding="utf-8")
    block = Sources(tmp_path, {"": "."}).block((), "resource", ("aws_security_group", "this"))
    assert block is not None
    values = merge({"ingress": planned}, None, None, "aws_security_group.this")
    lines = file.read_text(encoding="utf-8").splitlines()
    places = [place_in(block, parse_path(f"ingress[{number}]{rest}"), values) for number in range(len(planned))]
    return [lines[place.line - 1].partition("# ")[2] for place in places]


PORTS = """
  ingress { # web
    from_port   = 80
    description = "${var.name}: web"
    cidr_blocks = ["10.0.0.0/8", "192.168.0.0/16",]
  }
  ingress { # safe
    from_port   = "443"
    self        = true
    description = null
  }
  ingress { # other
    from_port = var.port
    cidr_blocks = [
      "0.0.0.0/0",
    ]
  }
"""
WEB = {"from_port": 80, "self": False, "description": "x: web", "cidr_blocks": ["192.168.0.0/16", "10.0.0.0/8"]}
SAFE = {"from_port": 443, "self": True, "description": "", "cidr_blocks": []}
OTHER = {"from_port": 8080, "self": False, "description": "", "cidr_blocks": ["0.0.0.0/0"]}


@pytest.mark.parametrize(
    ("planned", "found"),
    [
        ([OTHER, SAFE, WEB], ["other", "safe", "web"]),
        ([SAFE, WEB, OTHER], ["safe", "web", "other"]),
        ([{**OTHER, "from_port": 80}, WEB, SAFE], ["other", "web", "safe"]),
        ([{**OTHER, "from_port": 443}, SAFE, WEB], ["other", "safe", "web"]),
        ([{**OTHER, "from_port": UNKNOWN}, {**WEB, "from_port": SENSITIVE}, SAFE], ["other", "web", "safe"]),
        ([{**OTHER, "from_port": 80, "description": TOKEN}, SAFE, WEB], ["other", "safe", "web"]),
        ([OTHER, {**WEB, "cidr_blocks": ["10.0.0.0/8", UNKNOWN]}, SAFE], ["other", "web", "safe"]),
    ],
)
def test_a_block_of_a_set_is_the_one_whose_literals_are_planned(
    tmp_path: Path, planned: list[Any], found: list[str]
) -> None:
    assert marked(tmp_path, PORTS, planned) == found


def test_what_agrees_with_no_literal_keeps_its_position(tmp_path: Path) -> None:
    assert marked(tmp_path, PORTS, [{"from_port": 22, "cidr_blocks": []}] * 4) == ["web", "safe", "other", "other"]
    assert marked(tmp_path, PORTS, [UNKNOWN, SENSITIVE, UNKNOWN]) == ["web", "safe", "other"]
    assert marked(tmp_path, PORTS, []) == []


def test_the_argument_is_that_of_the_block_that_was_found(tmp_path: Path) -> None:
    text = "ingress {\n  port = 80\n  to = 1 # web\n}\ningress {\n  port = 443\n  to = 2 # safe\n}\n"
    assert marked(tmp_path, text, [{"port": 443, "to": 2}, {"port": 80, "to": 1}], ".to") == ["safe", "web"]


def test_blocks_that_look_alike_keep_their_order_among_themselves(tmp_path: Path) -> None:
    text = "".join(
        f"ingress {{ # {name}\n  port = {port}\n  source = var.{name}\n}}\n"
        for name, port in [("a", 80), ("b", 443), ("c", 80)]
    )
    planned = [{"port": 443, "source": "b"}, {"port": 80, "source": UNKNOWN}, {"port": 80, "source": "c"}]
    assert marked(tmp_path, text, planned) == ["b", "a", "c"]
    # two that turn out equal are one in a set
    assert marked(tmp_path, text, planned[:2]) == ["b", "a"]


def test_the_one_that_spells_out_more_is_meant(tmp_path: Path) -> None:
    text = """
      ingress { # any
        port = 80
        cidr = var.cidr
      }
      ingress { # open
        port = 80
        cidr = "0.0.0.0/0"
      }
    """
    wide, narrow = {"port": 80, "cidr": "0.0.0.0/0"}, {"port": 80, "cidr": "10.0.0.0/8"}
    assert marked(tmp_path, text, [wide, narrow]) == ["open", "any"]
    assert marked(tmp_path, text, [narrow, wide]) == ["any", "open"]
    assert marked(tmp_path, text, [wide, wide]) == ["any", "open"]


def test_nested_blocks_count_for_the_block_around_them(tmp_path: Path) -> None:
    text = """
      ingress { # plain
        port = 80
      }
      ingress { # second
        port = 80
        peer {
          name = "two"
        }
      }
      ingress { # first
        port = 80
        peer {
          name = "none"
        }
        peer {
          name = "one"
        }
      }
    """
    one = {"port": 80, "peer": [{"name": "one"}, {"name": "none"}]}
    two, plain = {"port": 80, "peer": [{"name": "two"}]}, {"port": 80, "peer": []}
    assert marked(tmp_path, text, [one, two, plain]) == ["first", "second", "plain"]
    assert marked(tmp_path, text, [two, one], ".port") == ["", ""]
    assert marked(tmp_path, text, [plain, one, {"port": 80, "peer": UNKNOWN}])[:2] == ["plain", "first"]


DYNAMIC = """
  dynamic "ingress" { # made
    for_each = var.ports
    content {
      port = ingress.value
      kind = "tcp"
    }
  }
"""
STATIC = """
  ingress { # safe
    port = 443
    kind = "tcp"
  }
  ingress { # ping
    port = -1
    kind = "icmp"
  }
"""


def test_a_dynamic_block_makes_what_the_others_do_not(tmp_path: Path) -> None:
    planned = [{"port": port, "kind": "icmp" if port < 0 else "tcp"} for port in (8080, 443, -1, 80, 22)]
    assert marked(tmp_path, DYNAMIC + STATIC, planned) == ["made", "safe", "ping", "made", "made"]
    assert marked(tmp_path, STATIC + DYNAMIC, planned) == ["made", "safe", "ping", "made", "made"]


def test_a_dynamic_block_takes_its_places_among_blocks_that_look_alike(tmp_path: Path) -> None:
    text = "ingress { # before\n  port = var.a\n}\n" + DYNAMIC.replace('kind = "tcp"', "")
    text += "ingress { # after\n  port = var.b\n}\n"
    planned = [{"port": port} for port in (1, 2, 3, 4)]
    assert marked(tmp_path, text, planned) == ["before", "made", "made", "after"]
    assert marked(tmp_path, text, planned[:2]) == ["before", "after"]
