#!/bin/sh
# RAUC: the bundle of a system update goes into the device's store; see docs/how-to/update.md.
# In system.conf: [handlers] post-install=/usr/lib/sonoedge/rauc-post-install.sh
# RAUC's own bundle holds ours as the folder "sonoedge" beside the images. Whatever fails here, RAUC
# reports as a failed installation; the store goes on with what ran before.
set -eu

store="${SONOEDGE_STORE:-/var/lib/sonoedge/store}"
bundle="$RAUC_BUNDLE_MOUNT_POINT/sonoedge"

if [ ! -d "$bundle" ]; then
    echo "sonoedge: this update brings no bundle"
    exit 0
fi
sonoedge store recover --store "$store" 2>/dev/null || true # there is none before the first one
sonoedge install "$bundle" --store "$store" --activate --max-ms "${SONOEDGE_MAX_MS:-100}"
sonoedge store verify --store "$store"
# When the system has started and frames were analysed, the host marks it good:
#     sonoedge store mark-good --store "$store"
