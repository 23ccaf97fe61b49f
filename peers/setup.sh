#!/bin/sh
# Makes the virtual environment .venv/ of this checkout with the pinned peers of requirements.txt, in it
# .venv/des with those of requirements-des.txt, and prints the path of its Python as the last line. Nothing to do takes a
# few milliseconds.
# A Python of your own choice: PYTHON=/path/to/python3 peers/setup.sh
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
venv=$(dirname -- "$here")/.venv
wanted=$here/requirements.txt
installed=$venv/requirements.installed # a copy of what was installed; written last, so an interrupted install is redone
wanted_des=$here/requirements-des.txt
installed_des=$venv/des/requirements.installed

fresh() {
	fresh_venv && cmp -s "$wanted_des" "$installed_des"
}

fresh_venv() {
	cmp -s "$wanted" "$installed" && [ -x "$venv/bin/python" ] && "$venv/bin/python" -c '' 2>/dev/null
}

# --no-deps: the lists are complete, see there.
install() {
	"$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-input --no-deps --only-binary :all: "$@" >&2
}

# suitable PROGRAM...: a file of that name is not enough, it may be a version manager's shim for
# an interpreter that is not selected, or a Python without the module that makes environments.
suitable() {
	"$@" -c 'import sys, venv, ensurepip; sys.exit(not (3, 12) <= sys.version_info[:2] < (3, 14))' >/dev/null 2>&1
}

find_python() {
	for python in "${PYTHON:-}" python3.12 python3.13 python3 python; do
		if [ -n "$python" ] && suitable "$python"; then
			"$python" -c 'import sys; print(sys.executable)'
			return
		fi
	done
	if command -v pyenv >/dev/null 2>&1; then
		for python in "$(pyenv root)"/versions/3.12*/bin/python3 "$(pyenv root)"/versions/3.13*/bin/python3; do
			if suitable "$python"; then
				echo "$python"
				return
			fi
		done
	fi
	return 1
}

if ! fresh; then
	# Test programs of several packages may come here at once: the first installs, the others wait.
	if command -v flock >/dev/null 2>&1; then
		exec 9<"$wanted"
		flock 9
	fi
fi
if ! fresh_venv; then
	if ! python=$(find_python); then
		echo "peers/setup.sh: no usable Python found: install Python 3.12 or 3.13 with its venv module (Debian: python3.12-venv; pyenv: pyenv install 3.12), or name one with PYTHON=" >&2
		exit 1
	fi
	echo "peers/setup.sh: installing the peers into $venv with $python" >&2
	rm -f "$installed"
	"$python" -m venv --clear "$venv" >&2
	install -r "$wanted"
	cp "$wanted" "$installed"
fi
if ! fresh; then
	echo "peers/setup.sh: installing kernels to compare with into $venv/des" >&2
	rm -rf "$venv/des"
	install --target "$venv/des" -r "$wanted_des"
	cp "$wanted_des" "$installed_des"
fi
echo "$venv/bin/python"
