#!/bin/sh
# Checks what the virtual environment and the embedded engines need from the system (Debian 12 names).
# With the word "tests": also the browser, its fonts and the proxy that the tests drive; with "elsewhere": the other
# object store, the antivirus; with "office": what draws office documents and reads the words of pictures, for the
# worker.
# As root, installs what is missing; otherwise prints the exact line to type and stops. Debian starts nginx by itself
# once it is installed; the tests start their own, and nothing needs Debian's.
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
    command -v chromium >/dev/null || missing="$missing chromium"
    # Pages hold whichever of these a machine has.
    families=$(fc-list : family 2>/dev/null) || missing="$missing fontconfig"
    while read -r package family; do
        case $families in
            *"$family"*) ;;
            *) missing="$missing $package" ;;
        esac
    done <<END
fonts-dejavu-core DejaVu Sans
fonts-noto-core Noto Sans
fonts-liberation Liberation Sans
END
    PATH="$PATH:/usr/sbin" command -v nginx >/dev/null || missing="$missing nginx"
    command -v openssl >/dev/null || missing="$missing openssl"
fi

if [ "${1:-}" = elsewhere ]; then
    for program in radosgw ceph-mon ceph-osd; do
        PATH="$PATH:/usr/sbin" command -v "$program" >/dev/null || missing="$missing $program"
    done
    PATH="$PATH:/usr/sbin" command -v clamd >/dev/null || missing="$missing clamav-daemon"
fi

if [ "${1:-}" = office ]; then
    command -v bwrap >/dev/null || missing="$missing bubblewrap"
    for part in writer calc impress draw; do
        [ -e "/usr/lib/libreoffice/share/registry/$part.xcd" ] || missing="$missing libreoffice-$part-nogui"
    done
    command -v tesseract >/dev/null || missing="$missing tesseract-ocr"
    ls /usr/share/tesseract-ocr/*/tessdata/fra.traineddata >/dev/null 2>&1 || missing="$missing tesseract-ocr-fra"
fi

[ -z "$missing" ] && exit 0

if [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null; then
    log=$(mktemp -t portfolio-e5-apt.XXXXXX)
    echo "Installation des paquets système :$missing…"
    export DEBIAN_FRONTEND=noninteractive
    # shellcheck disable=SC2086 # one word per package
    if apt-get update --quiet >"$log" 2>&1 \
        && apt-get install --quiet --yes --no-install-recommends $missing >>"$log" 2>&1; then
        rm "$log"
        exit 0
    fi
    tail -n 15 "$log" >&2
    echo "L'installation des paquets a échoué. Son journal entier : $log" >&2
    exit 1
fi

echo "Il manque des paquets système. Tapez cette ligne, puis recommencez :" >&2
echo "  sudo apt-get update && sudo apt-get install --yes$missing" >&2
exit 1
