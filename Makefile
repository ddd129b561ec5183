# Schakel. `make help` lists the targets; tests/README.md tells how testing works.
#
# VARIANT chooses how things are built, each in a folder of its own below build/:
#   release (default)  debug  asan  ubsan  tsan  clang  mutants  fuzz  coverage

MAKEFLAGS += --no-builtin-rules --no-print-directory
.SUFFIXES:
.DELETE_ON_ERROR:
.DEFAULT_GOAL := all

VERSION := 0.1.0
comma := ,
PREFIX ?= /usr/local
VARIANT ?= release
B := build/$(VARIANT)

ifeq ($(origin CC),default)
CC := gcc
endif
PKG_CONFIG ?= pkg-config
JOBS ?= $(shell nproc 2>/dev/null || echo 2)
Q := $(if $(V),,@)

# Variants ------------------------------------------------------------------------------------------------------

WARNINGS := -Wall -Wextra -Wconversion -Wshadow -Wformat=2 -Wimplicit-fallthrough -Werror
SANITIZE := -fno-omit-frame-pointer -fno-sanitize-recover=all

VARIANT_FLAGS_release := -O2 -g
VARIANT_FLAGS_debug := -O0 -g3 -DSK_DEBUG
VARIANT_FLAGS_asan := -O1 -g -fsanitize=address,undefined $(SANITIZE)
VARIANT_FLAGS_ubsan := -O1 -g -fsanitize=undefined $(SANITIZE)
VARIANT_FLAGS_tsan := -O1 -g -fsanitize=thread $(SANITIZE)
VARIANT_FLAGS_clang := -O2 -g
VARIANT_FLAGS_mutants := -O2 -g -DSK_MUTATION
VARIANT_FLAGS_fuzz := -O1 -g -fsanitize=fuzzer-no-link,address,undefined $(SANITIZE)
VARIANT_FLAGS_coverage := -O0 -g --coverage -fprofile-update=atomic
VARIANTS := release debug asan ubsan tsan clang mutants fuzz coverage

ifeq ($(filter $(VARIANT),$(VARIANTS)),)
$(error VARIANT=$(VARIANT) is not known; choose one of: $(VARIANTS))
endif
ifneq ($(filter $(VARIANT),clang fuzz),)
override CC := clang
endif

# Libraries -----------------------------------------------------------------------------------------------------

LIBRARIES := jansson libsodium libuv sqlite3 libmicrohttpd zlib libpcre2-8 libcurl
LIBRARIES_OPTIONAL := rdkafka
LIBRARIES_TEST := cmocka

PACKAGE_jansson := libjansson-dev
PACKAGE_libsodium := libsodium-dev
PACKAGE_libuv := libuv1-dev
PACKAGE_sqlite3 := libsqlite3-dev
PACKAGE_libmicrohttpd := libmicrohttpd-dev
PACKAGE_zlib := zlib1g-dev
PACKAGE_libpcre2-8 := libpcre2-dev
PACKAGE_libcurl := libcurl4-openssl-dev
PACKAGE_cmocka := libcmocka-dev
PACKAGES_BUILD := gcc libc6-dev make pkg-config $(foreach l,$(LIBRARIES),$(PACKAGE_$(l)))
PACKAGES_OPTIONAL := librdkafka-dev
PACKAGES_KAFKA := openjdk-17-jre-headless maven kcat openssl
PACKAGES_TEST := $(foreach l,$(LIBRARIES_TEST),$(PACKAGE_$(l))) clang libclang-rt-14-dev clang-format cppcheck valgrind scdoc tzdata \
	openjdk-17-jdk-headless $(PACKAGES_KAFKA)

missing = $(strip $(foreach l,$(1),$(if $(shell $(PKG_CONFIG) --exists $(l) 2>/dev/null || echo no),$(l))))
FOUND_OPTIONAL := $(filter-out $(call missing,$(LIBRARIES_OPTIONAL)),$(LIBRARIES_OPTIONAL))
MISSING := $(call missing,$(LIBRARIES))
MISSING_TEST := $(call missing,$(LIBRARIES_TEST))
USED := $(filter-out $(MISSING),$(LIBRARIES)) $(FOUND_OPTIONAL)

LIB_CFLAGS := $(if $(USED),$(shell $(PKG_CONFIG) --cflags $(USED)))
LIB_LIBS := $(if $(USED),$(shell $(PKG_CONFIG) --libs $(USED))) -lm
TEST_CFLAGS := $(if $(MISSING_TEST),,$(shell $(PKG_CONFIG) --cflags $(LIBRARIES_TEST)))
TEST_LIBS := $(if $(MISSING_TEST),,$(shell $(PKG_CONFIG) --libs $(LIBRARIES_TEST)))

DEFINES := -D_GNU_SOURCE -DSK_VERSION='"$(VERSION)"' $(if $(filter rdkafka,$(USED)),-DSK_HAVE_RDKAFKA)
# One set of objects is for programs, the archive and the shared object: hidden names cost nothing for being -fPIC.
SK_CFLAGS = -std=c11 $(DEFINES) $(WARNINGS) $(VARIANT_FLAGS_$(VARIANT)) -fPIC -fvisibility=hidden -pthread \
	-Ibroker -Ibroker/include $(LIB_CFLAGS)
LINK = $(CC) $(VARIANT_FLAGS_$(VARIANT)) -pthread $(CFLAGS) $(LDFLAGS) -Wl,--as-needed

# Sources -------------------------------------------------------------------------------------------------------
# Everything is found by wildcard. main() of a program is broker/daemon/main.c, broker/cli/main.c; what else is in
# such a folder is archived too, so that its unit tests can link it.

LIB_SOURCES := $(sort $(foreach d,kit usm event link log how,$(wildcard broker/$(d)/*.c)))
ifeq ($(filter rdkafka,$(USED)),)
LIB_SOURCES := $(filter-out broker/log/kafka%,$(LIB_SOURCES))
endif
DAEMON_SOURCES := $(filter-out broker/daemon/main.c,$(sort $(wildcard broker/daemon/*.c)))
CLI_SOURCES := $(filter-out broker/cli/main.c,$(sort $(wildcard broker/cli/*.c broker/cli/*/*.c)))
PROGRAMS := $(if $(wildcard broker/daemon/main.c),$(B)/schakeld) $(if $(wildcard broker/cli/main.c),$(B)/schakel)

MESSAGE_SCHEMAS := $(sort $(wildcard schemas/messages/*.json))
CONTRACT := $(B)/made/contract_texts

objects = $(patsubst %.c,$(B)/obj/%.o,$(1))
LIB := $(B)/libschakel.a

# The shared object has of the library what its interface needs, and exports nothing else. Its name ends with the number
# that schakel.h gives to the interface.
INTERFACE := $(wildcard broker/log/schakel.c)
ABI := $(if $(INTERFACE),$(shell awk '/define SCHAKEL_ABI / { print $$3 }' broker/include/schakel/schakel.h))
SHARED := $(if $(INTERFACE),$(B)/libschakel.so.$(ABI))
INTERFACE_LIBS := $(filter -L% -ljansson -lsodium -lsqlite3 -lpcre2-8 -lrdkafka,$(LIB_LIBS)) -pthread -lm
COMPLETE := $(if $(findstring sanitize,$(VARIANT_FLAGS_$(VARIANT))),,-Wl$(comma)-z$(comma)defs)
ARCHIVES := $(LIB) $(if $(DAEMON_SOURCES),$(B)/daemon.a) $(if $(CLI_SOURCES),$(B)/cli.a)

# Plug-ins: each file is one shared object, which knows of the rest only broker/include/schakel/plugin.h.
PLUGIN_SOURCES := $(sort $(wildcard broker/plugins/*.c))
PLUGINS := $(patsubst broker/plugins/%.c,$(B)/plugins/%.so,$(PLUGIN_SOURCES))
PLUGIN = $(CC) -std=c11 -D_GNU_SOURCE $(WARNINGS) $(VARIANT_FLAGS_$(VARIANT)) -fPIC -shared -fvisibility=hidden \
	-Ibroker/include $(LIB_CFLAGS) $(CPPFLAGS) $(CFLAGS) $(LDFLAGS) -Wl,--as-needed

.PHONY: all lib programs plugins help clean FORCE need-libraries need-test-libraries

all: lib programs plugins ## build the library and the programs (VARIANT=release|debug|asan|ubsan|tsan|clang|mutants)
lib: $(LIB) $(SHARED) ## build build/<variant>/libschakel.a and libschakel.so.N
programs: $(PROGRAMS)
plugins: $(PLUGINS) ## build build/<variant>/plugins/NAME.so

-include tests/tests.mk

# Rules ---------------------------------------------------------------------------------------------------------

# A file whose content is $(1); it changes only when the content does.
define stamp
@mkdir -p $(@D); printf '%s\n' $(1) | cmp -s - $@ || printf '%s\n' $(1) >$@
endef
quote = '$(subst ','\'',$(1))'

$(B)/flags.stamp: FORCE
	$(call stamp,$(call quote,$(CC) $(SK_CFLAGS) $(CPPFLAGS) $(CFLAGS) $(LDFLAGS)))
$(B)/sources.stamp: FORCE
	$(call stamp,$(call quote,$(LIB_SOURCES) : $(DAEMON_SOURCES) : $(CLI_SOURCES) : $(TEST_SOURCES)))

$(B)/obj/%.o: %.c $(B)/flags.stamp | need-libraries
	@mkdir -p $(@D)
	$(if $(V),,@echo '  CC   $(VARIANT) $<')
	$(Q)$(CC) $(SK_CFLAGS) $(EXTRA_CFLAGS) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

$(LIB): $(call objects,$(LIB_SOURCES)) $(if $(MESSAGE_SCHEMAS),$(CONTRACT).o)
# The schemas of the messages are part of the library, as they stand in schemas/.
$(CONTRACT).c: broker/event/contract_texts.awk $(MESSAGE_SCHEMAS)
	@mkdir -p $(@D)
	$(Q)awk -f broker/event/contract_texts.awk $(MESSAGE_SCHEMAS) >$@
$(CONTRACT).o: $(CONTRACT).c $(B)/flags.stamp | need-libraries
	$(Q)$(CC) $(SK_CFLAGS) $(CPPFLAGS) $(CFLAGS) -c -o $@ $<

$(B)/daemon.a: $(call objects,$(DAEMON_SOURCES))
$(B)/cli.a: $(call objects,$(CLI_SOURCES))
$(B)/%.a: $(B)/sources.stamp
	$(if $(V),,@echo '  AR   $(VARIANT) $(@F)')
	@mkdir -p $(@D)
	$(Q)rm -f $@ && ar rcs $@ $(filter %.o,$^)

$(SHARED): $(call objects,$(INTERFACE)) $(LIB)
	$(if $(V),,@echo '  LINK $(VARIANT) $(@F)')
	$(Q)$(LINK) -shared -Wl,-soname,$(@F) $(COMPLETE) -o $@ $^ $(LIB_LIBS)

$(B)/schakeld: $(B)/obj/broker/daemon/main.o $(filter %/daemon.a,$(ARCHIVES)) $(LIB)
$(B)/schakel: $(B)/obj/broker/cli/main.o $(filter %/cli.a,$(ARCHIVES)) $(LIB)
$(B)/schakeld $(B)/schakel:
	$(if $(V),,@echo '  LINK $(VARIANT) $(@F)')
	$(Q)$(LINK) -o $@ $(filter %.o %.a,$^) $(LIB_LIBS)

$(B)/plugins/%.so: broker/plugins/%.c broker/include/schakel/plugin.h $(B)/flags.stamp | need-libraries
	$(if $(V),,@echo '  LINK $(VARIANT) plugins/$(@F)')
	@mkdir -p $(@D)
	$(Q)$(PLUGIN) -o $@ $< $(LIB_LIBS)

# $(1): missing libraries
define need
@if test -n '$(strip $(1))'; then \
	echo 'missing: $(1). Run "make deps", or on Debian:' >&2; \
	echo '  apt-get install $(if $(shell command -v $(PKG_CONFIG)),,pkg-config )$(foreach l,$(1),$(PACKAGE_$(l)))' >&2; exit 1; fi
endef
need-libraries:
	$(call need,$(MISSING))
need-test-libraries:
	$(call need,$(MISSING_TEST))

-include $(shell find $(B)/obj -name '*.d' 2>/dev/null)

# Using it ------------------------------------------------------------------------------------------------------

.PHONY: deps demo kafka install

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-12s %s\n", $$1, $$2 }' Makefile tests/tests.mk

deps: ## install the Debian packages that building and testing need
	@sh deploy/debian/deps.sh $(PACKAGES_BUILD) $(PACKAGES_OPTIONAL) $(PACKAGES_TEST)

demo: ## install what is missing, build, and show a chain at work on real calls; LOG=kafka: on a broker of its own
	$(if $(filter-out local kafka,$(LOG)),$(error LOG=$(LOG) is not known; choose local or kafka))
	@sh deploy/debian/deps.sh $(PACKAGES_BUILD) $(if $(filter kafka,$(LOG)),$(PACKAGES_OPTIONAL) $(PACKAGES_KAFKA))
	@$(MAKE) $(if $(findstring -j,$(MAKEFLAGS)),,-j$(JOBS)) all
	@PATH=$(abspath $(B)):$$PATH schakel demo -C teams/shared-service-centre --folder build/demo \
		$(if $(filter kafka,$(LOG)),--kafka deploy/kafka/kafka)

kafka: ## start a Kafka on this machine and say how to point a chain at it; KAFKA="--brokers 3 --acl"
	@sh deploy/debian/deps.sh $(PACKAGES_KAFKA)
	@deploy/kafka/kafka up $(KAFKA)
	@deploy/kafka/kafka status
	@echo "make a chain's topics: schakel apply -C DIR --log kafka:$$(deploy/kafka/kafka address) --yes"
	@echo "point a chain at it:  schakeld -C DIR --team TEAM --log kafka:$$(deploy/kafka/kafka address)"
	@echo 'stop and remove it:   deploy/kafka/kafka down'

# DESTDIR is for packagers, PREFIX for everybody.
INSTALL ?= install
TO = $(DESTDIR)$(PREFIX)
PUBLIC_HEADERS := $(wildcard broker/include/schakel/*.h)
MAN_SOURCES := $(sort $(wildcard broker/*/man/*.scd))
COMPLETIONS := $(sort $(wildcard broker/*/completion/*.bash))
SCHEMAS := $(sort $(wildcard schemas/*.json))
EXAMPLES := $(sort $(shell find teams -type f 2>/dev/null))
UNITS := $(sort $(wildcard deploy/systemd/*.service deploy/systemd/*.timer))
SYSUSERS := $(sort $(wildcard deploy/systemd/*.conf))
MAN_PAGES := $(if $(shell command -v scdoc),$(foreach s,$(MAN_SOURCES),$(B)/man/$(basename $(notdir $(s)))))

define man_page
$(B)/man/$(basename $(notdir $(1))): $(1)
	@mkdir -p $$(@D)
	$$(Q)scdoc <$$< >$$@
endef
$(foreach s,$(MAN_SOURCES),$(eval $(call man_page,$(s))))

define SCHAKEL_PC
prefix=$(PREFIX)
includedir=$${prefix}/include
libdir=$${prefix}/lib

Name: schakel
Description: Links that carry calls through the workflows of USM along a service chain
Version: $(VERSION)
Libs: -L$${libdir} -lschakel
Libs.private: $(INTERFACE_LIBS)
Cflags: -I$${includedir}
endef
export SCHAKEL_PC

define newline


endef

# $(call into,FOLDER,MODE,FILES): installs the files, if there are any.
into = $(if $(strip $(3)),$(INSTALL) -d $(TO)/$(1) && $(INSTALL) -m $(2) $(3) $(TO)/$(1)/)

install: all $(MAN_PAGES) ## install below DESTDIR and PREFIX (/usr/local)
	$(call into,bin,755,$(PROGRAMS))
	$(call into,lib,644,$(LIB) $(SHARED))
	$(if $(SHARED),ln -sf $(notdir $(SHARED)) $(TO)/lib/libschakel.so)
	$(if $(DESTDIR),,-ldconfig 2>/dev/null || true)
	$(call into,lib/schakel/plugins,644,$(filter-out %/template.so,$(PLUGINS)))
	$(call into,include/schakel,644,$(PUBLIC_HEADERS))
	$(INSTALL) -d $(TO)/lib/pkgconfig
	printf '%s\n' "$$SCHAKEL_PC" >$(TO)/lib/pkgconfig/schakel.pc
	$(foreach s,1 5 7 8,$(call into,share/man/man$(s),644,$(filter %.$(s),$(MAN_PAGES)))$(newline))
	$(if $(COMPLETIONS),$(INSTALL) -d $(TO)/share/bash-completion/completions)
	$(foreach c,$(COMPLETIONS),$(INSTALL) -m 644 $(c) $(TO)/share/bash-completion/completions/$(basename $(notdir $(c)))$(newline))
	$(call into,share/schakel/schemas,644,$(SCHEMAS))
	$(call into,share/schakel/schemas/messages,644,$(MESSAGE_SCHEMAS))
	$(foreach f,$(EXAMPLES),$(INSTALL) -D -m $(if $(findstring /programs/,$(f)),755,644) $(f) $(TO)/share/schakel/$(f)$(newline))
	$(call into,lib/sysusers.d,644,$(SYSUSERS))
	$(if $(UNITS),$(INSTALL) -d $(TO)/lib/systemd/system)
	$(foreach u,$(UNITS),sed 's|/usr/local/bin/|$(PREFIX)/bin/|' $(u) >$(TO)/lib/systemd/system/$(notdir $(u))$(newline))

clean: ## remove build/
	rm -rf build
