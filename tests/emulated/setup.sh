#!/usr/bin/env bash
# Sets up the device's software for aarch64 in FOLDER: Debian's Python, the wheels that pip resolves
# for aarch64 at our pins. Changes nothing outside FOLDER.
#
#   tests/emulated/setup.sh FOLDER PYTHON EXTRAS
#
# PYTHON is of the same version as Debian's; EXTRAS are the device's. A second call with the same
# pins does nothing. Exit 4, and one line, where something of this machine is missing.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
mkdir -p "$1"
arm=$(cd "$1" && pwd) python=$2 extras=$3

missing() {
  echo "make emulate: $1" >&2
  exit 4
}

command -v apt-get > /dev/null || missing "apt-get is missing: aarch64's Python comes from Debian's archive"
command -v qemu-aarch64-static > /dev/null || missing "qemu-aarch64-static is missing: install qemu-user-static"
command -v aarch64-linux-gnu-gcc > /dev/null ||
  missing "aarch64-linux-gnu-gcc is missing: install gcc-aarch64-linux-gnu and libc6-dev-arm64-cross"
unshare -Urm "$here/binfmt" true 2> /dev/null ||
  missing "unshare -Urm, or a binfmt_misc of its own, is refused here (Linux 6.7 or newer gives it)"

stamp=$(cat "$here/setup.sh" "$root/constraints.txt" "$root/pyproject.toml" | sha256sum | cut -d' ' -f1)
[ "$(cat "$arm/stamp" 2> /dev/null)" = "$stamp" ] && exit 0
rm -rf "$arm"
mkdir -p "$arm"/apt/{state,lists/partial,archives/partial} "$arm/system" "$arm/site"

# Debian's archive as this machine knows it, asked for arm64 with an apt of our own.
apt-get indextargets --format '$(ORIGIN) deb [arch=arm64] $(REPO_URI) $(RELEASE) $(COMPONENT)' |
  sed -n 's/^Debian //p' | sort -u > "$arm/apt/sources.list"
[ -s "$arm/apt/sources.list" ] || missing "apt knows no Debian archive: run apt-get update"
: > "$arm/apt/status"
cat > "$arm/apt/apt.conf" << END
APT::Architecture "arm64";
APT::Architectures "arm64";
APT::Sandbox::User "";
Dir::Etc::SourceList "$arm/apt/sources.list";
Dir::Etc::SourceParts "/dev/null";
Dir::State "$arm/apt/state";
Dir::State::status "$arm/apt/status";
Dir::State::lists "$arm/apt/lists";
Dir::Cache "$arm/apt";
END
export APT_CONFIG=$arm/apt/apt.conf
{ apt-get -q update && apt-get -q -y --download-only --no-install-recommends -o Debug::NoLocking=1 \
  install python3 libgomp1 libstdc++6 libexpat1 zlib1g; } > "$arm/apt/log" 2>&1 ||
  missing "Debian's packages for arm64 were not to be had; see $arm/apt/log"
unset APT_CONFIG
for package in "$arm"/apt/archives/*.deb; do dpkg-deb -x "$package" "$arm/system"; done
rm -rf "$arm/apt/archives" "$arm/apt/lists"

mkdir -p "$arm/system/proc" # for the processor that `run` names

# pip asks the Python that runs it about markers, not the version it is to install for.
version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
ls "$arm/system/usr/bin/python$version" > /dev/null 2>&1 ||
  missing "Debian's Python is $(basename "$arm"/system/usr/bin/python3.?? ), PYTHON is $version: they must be the same"
platforms=$(for glibc in 36 35 34 31 28 27 26 24 17; do echo "--platform manylinux_2_${glibc}_aarch64"; done)
"$python" -m hatchling build -t wheel -d "$arm/wheel" > /dev/null
# shellcheck disable=SC2086
"$python" -m pip install -q --target "$arm/site" --only-binary=:all: --no-compile --implementation cp \
  --python-version "$version" $platforms --platform manylinux2014_aarch64 -c "$root/constraints.txt" \
  "$(ls "$arm"/wheel/*.whl)[$extras]" pytest pytest-xdist hypothesis jsonschema prometheus-client
echo "$stamp" > "$arm/stamp"
