"""Read a message definition out of the source of a binding, without running it.

A binding module is a flat list of dataclasses and enumerations. Each field is `name: type =
field(..., metadata={...})`, where the metadata are xsdata's. Parsing the source is about ten times
faster than importing it (python-iso20022 imports a whole business area at once), and nothing
foreign is executed.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

from tools.xsd.model import Source

# Both under the MIT licence, which wants its holder named.
PINNED = (
    Source("pyiso20022", "1.6.2", "2021 Peter Houghton"),
    Source("python-iso20022", "0.3.0", "2025 galactixx"),
)

_WRAPPERS = frozenset({"None", "Optional", "list", "List"})


class NotObtainable(LookupError):
    """No pinned binding has the message, or the pinned version is not installed."""


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a binding's class: the type's bare name and xsdata's metadata."""

    type: str
    many: bool
    metadata: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Binding:
    """One binding module. Keys are class names as ISO has them, without a message suffix."""

    source: Source
    root: str
    root_type: str
    namespace: str
    classes: dict[str, tuple[Field, ...]]
    codes: dict[str, tuple[str, ...]]


def installed(source: Source) -> bool:
    """Whether exactly the pinned version is there to be read."""
    try:
        return metadata.version(source.package) == source.version
    except metadata.PackageNotFoundError:
        return False


def sources(message: str) -> tuple[Source, ...]:
    """The pinned and installed bindings that have the message, the preferred one first."""
    return tuple(s for s in PINNED if installed(s) and _module(s, message).is_file())


@cache
def read(message: str, source: Source) -> Binding:
    """Read `message`, such as `pacs.008.001.08`, from one binding.

    Raises:
        NotObtainable: the binding has no such message.
    """
    path = _module(source, message)
    if not path.is_file():
        raise NotObtainable(f"{source.package} {source.version} has no {message}")
    tree = _parse(path)
    suffix = _suffix(message) if source.package == "python-iso20022" else ""
    classes: dict[str, tuple[Field, ...]] = {}
    codes = _imported_codes(path, tree)
    root = root_type = ""
    for node in _class_nodes(tree):
        name = _iso_name(node.name, suffix)
        if _bases(node) == ["Enum"]:
            codes[name] = _codes(node)
        elif (header := _bases(node)[:1]) and _iso_name(header[0], suffix) in classes:
            root, root_type = "AppHdr", _iso_name(header[0], suffix)
        else:
            classes[name] = tuple(_fields(node, suffix))
    if not root:
        root = root_type = "Document"
    return Binding(source, root, root_type, _namespace(tree), classes, codes)


def _suffix(message: str) -> str:
    # python-iso20022 appends the message to each class and names the document after it alone.
    return "".join(part.capitalize() for part in message.split("."))


def _iso_name(class_name: str, suffix: str) -> str:
    return "Document" if class_name == suffix else class_name.removesuffix(suffix)


def _module(source: Source, message: str) -> Path:
    folder = message.replace(".", "_")
    package = source.package.replace("-", "_")
    file = folder if package == "pyiso20022" else "models"
    name = f"{package}/{message[:4]}/{folder}/{file}.py"
    return Path(str(metadata.distribution(source.package).locate_file(name)))


def _parse(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=path.name)


def _class_nodes(tree: ast.Module) -> list[ast.ClassDef]:
    return [node for node in tree.body if isinstance(node, ast.ClassDef)]


def _bases(node: ast.ClassDef) -> list[str]:
    return [base.id for base in node.bases if isinstance(base, ast.Name)]


def _namespace(tree: ast.Module) -> str:
    for node in tree.body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__NAMESPACE__":
            return str(ast.literal_eval(node.value))
    return ""


def _imported_codes(path: Path, tree: ast.Module) -> dict[str, tuple[str, ...]]:
    """Find the code sets that python-iso20022 shares between messages."""
    root = path.parents[3]
    found: dict[str, tuple[str, ...]] = {}
    for node in tree.body:
        if isinstance(node, ast.ImportFrom) and (node.module or "").endswith(".enums"):
            shared = _shared_codes(root.joinpath(*str(node.module).split(".")).with_suffix(".py"))
            found |= {alias.name: shared[alias.name] for alias in node.names}
    return found


@cache
def _shared_codes(path: Path) -> dict[str, tuple[str, ...]]:
    return {node.name: _codes(node) for node in _class_nodes(_parse(path))}


def _codes(node: ast.ClassDef) -> tuple[str, ...]:
    return tuple(ast.literal_eval(s.value) for s in node.body if isinstance(s, ast.Assign))


def _fields(node: ast.ClassDef, suffix: str) -> list[Field]:
    return [
        _field(statement, suffix) for statement in node.body if isinstance(statement, ast.AnnAssign)
    ]


def _field(statement: ast.AnnAssign, suffix: str) -> Field:
    names = _annotation_names(statement.annotation)
    (bare,) = [name for name in names if name not in _WRAPPERS]
    call = statement.value
    if not isinstance(call, ast.Call):
        raise TypeError(f"line {statement.lineno}: a field without xsdata metadata")
    keywords = {keyword.arg: keyword.value for keyword in call.keywords}
    return Field(
        _iso_name(bare, suffix), "list" in names or "List" in names, _literal(keywords["metadata"])
    )


def _annotation_names(annotation: ast.expr) -> list[str]:
    if isinstance(annotation, ast.Constant) and isinstance(annotation.value, str):
        annotation = ast.parse(annotation.value, mode="eval").body
    return [
        node.id if isinstance(node, ast.Name) else "None"
        for node in ast.walk(annotation)
        if isinstance(node, ast.Name | ast.Constant)
    ]


def _literal(node: ast.expr) -> Any:
    """Evaluate a metadata literal; a number is written as `Decimal("0")` and read as its text."""
    if isinstance(node, ast.Dict):
        return {_literal(k): _literal(v) for k, v in zip(node.keys, node.values, strict=True) if k}
    if isinstance(node, ast.Call):
        return _literal(node.args[0])
    return ast.literal_eval(node)
