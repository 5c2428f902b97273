"""Static files under a URL that holds their content's hash, so that browsers may keep them for ever."""

from __future__ import annotations

import hashlib
from pathlib import Path

from flask import Flask, Response, send_from_directory

FOLDER = Path(__file__).parent / "static"

FOR_EVER = "public, max-age=31536000, immutable"


def digest(folder: Path = FOLDER) -> str:
    """One hash for all files in it: scripts import one another by relative paths, so they change together."""
    content = hashlib.sha256()
    for file in sorted(folder.iterdir()):
        content.update(file.name.encode() + b"\0" + file.read_bytes())
    return content.hexdigest()[:16]


def serve(app: Flask) -> None:
    """Serve the files, and give templates `asset(name)`, the URL of one.

    While a deployment replaces tasks, a page of one version may ask a task of the other for its files. It gets what
    there is, and is not to keep it.
    """
    current = digest()

    @app.get("/static/<version>/<path:name>")
    def static(version: str, name: str) -> Response:
        response = send_from_directory(FOLDER, name)
        response.headers["Cache-Control"] = FOR_EVER if version == current else "no-store"
        return response

    @app.template_global()
    def asset(name: str) -> str:
        return f"/static/{current}/{name}"
