#!/usr/bin/env bats
# jit-issue: the record first, then the certificate.
# shellcheck disable=SC2030,SC2031 # each test: a subshell of its own

load helper

setup() {
	seal
	new_ledger
}

# approved [OPTION OF jit-approve]...: the id is in $ID
approved() {
	ID=$(request alice)
	approve dan "$ID" "$@"
}

# Issue $ID with the CA, other options in front.
put_out() {
	as issuer jit-issue --ca "$KEYS/ca" "$@" "$ID"
}

@test "jit-issue: without -o the certificate is the answer" {
	approved
	works put_out -q
	[ "${#lines[@]}" -eq 1 ]
	[ -z "$stderr" ]
	[ "$output" = "$(event | jq -r .credential.cert)" ]
	ssh-keygen -Lf - <<<"$output" >/dev/null
}

@test "jit-issue: -o writes the certificate, stdout stays empty" {
	approved
	works put_out -o cert.pub
	[ -z "$output" ]
	[[ $stderr =~ ^"jit-issue: issued until 20"[0-9T:-]+Z$ ]]
	[ "$(stat -c %a cert.pub)" = 644 ]
	[ "$(cat cert.pub)" = "$(event | jq -r .credential.cert)" ]
}

@test "jit-issue: OpenSSH reads what the grant says" {
	local from until

	approved
	put_out -q -o cert.pub
	from=$(event | jq -r '.from - 120 | strftime("%FT%T")')
	until=$(event | jq -r '.until | strftime("%FT%T")')
	run -0 ssh-keygen -Lf cert.pub
	says "Type: ssh-ed25519-cert-v01@openssh.com user certificate"
	says "Signing CA: ED25519 $(fingerprint ca)"
	says "Key ID: \"$ID\""
	says "Serial: 4"
	says "Valid: from $from to $until"
	[[ ${lines[*]} =~ Principals:\ +root@web-1\ +Critical ]]
	says "Critical Options: (none)"
	[[ ${lines[*]} =~ Extensions:\ +permit-pty$ ]]
}

@test "jit-issue: the event says under which rule and votes it was given" {
	approved -d 10m
	put_out -q -o cert.pub
	output=$(event)
	in_json '.type == "issue" and .rule == "web-root" and .policy == 1 and
		.from == .at and .until == .from + 600 and
		.connector == "ssh" and .credential.serial == .seq'
	[ "$(event | jq -r '.approvals[]')" = "$(git_ledger cat-file commit \
		HEAD^ | sha256sum | cut -d ' ' -f 1)" ]
	[ "$(event | jq -r .request)" = "$(git_ledger cat-file commit \
		HEAD^^ | sha256sum | cut -d ' ' -f 1)" ]
	[ "$(event | jq -r .credential.sha256)" = "$(cut -d ' ' -f 2 cert.pub |
		base64 -d | sha256sum | cut -d ' ' -f 1)" ]
}

@test "jit-issue: a withdrawn vote is not among the approvals" {
	approved
	as dan jit-approve -q --withdraw "$ID"
	approve dora "$ID"
	put_out -q -o cert.pub
	[ "$(event | jq '.approvals | length')" -eq 1 ]
}

@test "jit-issue: -j prints the grant and its certificate" {
	approved
	works put_out -q -j
	in_json '.stage == "active" and .serial == 4 and
		(.cert | startswith("ssh-ed25519-cert-v01@openssh.com "))'
	approved
	works put_out -q -j -o cert.pub
	[ "$(jq -r .cert <<<"$output")" = "$(cat cert.pub)" ]
}

@test "jit-issue: git config jit.ca names the CA" {
	approved
	unharmed fails 2 as issuer jit-issue "$ID"
	explains "which CA? --ca KEY, or git config jit.ca"
	git config --global jit.ca "$KEYS/ca"
	works as issuer jit-issue -q "$ID"
}

@test "jit-issue: -n writes nothing and hands out nothing" {
	approved
	unharmed works put_out -n -o cert.pub
	[ "$stderr" = "jit-issue: would issue $ID" ]
	[ -z "$output" ]
	[ ! -e cert.pub ]
}

@test "jit-issue: without its votes it is pending" {
	ID=$(request alice)
	unharmed fails 4 put_out -o cert.pub
	explains "grant $ID still misses 1 of dba by rule 'web-root'"
	[ ! -e cert.pub ]
}

@test "jit-issue: twice is over" {
	approved
	put_out -q -o cert.pub
	unharmed fails 6 put_out -o again.pub
	explains "grant $ID is issued already: jit-status -o DIR $ID"
	[ ! -e again.pub ]
}

@test "jit-issue: votes are good for use_by only" {
	approved
	unharmed fails 6 as issuer later 3601 jit-issue --ca "$KEYS/ca" "$ID"
	explains "grant $ID lapsed at "
}

@test "jit-issue: what was denied, or never asked, is not issued" {
	approved
	as dora jit-approve -q --deny -m 'not during the freeze' "$ID"
	unharmed fails 6 put_out
	explains "denied by dora@ex.com"
	unharmed fails 5 as issuer jit-issue --ca "$KEYS/ca" \
		01KAAAAAAAAAAAAAAAAAAAAAAA
	unharmed fails 2 as issuer jit-issue --ca "$KEYS/ca" one
	unharmed fails 2 as issuer jit-issue --ca "$KEYS/ca"
}

@test "jit-issue: only an issuer issues" {
	approved
	unharmed fails 1 as alice jit-issue --ca "$KEYS/ca" -o cert.pub "$ID"
	explains "alice@ex.com is enrolled as person, not as issuer"
	unharmed fails 1 as mallory jit-issue --ca "$KEYS/ca" -o cert.pub "$ID"
	[ ! -e cert.pub ]
}

@test "jit-issue: only a CA that the policy names" {
	approved
	unharmed fails 1 as issuer jit-issue --ca "$KEYS/mallory" \
		-o cert.pub "$ID"
	explains "its CA is not one that the policy names for issuer@ex.com"
	[ ! -e cert.pub ]
}

@test "jit-issue: what has no certificate wants its target within reach" {
	ID=$(request alice pg:orders admin)
	approve dan "$ID"
	approve bob "$ID"
	unharmed fails 2 put_out
	explains "pg:orders has no certificate: --ca and -o are for ssh"
	unharmed fails 3 as issuer jit-issue "$ID"
	explains "pg:orders is not within reach here"
}

@test "jit-issue: a CA key that is not there is trouble" {
	approved
	unharmed fails 3 as issuer jit-issue --ca nowhere "$ID"
	explains "CA: "
	explains nowhere
}

@test "jit-issue: where -o cannot be written nothing is issued" {
	approved
	unharmed fails 3 put_out -o nowhere/cert.pub
	explains "cannot write 'nowhere/cert.pub': No such file or directory"
	mkdir folder
	unharmed fails 2 put_out -o folder
	explains "'folder' is a folder: -o takes a file"
	works put_out -q -o cert.pub
	[ "$(ls -A)" = "$(printf '%s\n' .gitconfig .local cert.pub folder)" ]
}

@test "jit-issue: -o replaces what is there, whole" {
	approved
	echo old >cert.pub
	works put_out -q -o cert.pub
	ssh-keygen -Lf cert.pub >/dev/null
}

@test "jit-issue: what was not handed out says where it is" {
	approved
	# shellcheck disable=SC2016
	fails 3 as issuer sh -c 'jit-issue -q --ca "$0" "$1" >/dev/full' \
		"$KEYS/ca" "$ID"
	explains "issued, but not handed out (try jit-status -o DIR $ID)"
	[ "$(event | jq -r .type)" = issue ]
	works as alice jit-status -q -o . "$ID"
	[ -f "$ID-cert.pub" ]
}

@test "jit-issue: an offered key of one's own is certified" {
	ID=$(request alice -p "$KEYS/alice.pub" ssh:web-1 root)
	approve dan "$ID"
	put_out -q -o cert.pub
	ssh-keygen -Lf cert.pub | grep -q "$(fingerprint alice)"
}
