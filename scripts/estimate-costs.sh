#!/usr/bin/env bash
# What the environments cost a month, side by side, by service and by resource.
set -euo pipefail

usage() {
  cat <<'TEXT'
Usage: scripts/estimate-costs.sh [OPTION...]

Plans every environment, without an account, and prints what each costs a month in US dollars: by service, by resource,
the assumptions behind it, what could be saved, what has no price, and whether the budgets are kept.

  --environment NAME       only this one (may be repeated)
  --base REVISION          what the changes since a git revision cost; a plan file or a folder of them will do, too
  --plan-json FILE         a plan that `stackproof plan --resolve --out` wrote, instead of planning (may be repeated)
  --prices sheet|api|FILE  the dated price sheet (default), the AWS Price List with your credentials, or your own sheet
  --usage FILE             assumptions other than costs/usage.toml
  --parts                  what each amount is made of
  --format json            for programs
  --dry-run                print the command and do nothing
  -h, --help               print this

Exit code 0 where every budget is kept, 1 where one is not, or may not be, 2 where it could not be told.
TEXT
}

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

dry_run=false
options=()
for option in "$@"; do
  case $option in
    -h | --help) usage && exit 0 ;;
    --dry-run) dry_run=true ;;
    *) options+=("$option") ;;
  esac
done

stackproof=$root/.venv/bin/stackproof
if [[ ! -x $stackproof ]] && ! stackproof=$(command -v stackproof); then
  echo "estimate-costs: there is no stackproof in .venv or on PATH. Run: make setup" >&2
  exit 2
fi

command=("$stackproof" cost ${options[@]+"${options[@]}"})
if $dry_run; then
  printf '%q ' "${command[@]}"
  echo
  exit 0
fi

# Settings are looked for from the working folder upward.
[[ $PWD/ == "$root"/* ]] || cd "$root"
exec "${command[@]}"
