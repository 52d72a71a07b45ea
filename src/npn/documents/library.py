"""The library: every document of the site with its address, and how links between documents are led to them.

The texts lie in `docs/` of the sources; a built package carries them inside. Guides of one name are one document in
two languages: `guide/da/owner.md` is the Danish of `guide/owner.md`.
"""

import posixpath
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, partial
from importlib.resources import files
from pathlib import Path

from npn.documents.markdown import RenderedText, rendered
from npn.text import read_text

ADDRESS = "/docs"
DECISIONS, GUIDES = "adr", "guide"
_FOLDERS = ("", "guide", "guide/da", "guide/legacy", "reference", DECISIONS)
_NAMES = {"guide/transport.md": "https-and-certificates", "guide/legacy/README.md": "legacy", "adr/README.md": "adr"}
_ELSEWHERE = {"README.md": ADDRESS, "reference/errors.md": f"{ADDRESS}/problems"}  # pages that are made otherwise
_FILES = {
    "svg": "image/svg+xml", "mjs": "text/plain", "py": "text/plain", "js": "text/plain", "java": "text/plain",
    "php": "text/plain", "sh": "text/plain", "json": "text/plain",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class SiteDocument:
    """One text in one language. `path` is its place below `docs/`, `name` its address below `/docs/`."""

    path: str
    name: str
    language: str
    source: str = field(repr=False)

    @property
    def address(self) -> str:
        """Return where the site shows it."""
        return f"{ADDRESS}/{self.name}"

    @property
    def title(self) -> str:
        """Return its first heading, without the marks of code."""
        first = self.source.lstrip().partition("\n")[0]
        return first.removeprefix("#").strip().replace("`", "")


@dataclass(frozen=True, slots=True)
class SiteFile:
    """A file that documents show or link: a picture, a program."""

    name: str
    body: bytes = field(repr=False)
    media_type: str


@dataclass(frozen=True, slots=True)
class Library:
    """Every document and file. `documents` by name and language; `addresses` of all that a link may lead to."""

    documents: Mapping[tuple[str, str], SiteDocument]
    files: Mapping[str, SiteFile]
    addresses: Mapping[str, str] = field(repr=False)

    def find(self, name: str, language: str) -> SiteDocument | None:
        """Return a document in this language, else in the other; None where there is none of this name."""
        own = self.documents.get((name, language))
        return own or next((d for (other, _), d in self.documents.items() if other == name), None)

    def named(self, language: str) -> dict[str, SiteDocument]:
        """Return one document for each name, in this language where there is one."""
        names = dict.fromkeys(name for name, _ in self.documents)
        return {name: document for name in names if (document := self.find(name, language)) is not None}

    def text(self, document: SiteDocument) -> RenderedText:
        """Render a document."""
        return _text(document)

    def resolve(self, path: str, link: str) -> str:
        """Lead a link of the document at `path` to its place on the site; nothing where it leads nowhere here."""
        target, hash_, anchor = link.partition("#")
        if not target or target.startswith("/") or ":" in target.partition("/")[0]:
            return link
        place = posixpath.normpath(posixpath.join(posixpath.dirname(path), target))
        address = self.addresses.get(place, "")
        return f"{address}{hash_}{anchor}" if address else ""


@cache
def library() -> Library:
    """Read the documents; once, for they are part of the program. Raises ValueError where two have one address."""
    root = _root()
    documents: dict[tuple[str, str], SiteDocument] = {}
    for path in _paths(root, "md"):
        if path in _ELSEWHERE:
            continue
        document = SiteDocument(path, _name_of(path), _language_of(path), read_text(root / path))
        if (document.name, document.language) in documents:
            raise ValueError(f"two documents have the address {document.address}: {path}")
        documents[document.name, document.language] = document
    site_files = dict(_site_files(root))
    addresses = {**_ELSEWHERE, **{document.path: document.address for document in documents.values()}}
    addresses.update({path: f"{ADDRESS}/files/{name}" for path, name in _file_names(root)})
    return Library(documents, site_files, addresses)


@cache
def _text(document: SiteDocument) -> RenderedText:
    return rendered(document.source, partial(library().resolve, document.path))


def _root() -> Path:
    """Return the folder of the texts: the package's own, or that of the sources where it runs from them."""
    packed = Path(str(files("npn.documents").joinpath("texts")))
    return packed if packed.is_dir() else Path(__file__).resolve().parents[3] / "docs"


def _paths(root: Path, *suffixes: str) -> Iterator[str]:
    """Yield the files with these suffixes, in order, as paths below the root."""
    for folder in (*_FOLDERS, "verify"):
        for file in sorted((root / folder).glob("*")):
            if file.name.rpartition(".")[2] in suffixes and file.is_file():
                yield file.relative_to(root).as_posix()


def _name_of(path: str) -> str:
    if path in _NAMES:
        return _NAMES[path]
    folder, _, file = path.rpartition("/")
    stem = file.removesuffix(".md").lower()
    return f"{DECISIONS}/{stem}" if folder == DECISIONS else stem


def _language_of(path: str) -> str:
    return "da" if "/da/" in path else "en"


def _file_names(root: Path) -> Iterator[tuple[str, str]]:
    """Yield each file's path with the name that its address ends with."""
    for path in _paths(root, *_FILES):
        yield path, path.rpartition("/")[2].lower()


def _site_files(root: Path) -> Iterator[tuple[str, SiteFile]]:
    for path, name in _file_names(root):
        kind = _FILES[name.rpartition(".")[2]]
        yield name, SiteFile(name, (root / path).read_bytes(), f"{kind}; charset=utf-8")
