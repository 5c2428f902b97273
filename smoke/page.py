"""What a page holds: its title, its text, what it loads."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin

LOADED = {"script": "src", "img": "src", "source": "src", "iframe": "src"}
LINKED = frozenset({"stylesheet", "icon", "apple-touch-icon", "manifest", "modulepreload", "preload"})
UNSEEN = frozenset({"script", "style", "template", "noscript"})


@dataclass
class Page:
    """A parsed page; `data` are its `data-*` attributes, `assets` the absolute addresses that it loads."""

    title: str = ""
    text: str = ""
    main: str = ""
    elements: set[str] = field(default_factory=set)
    assets: list[str] = field(default_factory=list)
    data: dict[str, str] = field(default_factory=dict)

    @property
    def complete(self) -> bool:
        """Whether its end has come, which a cut answer lacks."""
        return "/html" in self.elements


def read(html: str, url: str) -> Page:
    """The page that `html`, got from `url`, describes."""
    reader = _Reader(url)
    reader.feed(html)
    reader.close()
    page = reader.page
    for name in ("title", "text", "main"):
        setattr(page, name, " ".join(getattr(page, name).split()))
    page.assets = list(dict.fromkeys(page.assets))
    return page


class _Reader(HTMLParser):
    def __init__(self, url: str) -> None:
        super().__init__()
        self.page = Page()
        self._url = url
        self._inside: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        self.page.elements.add(tag)
        self.page.data |= {name: value for name, value in attributes.items() if name.startswith("data-")}
        loaded = attributes.get(LOADED.get(tag, ""), "")
        if tag == "link" and LINKED & set(attributes.get("rel", "").lower().split()):
            loaded = attributes.get("href", "")
        if loaded and not loaded.startswith("data:"):
            self.page.assets.append(urljoin(self._url, loaded))
        if tag in UNSEEN | {"title", "main"}:
            self._inside.append(tag)

    def handle_endtag(self, tag: str) -> None:
        self.page.elements.add(f"/{tag}")
        if tag in self._inside:
            self._inside.remove(tag)

    def handle_data(self, data: str) -> None:
        if "title" in self._inside:
            self.page.title += data
        elif not UNSEEN & set(self._inside):
            self.page.text += f" {data}"
            if "main" in self._inside:
                self.page.main += f" {data}"
