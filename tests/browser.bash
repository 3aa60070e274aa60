# shellcheck shell=bash
# A real browser without a screen, asked over its own pipe (Chrome DevTools
# Protocol). What is asked does not depend on what a page allows itself.

# browser_start: one page, $BROWSER is its session
browser_start() {
	local target

	mkfifo "$BATS_TEST_TMPDIR/to" "$BATS_TEST_TMPDIR/from"
	chromium --headless=new --no-sandbox --disable-gpu \
		--no-first-run --disable-background-networking \
		--user-data-dir="$BATS_TEST_TMPDIR/chromium" \
		--remote-debugging-pipe about:blank \
		3<"$BATS_TEST_TMPDIR/to" 4>"$BATS_TEST_TMPDIR/from" \
		>"$BATS_TEST_TMPDIR/chromium.log" 2>&1 &
	BROWSER_PID=$!
	exec {BROWSER_TO}>"$BATS_TEST_TMPDIR/to"
	exec {BROWSER_FROM}<"$BATS_TEST_TMPDIR/from"
	BROWSER=
	: >"$BATS_TEST_TMPDIR/events"
	target=$(browser_ask Target.createTarget '{"url": "about:blank"}' |
		jq -r .targetId)
	BROWSER=$(browser_ask Target.attachToTarget \
		"{\"targetId\": \"$target\", \"flatten\": true}" |
		jq -r .sessionId)
}

browser_stop() {
	[ -n "${BROWSER_PID:-}" ] || return 0
	exec {BROWSER_TO}>&-
	wait "$BROWSER_PID" || :
	exec {BROWSER_FROM}<&-
	BROWSER_PID=
}

# browser_ask METHOD [PARAMS]: prints what it answers; what happens meanwhile
# is put into the file "events"
browser_ask() {
	local message id=$((RANDOM + 1))

	jq -jcn --arg method "$1" --argjson params "${2:-{\}}" \
		--argjson id "$id" --arg session "$BROWSER" '
		{id: $id, method: $method, params: $params} +
		if $session == "" then {} else {sessionId: $session} end' \
		>&"$BROWSER_TO"
	printf '\0' >&"$BROWSER_TO"
	while IFS= read -r -t 60 -d '' message <&"$BROWSER_FROM"; do
		if [[ $message == "{\"id\":$id,"* ]]; then
			jq -ec .result <<<"$message"
			return
		fi
		printf '%s\n' "$message" >>"$BATS_TEST_TMPDIR/events"
	done
	echo "the browser does not answer $1" >&2
	return 1
}

# browser_see FILE WIDTH light|dark: show it
browser_see() {
	browser_ask Page.enable >/dev/null
	browser_ask Emulation.setDeviceMetricsOverride "{\"width\": $2,
		\"height\": 900, \"deviceScaleFactor\": 1, \"mobile\": false}" \
		>/dev/null
	browser_ask Emulation.setEmulatedMedia "{\"features\": [{
		\"name\": \"prefers-color-scheme\", \"value\": \"$3\"}]}" \
		>/dev/null
	browser_ask Page.navigate "{\"url\": \"file://$1\"}" >/dev/null
	until [ "$(browser_eval 'document.readyState')" = '"complete"' ]; do
		sleep 0.1
	done
}

# browser_eval JAVASCRIPT: what it comes to, as JSON
browser_eval() {
	browser_ask Runtime.evaluate "$(jq -cn --arg js "$1" \
		'{expression: $js, returnByValue: true}')" |
		jq -ce 'if .exceptionDetails then
			error(.exceptionDetails.exception.description)
			else .result.value end'
}
