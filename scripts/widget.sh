#!/bin/sh
# Builds the web front end (widget/dist); with `test`, runs its unit tests. Called by the Makefile after `scripts/bootstrap.sh`.
set -eu
cd "$(dirname "$0")/.."

OLDEST_NODE=18
NODE_VENV=.cache/node

if [ ! -f widget/package.json ]; then
    echo "==> No widget to build: widget/package.json does not exist"
    exit 0
fi

node_is_recent() {
    command -v npm >/dev/null 2>&1 &&
        [ "$(node -p 'process.versions.node.split(".")[0]' 2>/dev/null || echo 0)" -ge "$OLDEST_NODE" ]
}

# A machine without Node.js gets one from a Python package, in a folder of its own.
fetch_node() {
    echo "==> Fetching Node.js into $NODE_VENV"
    uv=.uv/bin/uv
    if ! "$uv" --version >/dev/null 2>&1; then uv=uv; fi
    "$uv" venv -q --clear --python .venv/bin/python "$NODE_VENV"
    "$uv" pip sync -q --python "$NODE_VENV/bin/python" --require-hashes requirements-node.txt
}

PATH=$PWD/$NODE_VENV/bin:$PATH
export PATH
if ! node_is_recent; then
    fetch_node || true
    node_is_recent || {
        echo "The widget needs Node.js $OLDEST_NODE or newer (with npm): install it and run the same command again." >&2
        exit 1
    }
fi
cd widget
if [ "${1:-build}" = test ]; then
    exec npm test
fi
npm ci --no-audit --no-fund --loglevel=error
npm run build
