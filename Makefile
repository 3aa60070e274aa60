# Builds, checks and installs jit.  CONTRIBUTING.md says how it is meant.
#
#   make            the programs, in bin/
#   make deps       install what building, checking and linting need (apt)
#   make demo       one request, approved, issued and revoked, in a minute
#   make check      all tests; T=NAME runs those of one program or room
#   make lint       warnings as errors, analysers, manuals, format, house rules
#   make format     lay the C out as lint wants it
#   make fuzz       each fuzzer for FUZZ_SECONDS
#   make soak       everything at once, with kills, for SOAK_SECONDS
#   make mutate     switch off each rule of the judge: some test must notice
#   make bench      times, beside those of the peers
#   make install    to $(DESTDIR)$(PREFIX); make uninstall takes it away
#
# SAN=1 builds with ASan and UBSan, TSAN=1 with TSan, DEV=1 with warnings as
# errors,
# SHARED_LIBS=1 with shared libraries (for packagers), V=1 shows commands.
# Each has a place of its own in .build; only the plain one fills bin/.

VERSION = 0.1.0

PREFIX     = /usr/local
LIBEXECDIR = $(PREFIX)/libexec
SYSCONFDIR = /etc
DATADIR    = $(PREFIX)/share
INSTALL    = install

PROGRAMS = init request approve issue exec check revoke status audit policy \
	scan report doctor
# What no person runs: it goes to $(LIBEXECDIR)/jit, and connectors below it.
HELPERS    = recorder
CONNECTORS = ssh sudo pg

# What each purpose needs, as packages of Debian 12.
BUILD_DEPS = gcc libc6-dev libgit2-dev libsodium-dev libjansson-dev \
	libmbedtls-dev libpcre2-dev zlib1g-dev
DEMO_DEPS  = git jq openssh-client openssh-server procps sudo
CHECK_DEPS = $(DEMO_DEPS) bats chromium faketime iproute2 postgresql \
	postgresql-client strace systemd tmux
LINT_DEPS  = clang-format clang-tidy cppcheck mandoc shellcheck
FUZZ_DEPS  = clang libclang-rt-14-dev

FUZZ_SECONDS = 20
SOAK_SECONDS = 1200

# -- Flags ------------------------------------------------------------------

CFLAGS ?= -O2 -g
WARN   = -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
	-Wold-style-definition -Wpointer-arith -Wwrite-strings \
	-Wvla -Wundef -Wformat=2 -Werror=implicit-function-declaration
HARD   = -fstack-protector-strong -D_FORTIFY_SOURCE=2

VARIANT := $(or $(and $(FUZZ),fuzz),$(and $(MUTATE),mutate),$(and \
	$(SAN),san),$(and $(TSAN),tsan),$(and $(SHARED_LIBS),shared),$(and \
	$(DEV),dev),plain)
BUILD   := .build
B       := $(BUILD)/$(VARIANT)
BIN     := $(if $(filter plain,$(VARIANT)),bin,$(B)/bin)
LIBEXEC := $(B)/libexec

ifdef SAN
CFLAGS = -O1 -g -fno-omit-frame-pointer
HARD   = -fsanitize=address,undefined -fno-sanitize-recover=all
endif
ifdef TSAN
CFLAGS = -O1 -g -fno-omit-frame-pointer
HARD   = -fsanitize=thread
endif
ifdef FUZZ
CC     = clang
CFLAGS = -O1 -g -fno-omit-frame-pointer
HARD   = -fsanitize=fuzzer-no-link,address,undefined \
	-fno-sanitize-recover=undefined
endif
ifdef MUTATE
JIT_CPPFLAGS += -DJIT_MUTATE
endif
ifdef DEV
WARN += -Werror
endif

# How programs are linked: CONTRIBUTING.md has the reasons and the figures.
ifdef SHARED_LIBS
JIT_CPPFLAGS += -DJIT_SHARED_LIBS
JIT_LIBS = -lgit2 -lsodium -ljansson
else
JIT_LIBS = -l:libgit2.a -l:libsodium.a -l:libjansson.a \
	-l:libmbedcrypto.a -l:libpcre2-8.a -l:libz.a
endif

JIT_CPPFLAGS += -D_DEFAULT_SOURCE -D_XOPEN_SOURCE=700 \
	-DJIT_VERSION='"$(VERSION)"' -DJIT_LIBEXECDIR='"$(LIBEXECDIR)/jit"' \
	-DJIT_SYSCONFDIR='"$(SYSCONFDIR)"' -DJIT_DATADIR='"$(DATADIR)"' \
	-iquote lib -iquote src
JIT_CFLAGS  = -std=c11 -pthread $(WARN) $(HARD) -fPIE -ffunction-sections \
	-fdata-sections -MMD -MP
JIT_LDFLAGS = -pie -Wl,--gc-sections -Wl,-z,relro,-z,now

ifndef V
Q   = @
say = @printf '  %-5s %s\n' $(1) $(2)
endif

COMPILE = $(CC) $(JIT_CPPFLAGS) $(CPPFLAGS) $(JIT_CFLAGS) $(CFLAGS)
LINK    = $(CC) $(HARD) $(CFLAGS) $(JIT_LDFLAGS) $(LDFLAGS)

# -- What there is ----------------------------------------------------------

OFFLINE  := $(B)/lib/offline.o
LIB      := $(B)/libjit.a
LIB_OBJ  := $(patsubst %.c,$(B)/%.o,$(filter-out lib/offline.c,$(wildcard \
	lib/*.c)))
NAMES    := $(filter $(PROGRAMS),$(patsubst src/%.c,%,$(wildcard src/*.c)))
COMMON   := $(B)/common.a
COM_OBJ  := $(patsubst %.c,$(B)/%.o,$(filter-out $(PROGRAMS:%=src/%.c) \
	$(HELPERS:%=src/%.c),$(wildcard src/*.c)))
BINARIES := $(NAMES:%=$(BIN)/jit-%)
HELPING  := $(HELPERS:%=$(LIBEXEC)/%)
REACHING := $(CONNECTORS:%=$(LIBEXEC)/connectors/%)
REACH    := $(B)/connectors.a
REACH_OBJ := $(patsubst %.c,$(B)/%.o,$(filter-out \
	$(CONNECTORS:%=src/connectors/%.c),$(wildcard src/connectors/*.c)))

UNITS    := $(patsubst tests/unit/%.c,$(B)/unit/%,$(wildcard \
	tests/unit/*_test.c))
UNIT_OBJ := $(patsubst %.c,$(B)/%.o,$(filter-out %_test.c,$(wildcard \
	tests/unit/*.c)))
FUZZERS  := $(patsubst tests/fuzz/%.c,$(B)/fuzz/%,$(wildcard \
	tests/fuzz/*_fuzz.c))
TOOLS    := $(patsubst tests/tools/%.c,$(B)/tools/%,$(wildcard \
	tests/tools/*.c)) $(patsubst tests/preload/%.c,$(B)/tools/%.so, \
	$(wildcard tests/preload/*.c))
YEAR_OBJ := $(patsubst %.c,$(B)/%.o,$(wildcard tests/tools/company/*.c))
TESTED   := $(if $(T),$(filter %/$(T)_test %/$(T)_fuzz,$(UNITS) \
	$(FUZZERS)),$(UNITS) $(FUZZERS))

all: $(BINARIES) $(HELPING) $(REACHING) \
		$(if $(filter-out bin,$(BIN)),$(BIN)/jit)
	@:
tests: $(TESTED) $(TOOLS)
	@:
tools: $(TOOLS)
fuzzers: $(FUZZERS)

# -- Build ------------------------------------------------------------------

$(B)/%.o: %.c Makefile | $(BUILD)/usable
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(COMPILE) -c -o $@ $<

$(LIB): $(LIB_OBJ)
$(COMMON): $(COM_OBJ)
$(REACH): $(REACH_OBJ)
$(LIB) $(COMMON) $(REACH):
	$(call say,AR,$@)
	$(Q)rm -f $@ && $(AR) rcs $@ $^

# A program is its own file, what it needs of the rest of src/, and libjit.
$(BIN)/jit-%: $(B)/src/%.o $(OFFLINE) $(COMMON) $(LIB)
	@mkdir -p $(@D)
	$(call say,LINK,$@)
	$(Q)$(LINK) -o $@ $^ $(JIT_LIBS) $(LDLIBS)

$(LIBEXEC)/%: $(B)/src/%.o $(OFFLINE) $(COMMON) $(LIB)
	@mkdir -p $(@D)
	$(call say,LINK,$@)
	$(Q)$(LINK) -o $@ $^ $(JIT_LIBS) $(LDLIBS)

# A connector knows libjit and what connectors share, nothing else of src/.
$(LIBEXEC)/connectors/%: $(B)/src/connectors/%.o $(REACH) $(OFFLINE) $(LIB)
	@mkdir -p $(@D)
	$(call say,LINK,$@)
	$(Q)$(LINK) -o $@ $^ $(JIT_LIBS) $(LDLIBS)

ifneq ($(BIN),bin)
$(BIN)/jit: bin/jit
	@mkdir -p $(@D)
	$(Q)cp -p bin/jit $@
endif

$(B)/unit/%: $(B)/tests/unit/%.o $(UNIT_OBJ) $(OFFLINE) $(COMMON) $(LIB)
	@mkdir -p $(@D)
	$(call say,LINK,$@)
	$(Q)$(LINK) -o $@ $^ $(JIT_LIBS) $(LDLIBS)

$(B)/tools/%: $(B)/tests/tools/%.o $(OFFLINE) $(COMMON) $(LIB)
	@mkdir -p $(@D)
	$(call say,LINK,$@)
	$(Q)$(LINK) -o $@ $(filter %.o,$^) $(filter %.a,$^) $(JIT_LIBS) \
		$(LDLIBS)

# Tools of several files.
$(B)/tools/year: $(YEAR_OBJ)
$(B)/tools/mangle: $(B)/tests/tools/reference/plain.o

# What tests put before a program's libraries: without the sanitizers'.
$(B)/tools/%.so: tests/preload/%.c Makefile
	@mkdir -p $(@D)
	$(call say,LINK,$@)
	$(Q)$(CC) -std=c11 $(WARN) -O2 -fPIC -shared -o $@ $<

# A fuzzer: with libFuzzer's main where FUZZ=1, else with our own, which
# reads the files that it is given once.
$(B)/fuzz/%: $(B)/tests/fuzz/%.o $(if $(FUZZ),,$(B)/tests/fuzz/driver.o) \
		$(OFFLINE) $(LIB)
	@mkdir -p $(@D)
	$(call say,LINK,$@)
	$(Q)$(LINK) $(if $(FUZZ),-fsanitize=fuzzer) -o $@ $^ $(JIT_LIBS) \
		$(LDLIBS)

# Says in one line what to do where a compiler or library is missing.
$(BUILD)/usable:
	@printf '#include <%s.h>\n' git2 sodium jansson mbedtls/sha256 zlib | \
		$(CC) -E - >/dev/null 2>&1 || { \
		echo "jit: a compiler or library is missing: run 'make deps'" >&2; \
		exit 1; }
	@mkdir -p $(@D) && touch $@

-include $(wildcard $(B)/lib/*.d $(B)/src/*.d $(B)/src/*/*.d $(B)/tests/*/*.d \
	$(B)/tests/*/*/*.d)

# -- What building and checking need ----------------------------------------

deps: deps-build deps-check deps-lint
deps-build: $(BUILD)/deps-build
deps-demo:  $(BUILD)/deps-demo
deps-check: $(BUILD)/deps-check
deps-lint:  $(BUILD)/deps-lint
deps-fuzz:  $(BUILD)/deps-fuzz
deps deps-build deps-demo deps-check deps-lint deps-fuzz:
	@:
$(BUILD)/deps-build: NEEDS = $(BUILD_DEPS)
$(BUILD)/deps-demo:  NEEDS = $(DEMO_DEPS)
$(BUILD)/deps-check: NEEDS = $(CHECK_DEPS)
$(BUILD)/deps-lint:  NEEDS = $(LINT_DEPS)
$(BUILD)/deps-fuzz:  NEEDS = $(FUZZ_DEPS)

# Only where something is missing is apt run at all, and one at a time.
$(BUILD)/deps-%: Makefile
	@mkdir -p $(@D)
	@exec 9>$(BUILD)/apt.lock; flock 9; \
	set --; for p in $(NEEDS); do \
		dpkg-query -W -f '$${Status}\n' "$$p" 2>/dev/null | \
			grep -q ' installed$$' || set -- "$$@" "$$p"; \
	done; \
	[ $$# -eq 0 ] || { \
		as=; [ "$$(id -u)" -eq 0 ] || as=sudo; \
		echo "installing: $$*"; \
		$$as apt-get -qq update && \
		$$as env DEBIAN_FRONTEND=noninteractive apt-get -qqy install \
			--no-install-recommends "$$@" >/dev/null; \
	}
	@touch $@

# -- Check ------------------------------------------------------------------

# Where tests find the programs, and the helpers made of tests/tools.
export JIT_BIN     = $(abspath $(BIN))
export JIT_LIBEXEC = $(abspath $(LIBEXEC))
export JIT_TOOLS   = $(abspath $(B)/tools)

# What these build themselves, they build on all cores.
parallel = $(if $(findstring jobserver,$(MAKEFLAGS)),,-j$(shell nproc))

demo: deps-build deps-demo
	@$(MAKE) $(parallel) all
	@$(CURDIR)/share/examples/demo

check: deps-build deps-check
	@$(MAKE) $(parallel) all tests
	@tests/run $(B) $(T)

soak: deps-build deps-check
	@$(MAKE) $(parallel) all tools
	@SOAK_SECONDS=$(SOAK_SECONDS) tests/run $(B) soak

bench: deps-build deps-demo
	@$(MAKE) $(parallel) all tools
	@tests/bench/run
	@tests/bench/remote

mutate: deps-build deps-check
	@$(MAKE) $(parallel) MUTATE=1 all tests
	@tests/mutate $(BUILD)/mutate

# What a fuzzer finds new stays in .build; a find worth keeping goes to
# tests/fuzz/corpus by hand.
fuzz: deps-build deps-fuzz
	@$(MAKE) $(parallel) FUZZ=1 fuzzers
	@for f in $(notdir $(FUZZERS)); do \
		seeds=tests/fuzz/corpus/$${f%_fuzz}; \
		new=$(BUILD)/fuzz/corpus/$${f%_fuzz}; \
		mkdir -p $$new; [ -d $$seeds ] || seeds=; \
		echo "  FUZZ  $$f"; \
		$(BUILD)/fuzz/fuzz/$$f -max_total_time=$(FUZZ_SECONDS) \
			-verbosity=0 \
			-artifact_prefix=$$new- $$new $$seeds || exit; \
	done

# -- Lint -------------------------------------------------------------------

C_FILES  = $(wildcard lib/*.c src/*.c src/*/*.c tests/*/*.c tests/*/*/*.c)
H_FILES  = $(wildcard lib/*.h src/*.h src/*/*.h tests/unit/*.h tests/fuzz/*.h \
	tests/tools/*.h tests/tools/*/*.h)
PAGES    = $(wildcard share/man/man*/*)
SCRIPTS  = $(wildcard tests/*.bats tests/*.bash completions/*.bash) \
	$(shell grep -rlIE '^\#!(/usr)?/bin/(env .*)?(ba)?sh$$' bin .ci tests \
	share 2>/dev/null)
LINTS    = lint-warnings lint-tidy lint-cppcheck lint-shell lint-manual \
	lint-format lint-house

lint: deps-build deps-lint
	@$(MAKE) $(parallel) -k -O $(LINTS)
	@echo "lint: clean"

format:
	clang-format -i $(C_FILES) $(H_FILES)

lint-warnings:
	@$(MAKE) DEV=1 all tests

# One file at a time: clang-tidy 14 reports false va_list errors on several.
# contract.h tells it what lib/error.c promises.
lint-tidy: $(C_FILES:%.c=$(BUILD)/tidy/%)
$(BUILD)/tidy/%: %.c $(H_FILES) .clang-tidy tests/.clang-tidy
	@mkdir -p $(@D)
	$(call say,TIDY,$<)
	$(Q)clang-tidy --quiet $< -- -std=c11 $(JIT_CPPFLAGS) $(CPPFLAGS) \
		$(if $(filter lib/error.c,$<),,-include tests/lint/contract.h) \
		-Wno-unused-value 2>$@.log || { cat $@.log; exit 1; }
	@touch $@

lint-cppcheck:
	$(call say,LINT,cppcheck)
	$(Q)cppcheck -q --std=c11 --error-exitcode=1 --inline-suppr \
		--enable=warning,performance,portability \
		-UJIT_MUTATE -D_DEFAULT_SOURCE -DJIT_VERSION='""' \
		-DJIT_LIBEXECDIR='""' -DJIT_SYSCONFDIR='""' \
		-DJIT_DATADIR='""' -Ilib -Isrc \
		$(filter lib/% src/%,$(C_FILES))

# Left out: what is meant so in bats, where every test is a subshell and
# helpers set variables, and guesses about quotes and redirections.
lint-shell:
	$(call say,LINT,shellcheck)
	$(Q)shellcheck -S info -e SC1003,SC2030,SC2031,SC2094,SC2153 $(SCRIPTS)

lint-manual:
	$(call say,LINT,mandoc)
	$(Q)$(if $(PAGES),mandoc -T lint -W warning $(PAGES),:)

lint-format:
	$(call say,LINT,clang-format)
	$(Q)clang-format --dry-run -Werror -ferror-limit=1 $(C_FILES) \
		$(H_FILES)

lint-house:
	$(call say,LINT,house)
	$(Q)tests/lint/house

# -- Install ----------------------------------------------------------------

# The shells load a program's completion by its name: each gets a link.
EXAMPLES = $(shell find share/controls share/examples share/hooks \
	share/systemd -type f 2>/dev/null)
BASH     = $(DESTDIR)$(DATADIR)/bash-completion/completions
ZSH      = $(DESTDIR)$(DATADIR)/zsh/site-functions
FISH     = $(DESTDIR)$(DATADIR)/fish/vendor_completions.d

install: all
	$(INSTALL) -d $(DESTDIR)$(PREFIX)/bin $(BASH) $(ZSH) $(FISH)
	$(INSTALL) -m 755 bin/jit $(BINARIES) $(DESTDIR)$(PREFIX)/bin
	$(INSTALL) -d $(DESTDIR)$(LIBEXECDIR)/jit/connectors
	$(INSTALL) -m 755 $(HELPING) $(DESTDIR)$(LIBEXECDIR)/jit
	$(INSTALL) -m 755 $(REACHING) $(DESTDIR)$(LIBEXECDIR)/jit/connectors
	$(INSTALL) -m 644 completions/jit.bash $(BASH)/jit
	$(INSTALL) -m 644 completions/_jit $(ZSH)
	$(INSTALL) -m 644 completions/jit.fish $(FISH)
	@for p in $(PROGRAMS); do \
		ln -sf jit $(BASH)/jit-$$p && \
		ln -sf jit.fish $(FISH)/jit-$$p.fish || exit; \
	done
	@for f in $(PAGES); do \
		$(INSTALL) -D -m 644 $$f $(DESTDIR)$(DATADIR)/$${f#share/} || \
			exit; \
	done
	@for f in $(EXAMPLES); do \
		mode=644; [ ! -x $$f ] || mode=755; \
		$(INSTALL) -D -m $$mode $$f \
			$(DESTDIR)$(DATADIR)/jit/$${f#share/} || exit; \
	done

uninstall:
	rm -f $(patsubst %,$(DESTDIR)$(PREFIX)/bin/%,jit $(PROGRAMS:%=jit-%))
	rm -f $(HELPERS:%=$(DESTDIR)$(LIBEXECDIR)/jit/%)
	rm -f $(patsubst %,$(BASH)/%,jit $(PROGRAMS:%=jit-%)) $(ZSH)/_jit
	rm -f $(patsubst %,$(FISH)/%.fish,jit $(PROGRAMS:%=jit-%))
	rm -f $(PAGES:share/%=$(DESTDIR)$(DATADIR)/%)
	rm -f $(CONNECTORS:%=$(DESTDIR)$(LIBEXECDIR)/jit/connectors/%)
	rm -rf $(DESTDIR)$(DATADIR)/jit

clean:
	rm -rf $(BUILD) $(PROGRAMS:%=bin/jit-%)

MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL = all
.DELETE_ON_ERROR:
.SECONDARY:
.PHONY: all tests tools fuzzers demo check soak bench mutate fuzz lint format \
	$(LINTS) install uninstall clean deps deps-build deps-demo deps-check deps-lint deps-fuzz
