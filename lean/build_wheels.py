"""Builds the wheels of the TensorFlow placeholders, offline, with nothing but this folder.

One wheel, `tensorflow-placeholder`, holds the modules under src/. For each TensorFlow distribution
that the installed Rasa asks for on this platform, a wheel without content carries its name and
version, so that `pip check` holds. Run by the environment's own Python:

    python lean/build_wheels.py OUTPUT_FOLDER
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import sys
import zipfile
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement

TESTED_RASA = "3.6.21"
VERSION = "1.0.0"
HOLDER = "tensorflow-placeholder"
SOURCES = Path(__file__).parent / "src"
# A fixed moment keeps the wheels the same, byte for byte, from build to build.
ZIP_TIME = (1980, 1, 1, 0, 0, 0)


def asked_for_by_rasa() -> Iterator[tuple[str, str]]:
    """Yields (name, version) of each TensorFlow distribution that Rasa needs on this platform."""
    for line in distribution("rasa").requires or []:
        requirement = Requirement(line)
        applies = requirement.marker is None or requirement.marker.evaluate({"extra": ""})
        if requirement.name.startswith("tensorflow") and applies:
            lowest = min(
                spec.version for spec in requirement.specifier if spec.operator in ("==", ">=")
            )
            yield requirement.name.replace("_", "-"), f"{lowest}+placeholder"


def write_wheel(folder: Path, name: str, version: str, needs: str, files: dict[str, bytes]) -> Path:
    """Writes one pure-Python wheel.

    Args:
        folder: where to put it.
        name: distribution name, with hyphens.
        version: distribution version.
        needs: the one requirement that its metadata states.
        files: content by path inside the wheel, the metadata excluded.

    Returns:
        The path of the wheel.
    """
    stem = f"{name.replace('-', '_')}-{version}"
    info = f"{stem}.dist-info"
    content = dict(files)
    content[f"{info}/METADATA"] = (
        f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
        "Summary: Placeholder of the lean Rasa environment; holds no TensorFlow\n"
        f"Requires-Dist: {needs}\n"
    ).encode()
    content[f"{info}/WHEEL"] = (
        b"Wheel-Version: 1.0\nGenerator: lean\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    )
    record = "".join(f"{path},{_digest(data)},{len(data)}\n" for path, data in content.items())
    content[f"{info}/RECORD"] = (record + f"{info}/RECORD,,\n").encode()
    target = folder / f"{stem}-py3-none-any.whl"
    with zipfile.ZipFile(target, "w") as wheel:
        for path, data in content.items():
            wheel.writestr(zipfile.ZipInfo(path, ZIP_TIME), data)
    return target


def _digest(data: bytes) -> str:
    encoded = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=")
    return f"sha256={encoded.decode()}"


def build(folder: Path) -> list[Path]:
    """Builds every wheel into `folder` and returns their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    modules = {
        path.relative_to(SOURCES).as_posix(): path.read_bytes()
        for path in sorted(SOURCES.rglob("*"))
        if path.suffix in (".py", ".pth")
    }
    wheels = [write_wheel(folder, HOLDER, VERSION, f"rasa (=={TESTED_RASA})", modules)]
    wheels += [
        write_wheel(folder, name, version, HOLDER, {}) for name, version in asked_for_by_rasa()
    ]
    return wheels


def main() -> int:
    """Builds the wheels and prints their paths, one a line; returns the exit code."""
    parser = argparse.ArgumentParser(description="Build the TensorFlow placeholders' wheels.")
    parser.add_argument("folder", type=Path, help="folder that receives the wheels")
    folder = parser.parse_args().folder
    try:
        installed = distribution("rasa").version
    except PackageNotFoundError:
        print("Rasa is not installed in this environment: run `make setup`.", file=sys.stderr)
        return 1
    if installed != TESTED_RASA:
        print(
            f"The TensorFlow placeholders were tested with Rasa {TESTED_RASA}, "
            f"but {installed} is installed. Go back to {TESTED_RASA} in requirements.in, "
            "or follow lean/README.md to test the placeholders with another version.",
            file=sys.stderr,
        )
        return 1
    for wheel in build(folder):
        print(wheel)
    return 0


if __name__ == "__main__":
    sys.exit(main())
