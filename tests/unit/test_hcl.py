from __future__ import annotations

from pathlib import Path

import pytest

from stackproof.terraform import hcl


def parsed(tmp_path: Path, text: str) -> hcl.Source:
    file = tmp_path / "main.tf"
    file.write_text(text, encoding="utf-8")
    return hcl.parse_file(file)


def test_a_block_has_kind_labels_and_the_lines_it_stands_on(tmp_path: Path) -> None:
    source = parsed(tmp_path, '\nresource "aws_vpc" "this" {\n  cidr_block = "10.0.0.0/16"\n}\nlocals {}\n')
    vpc, local = source.blocks
    assert (vpc.kind, vpc.labels, vpc.line, vpc.end_line) == ("resource", ("aws_vpc", "this"), 2, 4)
    assert (local.kind, local.labels, local.line, local.end_line) == ("locals", (), 5, 5)
    assert vpc.file == tmp_path / "main.tf"


def test_labels_may_stand_without_quotes(tmp_path: Path) -> None:
    assert parsed(tmp_path, "resource aws_vpc this {\n}\n").blocks[0].labels == ("aws_vpc", "this")


def test_an_argument_keeps_the_text_of_its_expression_and_its_line(tmp_path: Path) -> None:
    block = parsed(tmp_path, 'module "a" {\n  # why\n  source = "./a" # here\n\n  n = [\n    1,\n  ]\n}\n').blocks[0]
    assert block.argument("source") == hcl.Argument("source", '"./a"', 3)
    assert block.argument("n") == hcl.Argument("n", "[\n    1,\n  ]", 5)
    assert block.argument("none") is None


def test_an_argument_keeps_the_syntax_tree_of_its_expression(tmp_path: Path) -> None:
    argument = parsed(tmp_path, "a {\n  b = c.d # e\n}\n").blocks[0].arguments[0]
    assert argument.node is not None
    assert (argument.node.type, argument.node.text) == ("expression", b"c.d")


def test_nested_blocks_are_apart_from_arguments(tmp_path: Path) -> None:
    block = parsed(tmp_path, "a {\n  b {\n    c = 1\n  }\n  d = { c = 2 }\n  b {\n  }\n}\n").blocks[0]
    assert [(inner.kind, inner.line) for inner in block.blocks] == [("b", 2), ("b", 6)]
    assert [argument.name for argument in block.arguments] == ["d"]
    assert block.blocks[0].argument("c") == hcl.Argument("c", "1", 3)


def test_what_looks_like_a_block_in_a_heredoc_or_comment_is_none(tmp_path: Path) -> None:
    text = (
        'locals {\n  script = <<-EOT\n    resource "x" "y" {\n      z = file("no")\n    }\n  EOT\n  after = 1\n}\n'
        '# resource "a" "b" {}\n// resource "a" "b" {}\n/*\nresource "a" "b" {}\n*/\nlocals {\n}\n'
    )
    source = parsed(tmp_path, text)
    assert [(block.kind, block.line) for block in source.blocks] == [("locals", 1), ("locals", 14)]
    assert source.blocks[0].argument("after") == hcl.Argument("after", "1", 7)
    assert source.calls == ()


def test_every_function_call_is_found_however_deep_it_stands(tmp_path: Path) -> None:
    text = (
        'locals {\n  a = file("a")\n  b = { c = [jsondecode(file("${path.module}/b"))] }\n'
        '  d = "x ${templatefile("d", { e = file("e") })} y"\n'
        '  f = <<EOT\n  ${file("f")}\n  EOT\n}\n'
        'a "b" {\n  dynamic "g" {\n    for_each = fileset("h", "*")\n'
        '    content {\n      i = var.x ? file("i") : null\n'
        "    }\n  }\n}\n"
    )
    calls = sorted((call.name, call.arguments[0]) for call in parsed(tmp_path, text).calls)
    assert calls == [
        ("file", '"${path.module}/b"'),
        ("file", '"a"'),
        ("file", '"e"'),
        ("file", '"f"'),
        ("file", '"i"'),
        ("fileset", '"h"'),
        ("jsondecode", 'file("${path.module}/b")'),
        ("templatefile", '"d"'),
    ]


def test_a_syntax_error_leaves_the_other_blocks_readable(tmp_path: Path) -> None:
    source = parsed(tmp_path, 'resource "a" "b" {\n  x = 1\n}\n\nresource "c" {{{\n')
    assert source.blocks[0].labels == ("a", "b")


@pytest.mark.parametrize("text", ["", "\n", "# nothing\n", "\ufeff", "\xff\x00"])
def test_an_empty_or_odd_file_holds_no_blocks(tmp_path: Path, text: str) -> None:
    assert parsed(tmp_path, text).blocks == ()


def test_names_may_be_of_any_script(tmp_path: Path) -> None:
    block = parsed(tmp_path, 'output "größe" {\n  value = "日本"\n}\n').blocks[0]
    assert block.labels == ("größe",)
    assert block.argument("value") == hcl.Argument("value", '"日本"', 2)


def test_a_file_that_cannot_be_read_is_an_os_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        hcl.parse_file(tmp_path / "none.tf")


def test_a_module_is_the_tf_files_of_its_folder_alone(tmp_path: Path) -> None:
    for name in ("b.tf", "a.tf", "c.tf.json", "d.tfvars", "e.txt"):
        (tmp_path / name).touch()
    (tmp_path / "sub.tf").mkdir()
    (tmp_path / "sub.tf/inner.tf").touch()
    assert hcl.configuration_files(tmp_path) == [tmp_path / "a.tf", tmp_path / "b.tf"]
