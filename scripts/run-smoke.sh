#!/usr/bin/env bash
# Ask the deployed application from outside whether it is whole.
set -euo pipefail

usage() {
  cat <<'TEXT'
Usage: scripts/run-smoke.sh [OPTION...]

Runs the smoke tests against the application at the load balancer's address. docs/smoke-tests.md says what they look at.

  --alb-url URL         where it is to be reached; else the output url of the Terraform configuration
  --expect-version V    the version, or the commit, that has to run
  --cluster C           ask AWS too, with your credentials: the ECS cluster,
  --service S           and the service in it
  --aws                 the same, with the names that Terraform's outputs tell
  --timeout N           seconds to wait, in all, for a deployment to settle (120)
  --budget N            seconds that one answer may take (2)
  --p95 N               seconds that 95 % of the answers may take (1)
  --requests N          requests to measure the latency by (20)
  --dry-run             print the command and do nothing
  -h, --help            print this

Other options are pytest's, as --junit-xml=FILE. Without .venv, packages are installed into build/smoke.
Exit code 0 where all is well, 1 where something is not, 4 where an option is wrong or no address is known.
TEXT
}

fail() {
  echo "run-smoke: $1" >&2
  exit "${2:-4}"
}

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

# output NAME: an output of the applied configuration.
output() {
  local value
  command -v terraform >/dev/null || fail "--aws takes names from Terraform's outputs, and there is no terraform on PATH"
  value=$(terraform "-chdir=$root/terraform" output -no-color -raw "$1" 2>/dev/null) && [[ $value =~ ^[A-Za-z0-9_-]+$ ]] ||
    fail "Terraform has no output $1: apply the stack first, or give --cluster and --service"
  printf '%s' "$value"
}

# usable PYTHON: whether it can run the tests.
usable() {
  [[ -x $1 ]] && "$1" -c 'import boto3, pytest, requests' 2>/dev/null
}

dry_run=false
aws=false
options=()
for option in "$@"; do
  case $option in
    -h | --help) usage && exit 0 ;;
    --dry-run) dry_run=true ;;
    --aws) aws=true ;;
    *) options+=("$option") ;;
  esac
done

if $aws; then
  cluster=$(output ecs_cluster_name)
  service=$(output ecs_service_name)
  options+=(--cluster "$cluster" --service "$service")
fi

python=$root/.venv/bin/python
if ! usable "$python"; then
  python=$root/build/smoke/bin/python
  if ! $dry_run && ! usable "$python"; then
    echo "run-smoke: installing what the tests need into build/smoke" >&2
    "${PYTHON:-python3}" -m venv --clear "$root/build/smoke" || fail "no environment can be made: Python 3.11 and venv are needed" 2
    "$python" -m pip install --disable-pip-version-check --quiet --require-hashes \
      --requirement "$root/smoke/requirements.lock" || fail "what the tests need could not be installed" 2
  fi
fi

command=("$python" -m pytest smoke ${options[@]+"${options[@]}"})
if $dry_run; then
  printf '%q ' "${command[@]}"
  echo
  exit 0
fi

cd "$root"
exec "${command[@]}"
