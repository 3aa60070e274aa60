# shellcheck shell=bash disable=SC2034,SC2154
# A machine for connectors: a mount namespace with /etc, /usr/local, /run and
# a home of its own, where they are installed and asked as jit's programs do.

# Before seal forgets them.
TOOLS=${JIT_TOOLS:-$ROOT/.build/plain/tools}
GRANT=01M811SWC8EY2228A52W0X3AEG

# site: jit as it is installed, once for a file; a file loads host, too
site() {
	install_site
	cp "$TOOLS/ask" "$SITE/usr/local/bin/ask"
}

# machine: empty, with its connectors in $MACHINE/connectors
machine() {
	MACHINE=$BATS_TEST_TMPDIR/machine
	mkdir -p "$MACHINE/etc/jit/targets" "$MACHINE/run" "$MACHINE/lib"
	mkdir -p "$SITE/usr/local/libexec/jit/connectors"
	cp -r "$SITE/usr/local/libexec/jit/connectors" "$MACHINE/connectors"
	cat >"$MACHINE/etc/passwd" <<-END
		root:*:0:0:root:/root:/bin/bash
		alice:*:64010:64010::/:/bin/sh
		bob:*:64012:64012::/:/bin/sh
		www:*:64013:64013::/:/bin/sh
		$(getent passwd nobody)
	END
	echo "root:x:0:" >"$MACHINE/etc/group"
	printf '127.0.0.1 localhost %s\n' "$(uname -n)" >"$MACHINE/etc/hosts"
}

# there COMMAND...: on that machine, as root
there() {
	# shellcheck disable=SC2016
	unshare -m sh -c 'mount --bind "$1/usr/local" /usr/local &&
		mount --bind "$2/connectors" \
			/usr/local/libexec/jit/connectors &&
		mount --bind "$2/etc" /etc &&
		mount --bind "$2/lib" /var/lib &&
		mount --bind "$2/run" /run && shift 2 && cd / && exec "$@"' \
		sh "$SITE" "$MACHINE" "$@"
}

# question RESOURCE [JQ FILTER]...: a grant of root to alice, changed
question() {
	local filter=. resource=$1

	shift
	[ $# -eq 0 ] || filter=$(printf ' | %s' "$@")
	filter=${filter# | }
	jq -nc --arg resource "$resource" --arg id "$GRANT" \
		--argjson now "$(date +%s)" '{v: 1, $resource, $id, role: "root",
		principal: "alice@ex.com", from: $now, until: ($now + 1800)} |
		'"$filter"
}

# asked VERB RESOURCE [JQ FILTER]...: the connector's answer
asked() {
	local verb=$1

	shift
	question "$@" | there ask "$verb"
}

# target RESOURCE: the JSON on stdin is its file
target() {
	local file=$MACHINE/etc/jit/targets/${1/://}.json

	mkdir -p "${file%/*}"
	cat >"$file"
}

# broken NAME VERB ANSWER: a connector that answers so, and does nothing
broken() {
	mv "$MACHINE/connectors/$1" "$MACHINE/connectors/$1.real"
	cat >"$MACHINE/connectors/$1" <<-END
		#!/bin/sh
		[ "\$1" = $2 ] || exec "\$0.real" "\$@"
		echo '$3'
	END
	chmod 755 "$MACHINE/connectors/$1"
}

mended() {
	mv "$MACHINE/connectors/$1.real" "$MACHINE/connectors/$1"
}

# probed OUTCOME RESOURCE [JQ FILTER]...: that is what the probe says
probed() {
	local outcome=$1

	shift
	works asked probe "$@"
	[ "$(jq -r .outcome <<<"$output")" = "$outcome" ] || {
		echo "not $outcome: $output"
		return 1
	}
}
