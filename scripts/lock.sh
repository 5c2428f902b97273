#!/usr/bin/env bash
# Resolve what pyproject.toml and the application ask for into lock files, every file of every release with its hash.
set -euo pipefail
cd "$(dirname "$0")/.."

python=${PYTHON:-python3}
tools=build/lock

if [[ ! -x $tools/bin/uv ]]; then
  "$python" -m venv "$tools"
  "$tools/bin/python" -m pip install --disable-pip-version-check --quiet --quiet uv
fi

# lock FILE WHAT...: newest releases for every platform and Python that pyproject.toml allows.
lock() {
  echo "$1.lock"
  "$tools/bin/uv" pip compile --quiet --no-config --no-emit-index-url --custom-compile-command 'make lock' \
    --universal --python-version 3.11 --generate-hashes --upgrade \
    --output-file "$1.lock" "${@:2}"
}

# listed KEY...: a list of requirements in pyproject.toml, one a line.
listed() {
  "$python" - "$@" <<'PYTHON'
import functools, sys, tomllib
with open("pyproject.toml", "rb") as file:
    print(*functools.reduce(dict.__getitem__, sys.argv[1:], tomllib.load(file)), sep="\n")
PYTHON
}

lock requirements/dev --group dev pyproject.toml
# These two join dev.lock's packages in one environment, so they must agree with it.
listed build-system requires | lock requirements/build --constraints requirements/dev.lock -
listed project optional-dependencies embedded | lock requirements/embedded --constraints requirements/dev.lock -
# The image has its own environment, and the tests, in this one, should say something about it.
lock app/requirements --constraints requirements/dev.lock app/requirements.in
lock app/requirements-test --constraints requirements/dev.lock app/requirements-test.in
# The smoke tests run wherever the application is deployed from, and need not be one environment with anything.
lock smoke/requirements --constraints requirements/dev.lock smoke/requirements.in
