"""From HCL's syntax tree to expressions.

https://github.com/hashicorp/hcl/blob/main/hclsyntax/spec.md
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

from stackproof.plan.references.expressions import (
    Access,
    Call,
    Conditional,
    Expression,
    Fields,
    For,
    Listed,
    Listing,
    Literal,
    Name,
    Operation,
    Selector,
    Splat,
    Template,
    Unread,
    Wild,
)

if TYPE_CHECKING:
    from tree_sitter import Node

_OPERATORS = frozenset(("!", "-", "+", "*", "/", "%", "==", "!=", "<", ">", "<=", ">=", "&&", "||"))
_UNTOLD = Listed(())
"""Text whose exact value is not read: it refers to nothing."""


def from_syntax(node: Node) -> Expression:
    """The expression at an argument's node of the syntax tree; unread in a block with a syntax error."""
    around: Node | None = node
    for _ in ("argument", "body", "block"):
        around = around.parent if around else None
    return Unread() if node.has_error or (around and around.has_error) else _expression(node)


def _expression(node: Node) -> Expression:
    return _term([child for child in node.children if child.type != "comment"])


def _term(nodes: Sequence[Node]) -> Expression:
    """A primary expression and what is selected from it."""
    first, rest = nodes[0], nodes[1:]
    if first.type == "(":
        # what is in parentheses is a traversal of its own
        return _selected(_expression(nodes[1]), nodes[3:])
    if first.type == "variable_expr":
        return _selected(Name(_text(first)), rest)
    return _selected(_primary(first), rest)


def _primary(node: Node) -> Expression:
    match node.type:
        case "literal_value":
            return _literal(node.children[0])
        case "template_expr":
            return _template(node.children[0])
        case "collection_value":
            return _collection(node.children[0])
        case "for_expr":
            return _for(node.children[0])
        case "function_call":
            return _call(node)
        case "operation":
            return _operation(node.children[0])
        case "conditional":
            return _conditional(node)
    return Unread()


def _selected(base: Expression, nodes: Sequence[Node]) -> Expression:
    selectors: list[Selector] = []
    made = base
    for position, node in enumerate(nodes):
        if node.type == "splat":
            made = Access(made, tuple(selectors)) if selectors else made
            return _splat(made, nodes[position:])
        selectors.append(_selector(node))
    return Access(made, tuple(selectors)) if selectors else made


def _splat(base: Expression, nodes: Sequence[Node]) -> Expression:
    each: list[Selector] = []
    after: list[Selector] = []
    for number, splat in enumerate(nodes):
        (kind,) = splat.children
        if number:
            # a splat within a splat is applied to each element, too
            each.append(Wild.EVERY)
        for node in kind.children[1:]:
            # `.*` ends at the first index, which is applied to the list it made; `[*]` does not
            ends = kind.type == "attr_splat" and node.type == "index"
            (after if ends or after else each).append(_selector(node))
    made = Splat(base, tuple(each))
    return Access(made, tuple(after)) if after else made


def _selector(node: Node) -> Selector:
    if node.type == "get_attr":
        return _text(node.children[-1])
    (index,) = node.children
    if index.type == "legacy_index":
        return int(_text(index).lstrip(". "))
    inner = _expression(next(child for child in index.children if child.type == "expression"))
    if isinstance(inner, Literal) and isinstance(inner.value, str | int) and not isinstance(inner.value, bool):
        return inner.value
    return inner


def _literal(node: Node) -> Expression:
    text = _text(node)
    match node.type:
        case "null_lit":
            return Literal(None)
        case "bool_lit":
            return Literal(text == "true")
        case "numeric_lit":
            return Literal(int(text) if text.isdigit() else float(text))
    return _string(text[1:-1])


def _string(text: str) -> Expression:
    try:
        decoded = json.loads(f'"{text}"') if "\\" in text else text
    except ValueError:
        return _UNTOLD
    return Literal(decoded.replace("$${", "${").replace("%%{", "%{"))


def _template(node: Node) -> Expression:
    # a heredoc's literal parts come without their white space
    parts = _template_parts(node.children, quoted=node.type == "quoted_template")
    if node.type == "quoted_template" and len(parts) == 1:
        return parts[0]
    return Template(tuple(parts))


def _template_parts(nodes: Sequence[Node], *, quoted: bool) -> list[Expression]:
    parts: list[Expression] = []
    for node in nodes:
        match node.type:
            case "template_literal":
                parts.append(_string(_text(node)) if quoted else _UNTOLD)
            case "template_interpolation":
                parts.append(_only_expression(node))
            case "template_directive":
                parts.append(_directive(node.children[0]))
    return parts


def _directive(node: Node) -> Expression:
    intro = node.children[0]
    if node.type == "template_for":
        names, collection = _intro(intro)
        body = Template(tuple(_template_parts(node.children, quoted=False)))
        return Template((For(*names, collection, None, body, None, grouped=False),))
    middle = next(
        (number for number, child in enumerate(node.children) if child.type == "template_else_intro"),
        len(node.children),
    )
    yes, no = (_template_parts(part, quoted=False) for part in (node.children[:middle], node.children[middle:]))
    return Conditional(_only_expression(intro), Template(tuple(yes)), Template(tuple(no)))


def _collection(node: Node) -> Expression:
    if node.type == "tuple":
        return Listing(tuple(_expression(child) for child in node.children if child.type == "expression"))
    pairs = []
    for element in node.children:
        if element.type == "object_elem":
            key, value = (child for child in element.children if child.type == "expression")
            pairs.append((_key(key), _expression(value)))
    return Fields(tuple(pairs))


def _key(node: Node) -> Expression:
    key = _expression(node)
    if isinstance(key, Name):
        # a bare name is a text; in parentheses it would be a reference
        return Literal(key.text) if node.children[0].type == "variable_expr" else key
    if isinstance(key, Literal) and not isinstance(key.value, str):
        return Literal(_text(node))
    return key


def _for(node: Node) -> Expression:
    names, collection = _intro(next(child for child in node.children if child.type == "for_intro"))
    made = [_expression(child) for child in node.children if child.type == "expression"]
    condition = next((_only_expression(child) for child in node.children if child.type == "for_cond"), None)
    grouped = any(child.type == "ellipsis" for child in node.children)
    key = made[0] if node.type == "for_object_expr" else None
    return For(*names, collection, key, made[-1], condition, grouped)


def _intro(node: Node) -> tuple[tuple[str, str], Expression]:
    names = [_text(child) for child in node.children if child.type == "identifier"]
    return (names[0] if len(names) > 1 else "", names[-1]), _only_expression(node)


def _call(node: Node) -> Expression:
    given = [child for group in node.children if group.type == "function_arguments" for child in group.children]
    arguments = tuple(_expression(child) for child in given if child.type == "expression")
    return Call(_text(node.children[0]), arguments, spread=any(child.type == "ellipsis" for child in given))


def _operation(node: Node) -> Expression:
    nodes = [child for child in node.children if child.type != "comment"]
    if node.type == "unary_operation":
        return Operation(nodes[0].type, (_term(nodes[1:]),))
    position = next(number for number, child in enumerate(nodes) if number and child.type in _OPERATORS)
    return Operation(nodes[position].type, (_term(nodes[:position]), _term(nodes[position + 1 :])))


def _conditional(node: Node) -> Expression:
    condition, *rest = (child for child in node.children if child.type == "expression")
    # the grammar takes `a ? b : c ? d : e` for `(a ? b : c) ? d : e`
    while condition.children[0].type == "conditional":
        condition, *inner = (child for child in condition.children[0].children if child.type == "expression")
        rest = [*inner, *rest]
    made = _expression(rest.pop())
    while rest:
        yes = _expression(rest.pop())
        made = Conditional(_expression(rest.pop() if rest else condition), yes, made)
    return made


def _only_expression(node: Node) -> Expression:
    return _expression(next(child for child in node.children if child.type == "expression"))


def _text(node: Node) -> str:
    return (node.text or b"").decode("utf-8", errors="replace")
