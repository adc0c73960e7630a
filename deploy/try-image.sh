#!/bin/sh
# Starts an image as compose.yaml does, read-only and without rights, and says whether it becomes healthy and answers:
#   podman build --format docker -f deploy/Containerfile -t linli . && deploy/try-image.sh linli
# (without --format docker podman leaves the health check out.) It has a network of its own and opens no port here. PODMAN is
# the program with its options, RUN further options of `run`. Ends with 0 when everything held, else with 1 and what didn't.
set -eu
image=${1:?an image, for example linli}
podman=${PODMAN:-podman}
name=try-image-$$

fail() {
  echo "try-image: $1" >&2
  $podman logs "$name" >&2 2>/dev/null || true
  exit 1
}
end() {
  $podman rm --force --time 10 "$name" >/dev/null 2>&1 || true
}
trap end EXIT
trap 'exit 1' INT TERM

ask() { # the path and query of an address
  $podman exec "$name" python -c 'import sys, urllib.request as u; print(u.urlopen(sys.argv[1], timeout=10).read().decode())' \
    "http://127.0.0.1:8000$1"
}

# shellcheck disable=SC2086 # options are words
$podman run --detach --name "$name" --network none --read-only --cap-drop all --security-opt no-new-privileges \
  --tmpfs /tmp:mode=1777 --tmpfs /var/lib/kg:mode=1777 ${RUN:-} "$image" >/dev/null

waited=0
until ask /readyz >/dev/null 2>&1; do
  [ "$($podman inspect --format '{{.State.Running}}' "$name")" = true ] || fail "it ended before it was ready"
  [ $waited -lt 60 ] || fail "it wasn't ready in a minute"
  waited=$((waited + 1))
  sleep 1
done
echo "it is ready"

answer=$(ask '/sparql?query=SELECT(COUNT(*)AS%20?n)%7B?s%20?p%20?o%7D' | tr -cd '[:print:]') || fail "/sparql refused"
case $answer in *'"value"'*) ;; *) fail "/sparql answered: $answer" ;; esac
echo "/sparql answers: $answer"

user=$($podman exec "$name" python -c 'import os; print(os.getuid())')
[ "$user" = 10001 ] || fail "it runs as user $user"
$podman exec "$name" python -c 'import os, sys; sys.exit(not os.statvfs("/").f_flag & os.ST_RDONLY)' \
  || fail "its file system can be written"
echo "runs as user $user; its file system is read-only"

$podman healthcheck run "$name" || fail "its health check failed"
echo "its health check passes"

$podman stop --time 20 "$name" >/dev/null
status=$($podman inspect --format '{{.State.ExitCode}}' "$name")
[ "$status" = 0 ] || fail "told to end, it ended with $status"
echo "told to end, it ends with 0"
