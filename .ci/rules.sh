#!/bin/sh
# Checks and plays deploy/prometheus-rules.yml with promtool: this machine's, or the one of Debian's package, unpacked
# beside (installing it would start a Prometheus).
set -eu
cd "$(dirname "$0")/.."
folder=$(mktemp -d -t portfolio-e5-rules.XXXXXX)
trap 'rm -rf "$folder"' EXIT
if ! promtool=$(command -v promtool); then
    (cd "$folder" && apt-get download --quiet prometheus >log 2>&1 || { cat log >&2; exit 1; })
    dpkg-deb --extract "$folder"/prometheus_*.deb "$folder"
    promtool=$folder/usr/bin/promtool
fi
"$promtool" check rules deploy/prometheus-rules.yml
"$promtool" test rules tests/processes/prometheus-rules-test.yml
