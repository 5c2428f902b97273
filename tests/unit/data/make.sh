#!/bin/sh
# Makes plan.json anew: applies `before`, adds a deposed object as an interrupted replacement leaves one, plans `after`.
set -eu
cd "$(dirname "$0")"
here=$PWD
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
printf '{"version":4,"terraform_version":"1.11.4","serial":1,"lineage":"x","outputs":{"name":{"value":"other","type":"string"}},"resources":[]}' \
  > "$work/other.tfstate"
cp before/main.tf "$work" && cd "$work"
terraform init -no-color > /dev/null && terraform apply -auto-approve -no-color > /dev/null
python3 - terraform.tfstate <<'PYTHON'
import json, sys
state = json.load(open(sys.argv[1]))
kept = next(resource for resource in state["resources"] if resource["name"] == "kept")
kept["instances"].append({**kept["instances"][0], "deposed": "0badcafe"})
json.dump(state, open(sys.argv[1], "w"))
PYTHON
cp -r "$here"/after/. . && terraform init -no-color > /dev/null && terraform plan -no-color -out plan > /dev/null
terraform show -json plan | python3 -m json.tool --indent 1 > "$here/plan.json"
