#!/usr/bin/env bats
# The units of share/systemd, as systemd itself reads them.

load helper
load kept

setup_file() {
	install_site
}

teardown() {
	:
}

# installed COMMAND...: where jit is installed
installed() {
	# shellcheck disable=SC2016
	unshare -m sh -c 'mount --bind "$0/usr/local" /usr/local && exec "$@"' \
		"$SITE" "$@"
}

@test "units: systemd finds nothing wrong with them" {
	local unit

	for unit in "$ROOT"/share/systemd/*; do
		run -0 installed systemd-analyze verify --man=no "$unit"
		[ -z "$output" ] || {
			echo "$output"
			return 1
		}
	done
}

@test "units: a host that follows a remote may use the network, and no more" {
	local dir=$BATS_TEST_TMPDIR/units

	mkdir -p "$dir/jit-issue.service.d"
	cp "$ROOT/share/systemd/jit-issue.service" "$dir"
	cp "$ROOT/share/examples/systemd/remote.conf" "$dir/jit-issue.service.d"
	run -0 installed systemd-analyze verify --man=no \
		"$dir/jit-issue.service"
	[ -z "$output" ]
	diff <(grep -oE '^[A-Za-z]+=' "$dir/jit-issue.service.d/remote.conf" |
		sort) <(printf '%s\n' After= PrivateNetwork= ProtectHome= \
		RestrictAddressFamilies= StateDirectory= Wants=)
}

@test "units: what they may do is little, and what they name is there" {
	local unit exposure page

	for unit in "$ROOT"/share/systemd/*; do
		run -0 systemd-analyze security --offline=true --no-pager "$unit"
		exposure=$(sed -n 's/.*Overall exposure level for .*: \([0-9.]*\) .*/\1/p' \
			<<<"$output" | tail -n 1)
		echo "$unit: $exposure"
		awk -v x="$exposure" 'BEGIN { exit !(x > 0 && x <= 3.0) }'
		while read -r page; do
			page=${page#man:}
			[ -e "$ROOT/share/man/man${page: -2:1}/${page%(*}.${page: -2:1}" ]
		done < <(sed -n 's/^Documentation=//p' "$unit" | tr ' ' '\n')
	done
}
