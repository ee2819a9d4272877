#!/bin/sh
# Installs those of the named Debian packages that are missing, after saying which.
# install.sh PACKAGE...
missing=
for package; do
	dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

echo "installing:$missing"
if ! command -v apt-get >/dev/null; then
	echo "this system has no apt-get: install what carries these names here, then run again with --no-install" >&2
	exit 1
fi
as_root=
if [ "$(id -u)" != 0 ]; then
	as_root="sudo env DEBIAN_FRONTEND=noninteractive"
	if ! command -v sudo >/dev/null; then
		echo "only root may install, and there is no sudo: as root, run apt-get install$missing" >&2
		exit 1
	fi
fi
export DEBIAN_FRONTEND=noninteractive
log=$(mktemp) || exit 1
trap 'rm -f "$log"' EXIT
# shellcheck disable=SC2086
if ! { $as_root apt-get -q update && $as_root apt-get -q install -y --no-install-recommends $missing
} >"$log" 2>&1; then
	cat "$log" >&2
	exit 1
fi
