#!/bin/sh
# Makes or refreshes the Python environment. Called by the Makefile; safe to run again: it skips what is done.
#
#   scripts/bootstrap.sh run    .venv with what the chatbot needs           (requirements.txt)
#   scripts/bootstrap.sh dev    .venv with tests, checks and benchmarks too (requirements-dev.txt)
#   scripts/bootstrap.sh full   .venv-full with the real TensorFlow         (requirements-full.txt)
set -eu
cd "$(dirname "$0")/.."

PYTHON_SERIES=3.10
UV_OWN=.uv
level=${1:-run}

say() { printf '==> %s\n' "$*"; }
fail() {
    printf '\nSet-up stopped: %s\n' "$1" >&2
    shift
    for advice in "$@"; do printf '    %s\n' "$advice" >&2; done
    exit 1
}

case $level in
    run)  venv=.venv;      lock=requirements.txt ;;
    dev)  venv=.venv;      lock=requirements-dev.txt ;;
    full) venv=.venv-full; lock=requirements-full.txt ;;
    *) fail "unknown level '$level'" "use run, dev or full" ;;
esac
stamp=$venv/.setup-complete

# The stamp says which level is installed and from which files; any change to them installs again.
fingerprint() {
    find requirements.txt requirements-dev.txt requirements-full.txt lean/build_wheels.py lean/src \
        scripts/bootstrap.sh -type f -not -name '*.pyc' 2>/dev/null | LC_ALL=C sort |
        while read -r file; do cat "$file"; done | cksum | tr ' ' '-'
}

installed_level() {
    [ -x "$venv/bin/python" ] && [ -f "$stamp" ] || return 0
    read -r was_level was_print <"$stamp" || return 0
    if [ "$was_print" = "$wanted_print" ]; then echo "$was_level"; fi
}

uv_works() { "$1" --version >/dev/null 2>&1; }

# A `uv` on the PATH may be a version manager's shim that only prints an error, so each one is tried.
find_uv() {
    for candidate in "${UV:-uv}" "$UV_OWN/bin/uv" "$HOME/.local/bin/uv" "$HOME/.cargo/bin/uv"; do
        if uv_works "$candidate"; then
            uv=$candidate
            return 0
        fi
    done
    return 1
}

is_wanted_python() {
    [ "$("$1" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null)" = "$PYTHON_SERIES" ]
}

# Looks on the PATH and in pyenv's folder, which counts even when its shims are not on the PATH.
find_python() {
    for candidate in "${PYTHON:-}" "python$PYTHON_SERIES" python3 python \
        "${PYENV_ROOT:-$HOME/.pyenv}/versions/$PYTHON_SERIES".*/bin/python; do
        if [ -n "$candidate" ] && is_wanted_python "$candidate"; then
            python=$("$candidate" -c 'import sys; print(sys.executable)')
            return 0
        fi
    done
    return 1
}

uv_from_pip() {
    for candidate in "${python:-}" python3 python \
        "${PYENV_ROOT:-$HOME/.pyenv}"/versions/3.*/bin/python; do
        if [ -n "$candidate" ] && "$candidate" -m venv --clear "$UV_OWN" >/dev/null 2>&1 &&
            "$UV_OWN/bin/python" -m pip install -q --disable-pip-version-check uv >/dev/null 2>&1; then
            return 0
        fi
    done
    return 1
}

uv_from_installer() {
    address=https://astral.sh/uv/install.sh
    if command -v curl >/dev/null 2>&1; then fetch="curl -LsSf --connect-timeout 20 $address"
    elif command -v wget >/dev/null 2>&1; then fetch="wget -qO- --timeout=20 $address"
    else return 1; fi
    rm -rf "$UV_OWN"
    script=$($fetch 2>/dev/null) && [ -n "$script" ] || return 1
    printf '%s\n' "$script" | env UV_INSTALL_DIR="$PWD/$UV_OWN/bin" UV_NO_MODIFY_PATH=1 sh >/dev/null 2>&1
}

ensure_uv() {
    find_uv && return 0
    say "Fetching uv, the installer, into $UV_OWN/"
    uv_from_pip || uv_from_installer || true
    uv=$UV_OWN/bin/uv
    uv_works "$uv" || fail "uv could not be fetched." \
        "Check the network, then run the same command again." \
        "Or install uv yourself (https://docs.astral.sh/uv/getting-started/installation/)," \
        "or, on Debian and Ubuntu: apt install python3-venv, then run the same command again."
}

ensure_python() {
    find_python && return 0
    python=$("$uv" python find "$PYTHON_SERIES" 2>/dev/null) && is_wanted_python "$python" && return 0
    say "Fetching Python $PYTHON_SERIES (Rasa 3.6 does not run on a newer one)"
    "$uv" python install "$PYTHON_SERIES" || fail "Python $PYTHON_SERIES could not be fetched." \
        "Check the network and run the same command again, or install it yourself" \
        "(for example: pyenv install $PYTHON_SERIES) or name one: make setup PYTHON=/path/to/python3.10"
    python=$("$uv" python find "$PYTHON_SERIES") && is_wanted_python "$python" ||
        fail "Python $PYTHON_SERIES was fetched but not found." "Name one: make setup PYTHON=/path/to/python3.10"
}

ensure_venv() {
    is_wanted_python "$venv/bin/python" && return 0
    say "Creating $venv with $("$python" --version 2>&1)"
    rm -rf "$venv"
    "$uv" venv -q --python "$python" "$venv" || fail "$venv could not be created." \
        "Is this folder writable, and is the disk full? (df -h .)"
}

# On a terminal uv draws its own progress; in a log its 170 lines would only hide ours.
quiet_unless_terminal() { if [ -t 2 ]; then echo ""; else echo "-q"; fi; }

install_lock() {
    say "Installing $(grep -c '==' "$lock") locked packages into $venv (the first time takes a minute or two)"
    # shellcheck disable=SC2046  # an empty answer must vanish
    "$uv" pip sync $(quiet_unless_terminal) --python "$venv/bin/python" --require-hashes \
        --compile-bytecode "$lock" || fail "the packages of $lock could not be installed." \
        "Check the network and the disk space (df -h .), then run the same command again." \
        "If a hash does not match, the lock is out of date: make lock"
}

install_placeholders() {
    wheels=.cache/lean
    rm -rf "$wheels"
    built=$("$venv/bin/python" lean/build_wheels.py "$wheels") || fail "the TensorFlow placeholders were not built." \
        "The line above says why."
    # shellcheck disable=SC2086  # one argument for each wheel; their names hold no blanks
    "$uv" pip install -q --python "$venv/bin/python" --no-deps --no-index --compile-bytecode $built ||
        fail "the TensorFlow placeholders could not be installed."
}

started=$(date +%s)
wanted_print=$(fingerprint)
have=$(installed_level)
if [ "$have" = "$level" ] || { [ "$level" = run ] && [ "$have" = dev ]; }; then exit 0; fi
# What was set up for developing stays so: `make run` after an update must not take the tests' tools away.
if [ "$level" = run ] && [ -f "$stamp" ] && grep -q '^dev ' "$stamp"; then
    level=dev
    lock=requirements-dev.txt
fi

python=
find_python || true
ensure_uv
ensure_python
ensure_venv
rm -f "$stamp"
install_lock
if [ "$level" != full ]; then install_placeholders; fi
"$uv" pip check -q --python "$venv/bin/python" || fail "the installed packages do not fit together." \
    "Remove the folder $venv and run the same command again."
printf '%s %s\n' "$level" "$wanted_print" >"$stamp"
say "Environment $venv is ready ($(($(date +%s) - started)) s)"
