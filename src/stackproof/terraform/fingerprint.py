"""A key for everything that can change a plan, so that an unchanged stack need not be planned again.

It covers the content of the root module's folder and of every local module it can reach, the files that HCL
functions read, variable files, the lock file, versions and settings. Where something that decides the plan cannot be
told from the configuration (a path computed from a variable), there is no key, and such a plan is never kept.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from stackproof.terraform import hcl
from stackproof.terraform.lockfile import FILE_NAME as LOCK_FILE
from stackproof.terraform.workspace import LOCAL_STATE, WORKING_FILES, matches

_FILE_FUNCTIONS = re.compile(
    r"^(file|templatefile|fileexists|file(base64|md5|sha1|sha256|sha512|base64sha256|base64sha512))$"
)
_MODULE_PATH = "${path.module}"
_ROOT_PATHS = ("${path.root}", "${path.cwd}")
_SKIPPED_FOLDERS = (".terraform", ".git", "terraform.tfstate.d", "__pycache__", ".pytest_cache")


def fingerprint(folder: Path, files: Iterable[Path], facts: Mapping[str, object]) -> str | None:
    """The key for planning the root module `folder` with these variable files; None where there can be none.

    `facts` is whatever else decides (versions, variables, region, workspace), as JSON can hold it.
    """
    digest = hashlib.sha256(json.dumps(facts, sort_keys=True, default=str).encode())
    try:
        content = _content(folder)
        if content is None:
            return None
        for file in [*sorted(content), *files]:
            name = str(file.relative_to(folder)) if file.is_relative_to(folder) else str(file)
            data = file.read_bytes() if file.is_file() else b""
            digest.update(f"{name}\0{file.exists()}\0{len(data)}\0".encode())
            digest.update(data)
    except OSError:
        return None
    return digest.hexdigest()


def _content(root: Path) -> set[Path] | None:
    """Every file that the configuration is made of, or reads by a path that can be told; None where one cannot."""
    files: set[Path] = set()
    pending, seen = [root], set[Path]()
    while pending:
        module = pending.pop().resolve()
        if module in seen:
            continue
        seen.add(module)
        files |= set(_tree(module))
        for file in hcl.configuration_files(module):
            source = hcl.parse_file(file)
            for call in source.calls:
                if _FILE_FUNCTIONS.match(call.name):
                    read = _named_file(call.arguments[0] if call.arguments else "", module, root)
                    if read is None:
                        return None
                    files.add(read)
            for block in source.blocks:
                given = block.argument("source") if block.kind == "module" else None
                if given and given.text.startswith(('"./', '"../')):
                    pending.append(module / given.text.strip('"'))
    return files


def _named_file(expression: str, module: Path, root: Path) -> Path | None:
    """The file that an argument such as `"${path.module}/policy.json"` names; a folder where only part is fixed."""
    text = re.fullmatch(r'"((?:[^"\\]|\\.)*)"', expression)
    if text is None:
        return None
    path = text[1].replace(_MODULE_PATH, str(module))
    for name in _ROOT_PATHS:
        path = path.replace(name, str(root))
    fixed, interpolation, _ = path.partition("${")
    if not interpolation:
        return (root / fixed).resolve()
    # what is interpolated is a name below a folder that is in the key as a whole
    below = (root / fixed).resolve() if fixed.endswith("/") else (root / fixed).resolve().parent
    return below / "-" if ".." not in path and (below.is_relative_to(module) or below.is_relative_to(root)) else None


def _tree(folder: Path) -> Iterator[Path]:
    for entry in folder.iterdir():
        if entry.is_dir():
            if entry.name not in _SKIPPED_FOLDERS:
                yield from _tree(entry)
        elif entry.name == LOCK_FILE or not matches(entry.name, WORKING_FILES + LOCAL_STATE):
            yield entry
