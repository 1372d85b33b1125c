"""Read a YAML file so that every mistake can be told by file, line and fix.

PyYAML's composed nodes carry their line numbers; `YamlFile` keeps them beside the plain data, and
`validated` turns pydantic's errors into `Problem`s at those lines.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ConstrainedStr, Extra, ValidationError

Place = tuple[str | int, ...]
"""The way to an entry in a file: keys of mappings and positions in lists."""

M = TypeVar("M", bound=BaseModel)


class Words(ConstrainedStr):
    """A sentence or name: not empty, without blanks at its ends."""

    strip_whitespace = True
    min_length = 1


class Entry(BaseModel):
    """Base of all that is read from YAML: unknown keys are refused, nothing changes later."""

    class Config:
        """Settings of pydantic."""

        extra = Extra.forbid
        frozen = True
        allow_population_by_field_name = True


@dataclass(frozen=True, order=True)
class Problem:
    """A mistake in a data file, and how to put it right.

    Attributes:
        file: path of the file.
        line: line of the mistake, counted from 1.
        message: what is wrong.
        fix: what to do about it.
    """

    file: str
    line: int
    message: str
    fix: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message}. Fix: {self.fix}."


class DataError(ValueError):
    """One or more mistakes in data files; the message lists them, one a line."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(problems))
        super().__init__("\n".join(str(problem) for problem in self.problems))


@dataclass(frozen=True)
class YamlFile:
    """A YAML file's plain data with the line of every entry.

    Attributes:
        path: where the file is.
        data: the plain data (dicts, lists, scalars).
        lines: line (from 1) of each entry by its `Place`.
    """

    path: Path
    data: Any
    lines: dict[Place, int] = field(repr=False, default_factory=dict)

    def line(self, place: Sequence[str | int]) -> int:
        """Return the line of `place`, or of the nearest entry around it."""
        known = tuple(place)
        while known and known not in self.lines:
            known = known[:-1]
        return self.lines.get(known, 1)

    def problem(self, place: Sequence[str | int], message: str, fix: str) -> Problem:
        """Return a `Problem` at `place`."""
        return Problem(str(self.path), self.line(place), message, fix)


def read_yaml(path: Path) -> YamlFile:
    """Read `path`.

    Raises:
        DataError: when the file is missing, isn't UTF-8 or YAML, or gives a key twice.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise DataError([Problem(str(path), 1, "there is no such file", "add it")]) from None
    except UnicodeDecodeError:
        fix = "save the file as UTF-8"
        raise DataError([Problem(str(path), 1, "the file isn't UTF-8 text", fix)]) from None
    lines: dict[Place, int] = {}
    problems: list[Problem] = []
    loader = yaml.SafeLoader(text)
    try:
        node = loader.get_single_node()
        data = None if node is None else _build(loader, node, (), lines, problems, str(path))
    except yaml.YAMLError as error:
        raise DataError([_syntax_problem(path, error)]) from error
    finally:
        loader.dispose()
    if problems:
        raise DataError(problems)
    return YamlFile(path, data, lines)


def _build(
    loader: yaml.SafeLoader,
    node: yaml.Node,
    place: Place,
    lines: dict[Place, int],
    problems: list[Problem],
    file: str,
) -> Any:
    lines.setdefault(place, node.start_mark.line + 1)
    if isinstance(node, yaml.SequenceNode):
        return [
            _build(loader, child, (*place, index), lines, problems, file)
            for index, child in enumerate(node.value)
        ]
    if not isinstance(node, yaml.MappingNode):
        return loader.construct_object(node)
    built: dict[Any, Any] = {}
    for key_node, child in node.value:
        key = loader.construct_object(key_node, deep=True)
        inner = (*place, key)
        line = key_node.start_mark.line + 1
        if key in built:
            message = f"the key {key!r} stands here twice (first on line {lines[inner]})"
            problems.append(Problem(file, line, message, "keep one of the two"))
        lines[inner] = line
        built[key] = _build(loader, child, inner, lines, problems, file)
    return built


def _syntax_problem(path: Path, error: yaml.YAMLError) -> Problem:
    mark = getattr(error, "problem_mark", None)
    said = getattr(error, "problem", None) or str(error)
    line = 1 if mark is None else mark.line + 1
    fix = (
        'mind the indentation, and put a sentence that holds ": " or starts with a sign in "quotes"'
    )
    return Problem(str(path), line, f"not valid YAML: {said}", fix)


def validated(file: YamlFile, model: type[M]) -> M:
    """Return the data of `file` as `model`.

    Raises:
        DataError: with one problem for each entry that doesn't fit the model.
    """
    if not isinstance(file.data, dict):
        fix = "start with " + ", ".join(f"`{name}:`" for name in _keys(model))
        raise DataError([file.problem((), "expected `key: ...` entries", fix)])
    try:
        return model.parse_obj(file.data)
    except ValidationError as error:
        raise DataError(_explain(file, model, each) for each in error.errors()) from error


def _explain(file: YamlFile, model: type[BaseModel], error: Any) -> Problem:
    place: Place = tuple(part for part in error["loc"] if part != "__root__")
    name = place[-1] if place else ""
    where = " > ".join(str(part) for part in place)
    if error["type"] == "value_error.extra":
        keys = _keys(_model_at(model, place[:-1]))
        fix = (
            f"rename it to {close!r}"
            if (close := nearest(str(name), keys))
            else ("remove it, or use one of: " + ", ".join(keys))
        )
        return file.problem(place, f"unknown key {name!r} ({where})", fix)
    if error["type"] == "value_error.missing":
        return file.problem(place, f"the key {name!r} is missing ({where})", f"add `{name}: ...`")
    return file.problem(place, f"{where}: {error['msg']}", _type_fix(error))


def _type_fix(error: Any) -> str:
    kind = str(error["type"])
    if kind.startswith("type_error.str"):
        return 'write words here; put yes, no, on and off in "quotes"'
    if kind in {"type_error.tuple", "type_error.list", "type_error.sequence"}:
        return "write a list: [one, two], or one `- ...` a line"
    if kind.startswith(("type_error.float", "type_error.integer")):
        return "write a number"
    if kind == "type_error.bool" or kind.startswith("value_error.strictbool"):
        return "write true or false"
    if kind in {"type_error.dict", "type_error.none.not_allowed"}:
        return "fill in this entry; it is empty or has no `key: ...` below it"
    if kind == "value_error.any_str.min_length":
        return "write the sentence"
    return "change it so"


def _keys(model: type[BaseModel]) -> list[str]:
    return [each.alias for each in model.__fields__.values()]


def _model_at(model: type[BaseModel], place: Place) -> type[BaseModel]:
    by_alias = {each.alias: each for each in model.__fields__.values()}
    for index, part in enumerate(place):
        if part in by_alias:
            inner = by_alias[str(part)].type_
            if isinstance(inner, type) and issubclass(inner, BaseModel):
                return _model_at(inner, place[index + 1 :])
    return model


def nearest(name: str, names: Iterable[str]) -> str:
    """Return the entry of `names` that looks most like `name`, or "" when none does."""
    return next(iter(difflib.get_close_matches(name, list(names), 1, 0.6)), "")


def unknown_id(
    file: YamlFile, place: Sequence[str | int], kind: str, name: str, known: Iterable[str]
) -> Problem:
    """Return the problem of an id that doesn't exist, with the nearest one that does."""
    names = sorted(known)
    close = nearest(name, names)
    fix = f"did you mean {close!r}" if close else "use one of: " + ", ".join(names[:12])
    return file.problem(place, f"there is no {kind} {name!r}", fix)
