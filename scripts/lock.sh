#!/bin/sh
# Compiles the requirements*.in files into hashed locks that name no package registry.
set -eu
cd "$(dirname "$0")/.."

uv=.uv/bin/uv
if ! "$uv" --version >/dev/null 2>&1; then uv=uv; fi

compile() {
    source=$1
    shift
    echo "==> Locking ${source%.in}.txt"
    "$uv" pip compile -q --python .venv/bin/python --generate-hashes --no-header --no-annotate "$@" \
        "$source" -o "${source%.in}.txt"
}

# The run-time lock takes its versions from the larger one, so that .venv holds one set of them.
compile requirements-dev.in --override overrides.txt "$@"
compile requirements.in --override overrides.txt --constraint requirements-dev.txt
compile requirements-full.in "$@"
compile requirements-node.in "$@"
compile requirements-training.in --python-version 3.11 "$@"

if grep -nE '://|--index-url|--find-links' requirements*.txt; then
    echo "A lock names an address (above): a registry must not be in it." >&2
    exit 1
fi
