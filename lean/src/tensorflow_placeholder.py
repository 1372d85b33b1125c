"""Inert stand-ins for TensorFlow, so that Rasa can be imported without it.

Rasa 3.6 imports TensorFlow at start-up even if nothing in the pipeline uses it, which costs 3 s,
450 MB of memory and 1.9 GB of disk. Here every attribute of `tensorflow`, `keras` and their friends
is a placeholder class: it can be a base class, a decorator, a type annotation and can be
subscripted. Only what Rasa itself does on every start may be called; anything else says clearly
that the full environment is needed.
"""

from __future__ import annotations

import abc
import importlib.abc
import importlib.machinery
import sys
import types
from collections.abc import Sequence
from typing import Any, NoReturn

ADVICE = (
    "{name} was called, but this is the lean environment, in which TensorFlow is only a "
    "placeholder. DIET, TED, UnexpecTED, the response selector and the ConveRT and language-model "
    "featurizers need the full environment: make setup FULL=1"
)

# What Rasa calls on every start, whatever the pipeline (it sets log levels, devices and seeds).
_HARMLESS_CALLS = frozenset(
    {
        "tensorflow.autograph.set_verbosity",
        "tensorflow.config.experimental.list_physical_devices",
        "tensorflow.config.list_physical_devices",
        "tensorflow.config.threading.set_inter_op_parallelism_threads",
        "tensorflow.config.threading.set_intra_op_parallelism_threads",
        "tensorflow.get_logger",
        "tensorflow.get_logger().setLevel",
        "tensorflow.random.set_seed",
    }
)


class TensorFlowMissingError(RuntimeError):
    """Something that needs the real TensorFlow was called in the lean environment."""


class PlaceholderType(abc.ABCMeta):
    """Metaclass of every placeholder: answers attributes, subscripts and harmless calls."""

    def __getattr__(cls, name: str) -> Any:
        """Returns the placeholder called `name` below this one."""
        if name.startswith("__"):
            raise AttributeError(name)
        value = _placeholder(f"{cls._full_name}.{name}")
        setattr(cls, name, value)
        return value

    def __getitem__(cls, _item: object) -> PlaceholderType:
        """Lets a placeholder stand in subscripted annotations such as `Tensor[float]`."""
        return cls

    def __call__(cls, *args: Any, **kwargs: Any) -> Any:
        """Acts as a decorator, answers a harmless call, and refuses every other one."""
        if cls._is_subclassed_by_caller():
            return super().__call__(*args, **kwargs)
        if cls._full_name in _HARMLESS_CALLS:
            return _placeholder(f"{cls._full_name}()")
        if len(args) == 1 and not kwargs and isinstance(args[0], types.FunctionType):
            return args[0]
        _refuse(cls._full_name)

    def _is_subclassed_by_caller(cls) -> bool:
        return "_full_name" not in cls.__dict__


class Placeholder(metaclass=PlaceholderType):
    """Base of all placeholders; making an instance of one, or of a subclass, is refused."""

    _full_name = "tensorflow"

    def __new__(cls, *_args: Any, **_kwargs: Any) -> Any:
        """Refuses, with advice: Rasa's neural models end here when they are really built."""
        _refuse(cls.__name__)


def _refuse(name: str) -> NoReturn:
    raise TensorFlowMissingError(ADVICE.format(name=name))


def _placeholder(full_name: str) -> PlaceholderType:
    return PlaceholderType(
        full_name.rpartition(".")[2],
        (Placeholder,),
        {"_full_name": full_name, "__module__": full_name.rpartition(".")[0]},
    )


class _PlaceholderModule(types.ModuleType):
    """A module that has every public name, each a placeholder."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        value = _placeholder(f"{self.__name__}.{name}")
        setattr(self, name, value)
        return value


class _PlaceholderFinder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Imports any submodule of the packages given to `install`."""

    def __init__(self) -> None:
        self.packages: set[str] = set()

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None = None,
        target: types.ModuleType | None = None,
    ) -> importlib.machinery.ModuleSpec | None:
        """Returns a spec for `package.anything`, and None for every other name."""
        package, dot, _ = fullname.partition(".")
        if not dot or package not in self.packages:
            return None
        return importlib.machinery.ModuleSpec(fullname, self, is_package=True)

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> types.ModuleType:
        """Makes the empty placeholder module."""
        return _PlaceholderModule(spec.name)

    def exec_module(self, module: types.ModuleType) -> None:
        """Has nothing to run: a placeholder module's names are made when asked for."""


_finder = _PlaceholderFinder()


def install(package: str) -> None:
    """Turns the top-level package of this name, which is being imported, into a placeholder.

    Args:
        package: name of a module in `sys.modules`, for example "tensorflow".
    """
    sys.modules[package].__class__ = _PlaceholderModule
    _finder.packages.add(package)
    if _finder not in sys.meta_path:
        sys.meta_path.append(_finder)
