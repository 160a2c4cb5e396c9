#!/usr/bin/env bash
# Prints the changelog: the entries below changelog/, by version, newest first, and in a version by kind. An entry whose first line is not
# "Kind: title" is an error.
#
#   ci/changelog.sh >CHANGELOG.md
set -euo pipefail
cd "$(dirname "$0")/../changelog"
kinds='Security Bugfix Change Enhancement'

for entry in */*.md; do
  head -n 1 "$entry" | grep -qE "^(${kinds// /|}): ." ||
    { echo "changelog/$entry: expected a first line 'KIND: TITLE' with one of $kinds" >&2; exit 1; }
done

echo '# Changelog'
for version in $(printf '%s\n' */ | sort --reverse --version-sort); do # unreleased sorts above numbers
  printf '\n## %s\n' "${version%/}"
  for kind in $kinds; do
    for entry in $(grep -l "^$kind: " "$version"*.md || true); do
      printf '\n### %s\n' "$(head -n 1 "$entry")"
      tail -n +2 "$entry"
    done
  done
done
