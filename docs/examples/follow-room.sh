#!/usr/bin/env bash
# Prints what is said in a room, each message once and in order, with nothing but HTTP: curl and jq. It may lose its
# connection, or its gateway, at any time. docs/clients.md says more.
#
#   follow-room.sh http://127.0.0.1:8080 ana 'correct horse' 68f…
set -euo pipefail
api=$1/api/v1 username=$2 password=$3 room=$4
after=0
page=$(mktemp)
trap 'rm -f "$page"' EXIT

log_in() {
    jq -n --arg username "$username" --arg password "$password" '$ARGS.named' |
        curl -fsS --max-time 20 --retry 1000 --retry-connrefused --json @- "$api/auth/login" |
        jq -r .data.accessToken
}

token=$(log_in)
while true; do
    # The header is not on the command line, where others could read it. 000: no answer at all.
    status=$(curl -sS --max-time 20 --config - --output "$page" --write-out '%{http_code}' \
        "$api/chatrooms/$room/messages?after=$after&limit=100" <<<"oauth2-bearer = $token") || status=000
    case $status in
        200)
            jq -r '.data.items[] | "\(.seq) user \(.senderId): \(.content.text // "")"' "$page"
            after=$(jq --argjson after "$after" '[.data.items[].seq, $after] | max' "$page")
            # A full page is followed by the next at once.
            [[ $(jq .data.nextCursor "$page") != null ]] || sleep 1
            ;;
        401) token=$(log_in) ;;
        403 | 404)
            jq -r '"refused: \(.error.code)"' "$page" >&2
            exit 1
            ;;
        *) sleep 2 ;;
    esac
done
