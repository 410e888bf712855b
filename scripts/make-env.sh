#!/usr/bin/env bash
# Makes .env out of .env.example, with secrets that nobody else has: for compose.yaml.
#
#   scripts/make-env.sh [file]    the file is .env unless named; one that is there is left alone
set -euo pipefail
umask 077
file=${1:-$(dirname "$0")/../.env}
if [[ -e $file ]]; then
    printf 'make-env: %s is there already\n' "$file" >&2
    exit 1
fi
while IFS= read -r line; do
    if [[ $line =~ ^[A-Z_]+=([^:]+:)?$ ]]; then line+=$(openssl rand -hex 32); fi
    printf '%s\n' "$line"
done <"$(dirname "$0")/../.env.example" >"$file"
