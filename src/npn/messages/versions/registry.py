"""Which versions are known and from where: those that come with the toolkit, and those of an operator's folder.

The files are read when first needed. A file of the operator replaces the toolkit's of the same name; a version that
is only assumed is replaced by any of the same code.
"""

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path

from npn.errors import ConfigurationError
from npn.messages.versions.differences import check_heading, merged
from npn.messages.versions.notation import (
    NotationError,
    NotationLine,
    Version,
    heading_of,
    lines,
    title_of,
    version_of,
)

BUILT_IN = Path(__file__).parent
ASSUMED = BUILT_IN / "assumed"
ANY = "*"
NAMESPACE_START, NAMESPACE_PART = "http://rep.oio.dk/", "medcom.dk/xml/schemas/"
MAX_FILE_BYTES = 1 << 20


class VersionRegistry:
    """The versions of the toolkit with those of one folder."""

    def __init__(self, folder: Path | None = None) -> None:
        """Look what files there are. Raises ConfigurationError for one that can't be read."""
        self.folder = folder
        self.files: dict[str, Path] = {path.stem: path for path in BUILT_IN.glob("*.txt")}
        self.assumed_files = {path.stem: path for path in ASSUMED.glob("*.txt")}
        self.own: dict[str, Path] = {}
        self.bridge_files: tuple[Path, ...] = ()
        if folder is not None:
            self._take(folder)
        self._versions: dict[str, Version] = {}

    def _take(self, folder: Path) -> None:
        """Take the files of an operator's folder."""
        for path in files_in(folder):
            heading = heading_in(path)
            if "bridge" in heading:
                self.bridge_files = (*self.bridge_files, path)
                continue
            code = heading.get("version", "")
            if path.stem != code and not path.stem.startswith(f"{code}-"):
                raise fault(
                    path, 1, reason="the file's name is not the version's", hint=f"call it {code or 'VERSION'}.txt"
                )
            self.own[path.stem] = path

    @cached_property
    def headings(self) -> Mapping[str, Mapping[str, str]]:
        """The lines at the margin of each version's file, by name, completed from its base."""
        raw = {name: heading_in(path) for name, path in (self.files | self.assumed_files | self.own).items()}
        replaced = {raw[name].get("version") for name in self.own}
        for name in self.assumed_files:
            if name not in self.own and raw[name].get("version") in replaced:
                del raw[name]
        return {name: self._completed(name, raw) for name in sorted(raw)}

    def _completed(self, name: str, raw: Mapping[str, Mapping[str, str]]) -> Mapping[str, str]:
        """Add what a heading leaves to its base."""
        heading = dict(raw[name])
        base, seen = heading.get("base"), {name}
        while base and base in raw and base not in seen:
            seen.add(base)
            for key in ("type", "letter", "namespace"):
                heading.setdefault(key, raw[base].get(key, ""))
            base = raw[base].get("base")
        return heading

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The names of the versions that are judged by a description, sorted."""
        return tuple(name for name, heading in self.headings.items() if "assumed" not in heading)

    @cached_property
    def assumed_names(self) -> tuple[str, ...]:
        """The names of the versions that are read as another and not judged."""
        return tuple(name for name, heading in self.headings.items() if "assumed" in heading)

    @cached_property
    def _by_letter(self) -> dict[tuple[str, str, str], str]:
        return {
            (heading["namespace"], heading["letter"], heading["version"]): name
            for name, heading in self.headings.items()
        }

    @cached_property
    def _in_any_namespace(self) -> dict[str, str]:
        return {heading["version"]: name for name, heading in self.headings.items() if heading["namespace"] == ANY}

    @cached_property
    def _by_edifact(self) -> dict[tuple[str, ...], str]:
        ordered = sorted(self.headings, key=lambda name: (name in self.own, name))
        return {tuple(self.headings[name].get("edifact", "").split()[:2]): name for name in ordered}

    def of_letter(self, namespace: str, letter: str, *, code: str) -> Version | None:
        """Return the version of an XML letter; None where none is known."""
        name = self._by_letter.get((namespace, letter, code))
        if name is None and is_medcom(namespace):
            name = self._in_any_namespace.get(code)
        return None if name is None else self.version(name)

    def of_edifact(self, message: str, association: str) -> Version | None:
        """Return the version of a message of EDIFACT; None where none is known."""
        name = self._by_edifact.get((message, association))
        return None if name is None else self.version(name)

    def of_namespace(self, namespace: str) -> tuple[str, ...]:
        """Return the names of the versions in a namespace."""
        return tuple(name for name, heading in self.headings.items() if heading["namespace"] == namespace)

    def path(self, name: str) -> Path:
        """Return the file that describes a version. Raises KeyError."""
        return self.own.get(name) or self.assumed_files.get(name) or self.files[name]

    def version(self, name: str) -> Version:
        """Return a version by its name. Raises KeyError where there is none, ConfigurationError for a faulty file."""
        if name not in self._versions:
            path = self.path(name)
            try:
                tree = self._tree(path, ())
                heading = heading_of(tree)
                if "assumed" in heading:
                    take_out_wildcards(tree)
                if heading.get("namespace") == ANY:
                    tree.below.append(NotationLine(f"namespace {self._namespace(heading['base'])}", 0))
                self._versions[name] = version_of(tree, name, title=title_of(text_of(path)))
            except NotationError as error:
                raise fault(
                    Path(error.line.file or path), error.line.number, reason=error.reason, hint=error.hint
                ) from error
        return self._versions[name]

    def _namespace(self, base: str) -> str:
        """Return the namespace of the version that one of any namespace is read as."""
        namespace = self.headings[base]["namespace"]
        return namespace if namespace != ANY else self._namespace(self.headings[base]["base"])

    def _tree(self, path: Path, above: tuple[Path, ...]) -> NotationLine:
        """Return all lines of a version, with those of its base."""
        top = lines(text_of(path), str(path))
        check_heading(top)
        line = next((line for line in top.below if line.word()[0] == "base"), None)
        if line is None:
            return top
        base = self._base(line, path)
        if base in (*above, path):
            raise NotationError(line, "the version is its own base", hint="name a base that is described whole")
        return merged(top, self._tree(base, (*above, path)))

    def _base(self, line: NotationLine, path: Path) -> Path:
        """Return the file of a base; a file of the operator may build on the toolkit's of the same name."""
        name = line.word()[1]
        candidates = (self.own.get(name), self.assumed_files.get(name), self.files.get(name))
        base = next((file for file in candidates if file is not None and file != path), None)
        if base is None:
            if name == path.stem:
                return path
            raise NotationError(line, f"there is no version {name!r}", hint=f"known: {', '.join(self.headings)}")
        return base


def take_out_wildcards(line: NotationLine) -> None:
    """Let `FTX+RRO,*` read RRO alone: what an assumed version means by another code is not known."""
    line.text = line.text.replace(",*", "")
    for below in line.below:
        take_out_wildcards(below)


def is_medcom(namespace: str) -> bool:
    """Whether a namespace is one of MedCom's schemas, whatever its date."""
    return namespace.startswith(NAMESPACE_START) and NAMESPACE_PART in namespace


def files_in(folder: Path) -> list[Path]:
    """Return the files of an operator's folder. Raises ConfigurationError where there is none."""
    if not folder.is_dir():
        raise ConfigurationError(f"{folder} is not a folder", field="versions", hint="name a folder with .txt files")
    files = sorted(path for path in folder.glob("*.txt") if path.is_file())
    if not files:
        hint = "a version's or a bridge's file ends in .txt; docs/guide/versions.md shows how to write one"
        raise ConfigurationError(f"{folder} holds no version and no bridge", field="versions", hint=hint)
    return files


def text_of(path: Path) -> str:
    """Read a file. Raises ConfigurationError where that can't be done."""
    try:
        data = path.read_bytes()
        if len(data) > MAX_FILE_BYTES:
            raise fault(path, 1, reason=f"the file is larger than {MAX_FILE_BYTES} bytes", hint="cut it into several")
        text = data.decode("utf-8-sig")
    except OSError as error:
        hint = "check its name and rights"
        raise ConfigurationError(f"{path} can't be read: {error.strerror}", field="versions", hint=hint) from error
    except UnicodeDecodeError as error:
        number = error.object[: error.start].count(b"\n") + 1
        raise fault(path, number, reason="not UTF-8", hint="save the file as UTF-8") from error
    for number, line in enumerate(text.splitlines(), 1):
        margin = line[: len(line) - len(line.lstrip())]
        if "\t" in margin or (len(margin) % 2 and line.strip()):
            raise fault(
                path,
                number,
                reason="indented by a tab or by an odd number of blanks",
                hint="indent by two blanks a level",
            )
    return text


def heading_in(path: Path) -> dict[str, str]:
    """Read the lines at the margin of a file only."""
    heading = {}
    for line in text_of(path).splitlines():
        if line[:1] not in ("", " ", "#"):
            key, _, value = line.rstrip().partition(" ")
            heading[key] = value.strip()
    return heading


def fault(path: Path, number: int, *, reason: str, hint: str) -> ConfigurationError:
    """Return the error that names file, line, reason and the way out."""
    return ConfigurationError(f"{path}, line {number}: {reason}", field="versions", hint=hint)
