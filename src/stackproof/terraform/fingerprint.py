"""A key for everything that can change a plan, so that an unchanged stack need not be planned again.

It covers the content of the root module's folder and of every local module it can reach, the files that HCL
functions read, variable files, the lock file, versions and settings. Where something that decides the plan cannot be
told from the configuration (a path computed from a variable, a module or data source from elsewhere that may change),
there is no key, and such a plan is never kept.
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
_FOLDER_FUNCTION = "fileset"
_NEVER_THE_SAME = "plantimestamp"
_DECIDING_CALL = re.compile(rb"\b(file\w*|templatefile|plantimestamp)\s*\(")
"""Tells at a glance whether a file has a call that is looked at below."""

_ANSWERED_HERE = re.compile(r"^(aws_|cloudinit_config$|template_file$|null_data_source$)")
"""Data sources whose answers follow from the configuration and the emulated account; others read the world."""

_MODULE_PATH = "${path.module}"
_ROOT_PATHS = ("${path.root}", "${path.cwd}")
_SKIPPED_FOLDERS = (".*", "terraform.tfstate.d", "__pycache__", "node_modules")
"""No part of a configuration: a file in one of them that HCL names is in the key all the same."""


class Content:
    """What a root module is made of, read once for all its environments."""

    def __init__(self, folder: Path, files: Iterable[Path]) -> None:
        self._folder = folder
        self._digest = hashlib.sha256()
        self._add(self._digest, sorted(files))

    def key(self, files: Iterable[Path], facts: Mapping[str, object]) -> str | None:
        """The key for planning with these variable files; None where one cannot be read.

        `facts` is whatever else decides (versions, variables, region, workspace), as JSON can hold it.
        """
        digest = self._digest.copy()
        digest.update(json.dumps(facts, sort_keys=True, default=str).encode())
        try:
            self._add(digest, files)
        except OSError:
            return None
        return digest.hexdigest()

    def _add(self, digest: hashlib._Hash, files: Iterable[Path]) -> None:
        for file in files:
            name = str(file.relative_to(self._folder)) if file.is_relative_to(self._folder) else str(file)
            data = file.read_bytes() if file.is_file() else b""
            digest.update(f"{name}\0{file.exists()}\0{len(data)}\0".encode())
            digest.update(data)


def read_content(folder: Path) -> Content | None:
    """The content of a root module and all that it reaches; None where its plans can have no key."""
    try:
        files = _content(folder)
        return None if files is None else Content(folder, files)
    except OSError:
        return None


def fingerprint(folder: Path, files: Iterable[Path], facts: Mapping[str, object]) -> str | None:
    """The key for planning one environment of the root module `folder`; None where there can be none."""
    content = read_content(folder)
    return content.key(files, facts) if content else None


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
        if any(module.glob("*.tf.json")):
            return None  # only HCL syntax is read here
        for file in hcl.configuration_files(module):
            source = hcl.parse_file(file)
            for call in source.calls if _DECIDING_CALL.search(source.text) else ():
                if call.name == _NEVER_THE_SAME:
                    return None
                if _FILE_FUNCTIONS.match(call.name) or call.name == _FOLDER_FUNCTION:
                    read = _named_file(call.arguments[0] if call.arguments else "", module, root)
                    if read is None:
                        return None
                    files |= set(_tree(read)) if read.is_dir() else {read}
            for block in source.blocks:
                if block.kind == "data" and not _ANSWERED_HERE.match(" ".join(block.labels[:1])):
                    return None
                given = block.argument("source") if block.kind == "module" else None
                if given and given.text.startswith(('"./', '"../')):
                    pending.append(module / given.text.strip('"'))
                elif given and not _is_pinned(block, given.text):
                    return None
    return files


def _is_pinned(call: hcl.Block, source: str) -> bool:
    """Whether a module from elsewhere is the same whenever it is fetched: one version, or a git reference."""
    version = call.argument("version")
    return bool(version and re.fullmatch(r'"=?\s*\d+\.\d+\.\d+[\w.+-]*"', version.text)) or "ref=" in source


def _named_file(expression: str, module: Path, root: Path) -> Path | None:
    """The file that an argument such as `"${path.module}/policy.json"` names; a folder where only part is fixed."""
    bare = re.fullmatch(r"path\.(module|root|cwd)", expression)
    text = re.fullmatch(r'"((?:[^"\\]|\\.)*)"', f'"${{{expression}}}"' if bare else expression)
    if text is None:
        return None
    path = text[1].replace(_MODULE_PATH, str(module))
    for name in _ROOT_PATHS:
        path = path.replace(name, str(root))
    fixed, *interpolated = re.split(r"[$%]\{", path, maxsplit=1)
    if not interpolated:
        return (root / fixed).resolve()
    # what is interpolated is a name below a folder that is in the key as a whole
    below = (root / fixed).resolve() if fixed.endswith("/") else (root / fixed).resolve().parent
    return below / "-" if ".." not in path and (below.is_relative_to(module) or below.is_relative_to(root)) else None


def _tree(folder: Path) -> Iterator[Path]:
    for entry in folder.iterdir():
        if entry.is_dir():
            if not matches(entry.name, _SKIPPED_FOLDERS):
                yield from _tree(entry)
        elif entry.name == LOCK_FILE or not matches(entry.name, WORKING_FILES + LOCAL_STATE):
            yield entry
