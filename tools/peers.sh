#!/bin/sh
# Unpacks the daemons that tests talk to under build/peers. They are never installed:
# a package that brings a service would start it. peers.sh PACKAGE...
cd "$(dirname "$0")/.." || exit 1
mkdir -p build/peers
cd build/peers || exit 1
for package; do
	[ -e ".$package" ] && continue
	if ! { apt-get -q download "$package" && dpkg -x "$package"_*.deb .; } >log 2>&1; then
		cat log >&2
		exit 1
	fi
	rm -f "$package"_*.deb
	: >".$package"
done
