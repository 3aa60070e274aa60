#!/usr/bin/env bats
# shellcheck disable=SC2016,SC2030,SC2031,SC2034,SC2154
# The page of jit-report: made of a year, and looked at by a real browser.

load helper
load browser

# A year of a company, made once: it takes its time.
setup_file() {
	local tools=${JIT_TOOLS:-$BATS_TEST_DIRNAME/../.build/plain/tools}

	export YEAR=$BATS_FILE_TMPDIR
	GIT_CONFIG_NOSYSTEM=1 GIT_CONFIG_GLOBAL=/dev/null \
		"$tools/year" --seed 3 --grants 600 --out "$YEAR/ledger.git" \
		--plan "$YEAR/plan.json"
	XDG_STATE_HOME=$YEAR/state HOME=$YEAR \
		"${JIT_BIN:-$BATS_TEST_DIRNAME/../bin}/jit-report" report \
		-C "$YEAR/ledger.git" --until 2026-11-01 \
		--controls "$BATS_TEST_DIRNAME/../share/controls/access.json" \
		--html "$YEAR/page.html" 2>"$YEAR/said" >&2 || [ $? -eq 10 ]
}

teardown() {
	browser_stop
}

# each WIDTH MODE: what does not fit, or cannot be read
contrast='(() => {
	const rgb = c => c.match(/[\d.]+/g).map(Number);
	const light = c => rgb(c).slice(0, 3).map(v => v / 255).map(v =>
		v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4)
		.reduce((s, v, i) => s + v * [.2126, .7152, .0722][i], 0);
	const ground = e => {
		for (; e; e = e.parentElement) {
			const c = getComputedStyle(e).backgroundColor;
			if (rgb(c).length < 4 || rgb(c)[3] > 0) return c;
		}
		return "rgb(255, 255, 255)";
	};
	const ratio = (a, b) => {
		const [x, y] = [light(a), light(b)].sort((m, n) => n - m);
		return (x + .05) / (y + .05);
	};
	const poor = [];
	let seen = 0;
	for (const e of document.body.querySelectorAll("*")) {
		const s = getComputedStyle(e), svg = e.ownerSVGElement;
		const text = [...e.childNodes].some(n => n.nodeType === 3 &&
			n.data.trim());
		if (text) {
			seen++;
			const r = ratio(svg ? s.fill : s.color, ground(e));
			if (r < 4.5) poor.push([e.textContent.slice(0, 40), r]);
		} else if (svg && e.matches("rect.b, rect.k")) {
			const r = ratio(s.fill, ground(e));
			if (r < 3) poor.push([e.outerHTML.slice(0, 60), r]);
		}
	}
	return {seen, poor};
})()'

@test "page: it fits and can be read at 390 and 1280 pixels, light and dark" {
	local width mode ground=

	browser_start
	for mode in light dark; do
		for width in 390 1280; do
			browser_see "$YEAR/page.html" "$width" "$mode"
			run -0 browser_eval '[innerWidth,
				document.documentElement.scrollWidth <=
				document.documentElement.clientWidth,
				[...document.querySelectorAll("h2, h3, p, li, figure, .wide")]
				.filter(e => e.getBoundingClientRect().right >
					innerWidth).length]'
			[ "$output" = "[$width,true,0]" ]
			run -0 browser_eval "$contrast"
			jq -e '.seen > 200 and .poor == []' <<<"$output"
		done
		run -0 browser_eval 'getComputedStyle(document.body).backgroundColor'
		[ "$output" != "$ground" ]
		ground=$output
	done
}

@test "page: it asks for nothing and runs nothing" {
	browser_start
	browser_ask Network.enable >/dev/null
	browser_ask Log.enable >/dev/null
	browser_see "$YEAR/page.html" 1280 light
	browser_eval 'document.title' >/dev/null
	run -0 jq -rc 'select(.method == "Network.requestWillBeSent") |
		.params.request.url' "$BATS_TEST_TMPDIR/events"
	[ "$output" = "file://$YEAR/page.html" ]
	run -0 jq -rc 'select(.method == "Log.entryAdded") | .params.entry.text' \
		"$BATS_TEST_TMPDIR/events"
	[ "$output" = "" ]
	run -0 browser_eval '[document.scripts.length,
		document.querySelectorAll("[src], [style], link, img, iframe, form, object").length,
		[...document.querySelectorAll("*")].flatMap(e => [...e.attributes])
			.filter(a => a.name.startsWith("on")).length,
		[...document.querySelectorAll("[href]")]
			.filter(e => !e.getAttribute("href").startsWith("#")).length]'
	[ "$output" = "[0,0,0,0]" ]
	# a script put into it by force is not run
	browser_eval 'document.body.append(Object.assign(
		document.createElement("script"), {text: "window.ran = 1"})), 0'
	run -0 browser_eval 'window.ran === undefined'
	[ "$output" = true ]
}

@test "page: it is well-formed, and each link in it leads somewhere" {
	browser_start
	browser_see "$YEAR/page.html" 1280 light
	run -0 browser_eval "new DOMParser().parseFromString($(
		jq -Rs . "$YEAR/page.html"), 'application/xhtml+xml')
		.querySelector('parsererror') === null"
	[ "$output" = true ]
	run -0 browser_eval '(() => {
		const all = s => [...document.querySelectorAll(s)];
		const ids = all("[id]").map(e => e.id);
		const heads = all("h1, h2, h3").map(e => +e.tagName[1]);
		return [
			ids.length > 50 && new Set(ids).size === ids.length,
			all("a").every(a => document.getElementById(
				a.getAttribute("href").slice(1))),
			heads.filter(n => n === 1).length,
			heads.every((n, i) => i === 0 || n <= heads[i - 1] + 1),
			all("table").every(t => t.closest(".wide[tabindex][role=region][aria-label]")),
			all("thead th").every(h => h.scope === "col"),
			all("figure svg").length,
			all("figure svg").every(s => s.getAttribute("role") === "img" &&
				s.getAttribute("aria-label").match(/\d|lane/)),
			document.documentElement.lang, document.compatMode];
	})()'
	[ "$output" = '[true,true,1,true,true,true,6,true,"en","CSS1Compat"]' ]
}

@test "page: it says what the JSON says" {
	local id value

	JIT_LEDGER=$YEAR/ledger.git run -10 --separate-stderr jit-report report \
		-j --until 2026-11-01
	jq -r 'select(.id) | .id' <<<"$output" >"$BATS_TEST_TMPDIR/ids"
	[ "$(wc -l <"$BATS_TEST_TMPDIR/ids")" -gt 40 ]
	while read -r id; do
		grep -q "<tr id=\"f-$id\"" "$YEAR/page.html" || {
			echo "$id is not in the page"
			return 1
		}
	done <"$BATS_TEST_TMPDIR/ids"
	# what was planted is at the top, and nobody else
	run -0 jq -r '.planted[] | select(.kind | test("rubber|recip|kept|grow|unrev|vendor|sweeper")) | .who' \
		"$YEAR/plan.json"
	for value in $output; do
		grep -q "<li><b>$value</b>\|<li>.* · $value<br/>" \
			"$YEAR/page.html"
	done
	run -0 jq -r '.totals | "\(.issued) of \(.asked)"' "$YEAR/plan.json"
	grep -q "<td class=\"n\">$output</td>" "$YEAR/page.html"
}

@test "page: hostile text stays text" {
	local name="<img src=x onerror=alert(1)>\"'&amp;</title><b>"
	local task="</li><script>window.ran=1</script>\"'"

	new_ledger -p '.rules = [{id: "glass", who: ["oncall"],
		break_glass: true, resource: "ssh:web-*", roles: ["root"],
		max: "15m", review: {group: "security", within: "1h"}}] + .rules' \
		--name "$name"
	id=$(as alice jit-request -q --break-glass -t "$task" -m 'it burns badly' \
		-d 10m -p "$KEYS/alice.pub" ssh:web-1 root)
	as issuer jit-issue -q --ca "$KEYS/ca" "$id" >/dev/null
	run -10 --separate-stderr later 7200 jit-report report --html page.html
	browser_start
	browser_see "$PWD/page.html" 1280 light
	run -0 browser_eval '[document.title, document.scripts.length,
		document.images.length, window.ran === undefined,
		document.querySelector("#look-reviews-overdue").closest("section")
			.querySelector("li").textContent]'
	[ "$(jq -r '.[0]' <<<"$output")" = "Just-in-time access: $name" ]
	[ "$(jq -c '.[1:4]' <<<"$output")" = '[0,0,true]' ]
	[[ $(jq -r '.[4]' <<<"$output") == *"review of $task owed since"* ]]
	fsck_ledger
}

@test "page: on paper it is dark on white, and whole" {
	browser_start
	browser_see "$YEAR/page.html" 1280 dark
	browser_ask Emulation.setEmulatedMedia '{"media": "print", "features": [{
		"name": "prefers-color-scheme", "value": "dark"}]}' >/dev/null
	run -0 browser_eval '[getComputedStyle(document.body).backgroundColor,
		getComputedStyle(document.body).color,
		getComputedStyle(document.querySelector(".wide")).overflowX]'
	[ "$output" = '["rgb(255, 255, 255)","rgb(0, 0, 0)","visible"]' ]
	run -0 browser_eval "$contrast"
	jq -e '.poor == []' <<<"$output"
	run -0 browser_ask Page.printToPDF '{"printBackground": true}'
	[ "$(jq -r .data <<<"$output" | base64 -d | head -c 5)" = %PDF- ]
}

@test "page: it is written whole or not at all" {
	new_ledger
	echo before >page.html
	chmod 600 page.html
	run -0 --separate-stderr jit-report report --html page.html
	[[ $output == "good: $JIT_LEDGER genesis $GENESIS seq 1 "* ]]
	[ "${#lines[@]}" -eq 1 ]
	[ "$(tail -n 1 page.html)" = '</body></html>' ]
	[ "$(ls)" = page.html ]

	run -0 --separate-stderr jit-report report --html -
	diff <(sed '/^<p>Made by/d' <<<"$output") <(sed '/^<p>Made by/d' page.html)
	run -2 --separate-stderr jit-report report -j --html -
	[ "$stderr" = "jit-report: -j and the page cannot both go to stdout (see jit-report -h)" ]
	run -3 --separate-stderr jit-report report --html /dev/full
	[ "$stderr" = "jit-report: cannot write '/dev/full': No space left on device" ]
	run -3 --separate-stderr jit-report report --html nowhere/page.html
	[ "$stderr" = "jit-report: cannot write 'nowhere/page.html': No such file or directory" ]

	mkdir small
	run -3 --separate-stderr unshare -m sh -c '
		mount -t tmpfs -o size=8k tmpfs small && cd small &&
		echo before >page.html
		jit-report report --html page.html
		status=$?
		cat page.html && ls
		exit "$status"'
	[ "$output" = $'before\npage.html' ]
	[ "$stderr" = "jit-report: cannot write 'page.html': No space left on device" ]
	fsck_ledger
}
