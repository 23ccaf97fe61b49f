#!/bin/sh
# Installs cimba into .venv/kernel of this checkout, beside the peers (peers/setup.sh), and builds the models for nexosim, if
# there is a cargo. Nothing to do takes a few milliseconds.
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
root=$(CDPATH='' cd -- "$here/../.." && pwd)
python=$("$root/peers/setup.sh")
target=$root/.venv/kernel

if ! cmp -s "$here/requirements.txt" "$target/requirements.installed"; then
	echo "bench/kernel/setup.sh: installing cimba into $target" >&2
	rm -rf "$target"
	"$python" -m pip install --quiet --disable-pip-version-check --no-input --no-deps --only-binary :all: \
		--target "$target" -r "$here/requirements.txt" >&2
	cp "$here/requirements.txt" "$target/requirements.installed"
fi
if command -v cargo >/dev/null 2>&1; then
	cargo build --quiet --release --locked --manifest-path "$here/nexosim/Cargo.toml" >&2
else
	echo "bench/kernel/setup.sh: there is no cargo; nexosim is left out" >&2
fi
