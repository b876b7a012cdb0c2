#!/bin/sh
# Mender: an update module; install it as /usr/share/mender/modules/v3/sonoedge-bundle.
# The artifact's payload is bundle.tar, of a bundle's folder; see docs/how-to/update.md.
set -eu

store="${SONOEDGE_STORE:-/var/lib/sonoedge/store}"
files="$2/files" work="$2/tmp"

case "$1" in
NeedsArtifactReboot) echo "No" ;;
SupportsRollback) echo "Yes" ;;
ArtifactInstall)
    mkdir -p "$work/bundle"
    tar -xf "$files/bundle.tar" -C "$work/bundle"
    sonoedge install "$work/bundle" --store "$store" --activate --max-ms "${SONOEDGE_MAX_MS:-100}"
    touch "$work/activated" # a rollback of what never ran must not go back behind what runs
    ;;
ArtifactCommit) sonoedge store mark-good --store "$store" && sonoedge store gc --store "$store" ;;
ArtifactRollback)
    if [ -e "$work/activated" ]; then
        sonoedge store fall-back --store "$store"
        rm "$work/activated"
    fi
    ;;
esac
