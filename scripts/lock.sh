#!/usr/bin/env bash
# Resolve what pyproject.toml asks for into requirements/*.lock, every file of every release with its hash.
set -euo pipefail
cd "$(dirname "$0")/.."

python=${PYTHON:-python3}
tools=build/lock

if [[ ! -x $tools/bin/uv ]]; then
  "$python" -m venv "$tools"
  "$tools/bin/python" -m pip install --disable-pip-version-check --quiet --quiet uv
fi

# lock NAME WHAT...: newest releases for every platform and Python that pyproject.toml allows.
lock() {
  echo "requirements/$1.lock"
  "$tools/bin/uv" pip compile --quiet --no-config --no-emit-index-url --custom-compile-command 'make lock' \
    --universal --python-version 3.11 --generate-hashes --upgrade \
    --output-file "requirements/$1.lock" "${@:2}"
}

# listed KEY...: a list of requirements in pyproject.toml, one a line.
listed() {
  "$python" - "$@" <<'PYTHON'
import functools, sys, tomllib
with open("pyproject.toml", "rb") as file:
    print(*functools.reduce(dict.__getitem__, sys.argv[1:], tomllib.load(file)), sep="\n")
PYTHON
}

lock dev --group dev pyproject.toml
# These two join dev.lock's packages in one environment, so they must agree with it.
listed build-system requires | lock build --constraints requirements/dev.lock -
listed project optional-dependencies embedded | lock embedded --constraints requirements/dev.lock -
