#!/bin/sh
# Checks what the virtual environment and the embedded engines need from the system (Debian 12 names).
# With the word "tests": also the browser and the queue server that the tests drive.
# As root, installs what is missing; otherwise prints the exact line to type and stops.
set -eu

python=${PYTHON:-python3}
missing=

if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
    if command -v "$python" >/dev/null; then
        echo "Il faut Python 3.11 ou plus récent. Indiquez-le ainsi : make PYTHON=/chemin/vers/python3.11 …" >&2
        exit 1
    fi
    missing="$missing python3 python3-venv"
elif ! "$python" -c 'import ensurepip' 2>/dev/null; then
    missing="$missing python3-venv"
fi

# mongod is linked to these. ldconfig is outside the PATH of ordinary users.
libraries=$(PATH="$PATH:/usr/sbin:/sbin" ldconfig -p)
while read -r library package; do
    case $libraries in
        *"$library "*) ;;
        *) missing="$missing $package" ;;
    esac
done <<END
libcurl.so.4 libcurl4
libssl.so.3 libssl3
liblzma.so.5 liblzma5
END

if [ "${1:-}" = tests ]; then
    command -v chromium >/dev/null || missing="$missing chromium fonts-dejavu-core"
    PATH="$PATH:/usr/sbin" command -v redis-server >/dev/null || missing="$missing redis-server"
fi

[ -z "$missing" ] && exit 0

if [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null; then
    echo "Installation des paquets système :$missing"
    export DEBIAN_FRONTEND=noninteractive
    apt-get update --quiet --quiet
    # shellcheck disable=SC2086 # one word per package
    exec apt-get install --quiet --yes --no-install-recommends $missing
fi

echo "Il manque des paquets système. Tapez cette ligne, puis recommencez :" >&2
echo "  sudo apt-get update && sudo apt-get install --yes$missing" >&2
exit 1
