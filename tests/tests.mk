# What is tested and how it is built and run; included by the Makefile, described in tests/README.md.
# Every test is found by wildcard: a folder that is still empty lists nothing.

T ?=
comma := ,
FUZZ_SECONDS ?= 10

not_main = $(filter-out %/main.c %_test.c %_fuzz.c %_bench.c,$(1))

UNIT_SOURCES := $(sort $(shell find tests/unit -name '*_test.c' 2>/dev/null))
SUPPORT_SOURCES := $(filter-out tests/support/plugins/%,$(call not_main,$(sort $(shell find tests/unit tests/support -name '*.c' 2>/dev/null))))
SIMULATION_SOURCES := $(call not_main,$(sort $(wildcard tests/simulation/*.c)))
SIMULATION_TESTS := $(sort $(wildcard tests/simulation/*_test.c))
MUTATION_TESTS := $(filter tests/simulation/mutation%,$(SIMULATION_TESTS))
SIMULATION_TESTS := $(filter-out $(MUTATION_TESTS),$(SIMULATION_TESTS))
INTEGRATION_SOURCES := $(sort $(wildcard tests/integration/*_test.c))
INTEGRATION_SCRIPTS := $(sort $(wildcard tests/integration/*.sh))
CHAOS_SOURCES := $(call not_main,$(sort $(wildcard tests/chaos/*.c)))
CHAOS_TESTS := $(sort $(wildcard tests/chaos/*_test.c))
FUZZ_SOURCES := $(sort $(wildcard tests/fuzz/*_fuzz.c))
BENCH_SOURCES := $(filter-out tests/bench/raw.c,$(call not_main,$(sort $(wildcard tests/bench/*.c))))
BENCH_KAFKA_SOURCES := $(if $(filter rdkafka,$(USED)),$(sort $(wildcard tests/bench/kafka/*.c)))
BENCH_PROGRAMS := $(sort $(wildcard tests/bench/*_bench.c))
TEST_SOURCES := $(SUPPORT_SOURCES) : $(SIMULATION_SOURCES) : $(CHAOS_SOURCES) : $(BENCH_SOURCES)

# Building ------------------------------------------------------------------------------------------------------

test_programs = $(patsubst %.c,$(B)/%,$(1))
SUPPORT := $(if $(SUPPORT_SOURCES),$(B)/tests/support.a)
SIMULATION := $(if $(SIMULATION_SOURCES),$(B)/tests/simulation.a)
CHAOS := $(if $(CHAOS_SOURCES),$(B)/tests/chaos.a)
BENCH := $(if $(BENCH_SOURCES),$(B)/tests/bench.a)
SIM := $(if $(wildcard tests/simulation/main.c),$(B)/sim)

$(B)/tests/support.a: $(call objects,$(SUPPORT_SOURCES))
$(B)/tests/simulation.a: $(call objects,$(SIMULATION_SOURCES))
$(B)/tests/chaos.a: $(call objects,$(CHAOS_SOURCES))
$(B)/tests/bench.a: $(call objects,$(BENCH_SOURCES))

$(B)/obj/tests/%.o: EXTRA_CFLAGS = -Itests $(TEST_CFLAGS)
$(B)/obj/tests/%.o: | need-test-libraries

# Objects before archives, an archive before those it relies on. The programs' own code comes with the tests of it.
$(call test_programs,$(filter tests/unit/cli/%,$(UNIT_SOURCES))): $(filter %/cli.a,$(ARCHIVES))
$(call test_programs,$(filter tests/fuzz/history% tests/fuzz/sheet%,$(FUZZ_SOURCES))): $(filter %/cli.a,$(ARCHIVES))
$(call test_programs,$(filter tests/bench/report%,$(BENCH_PROGRAMS))): $(filter %/cli.a,$(ARCHIVES))
$(call test_programs,$(filter tests/unit/daemon/%,$(UNIT_SOURCES))): $(filter %/daemon.a,$(ARCHIVES))
$(call test_programs,$(SIMULATION_TESTS) $(MUTATION_TESTS)) $(SIM): $(SIMULATION)
$(call test_programs,$(CHAOS_TESTS)): $(CHAOS)
$(call test_programs,$(BENCH_PROGRAMS)): $(BENCH) $(SIMULATION)
$(SIM): $(B)/obj/tests/simulation/main.o
BENCH_KAFKA := $(if $(BENCH_KAFKA_SOURCES),$(B)/tests/bench/kafka/main $(B)/tests/bench/raw)
$(B)/tests/bench/kafka/main: $(call objects,$(BENCH_KAFKA_SOURCES)) $(BENCH) $(SIMULATION)
$(B)/tests/bench/raw: $(B)/obj/tests/bench/raw.o
TEST_PROGRAMS := $(call test_programs,$(UNIT_SOURCES) $(SIMULATION_TESTS) $(MUTATION_TESTS) $(INTEGRATION_SOURCES) \
	$(CHAOS_TESTS) $(FUZZ_SOURCES) $(BENCH_PROGRAMS))
$(TEST_PROGRAMS): $(B)/%: $(B)/obj/%.o
$(call test_programs,$(FUZZ_SOURCES)): TEST_LIBS := -fsanitize=fuzzer
$(call test_programs,tests/bench/local_bench.c): TEST_LIBS := -Wl,--wrap=sk_driver_next

$(TEST_PROGRAMS) $(SIM) $(BENCH_KAFKA): $(SUPPORT) $(LIB)
	@mkdir -p $(@D)
	$(if $(V),,@echo '  LINK $(VARIANT) $(@:$(B)/%=%)')
	$(Q)$(LINK) -o $@ $(filter %.o,$^) $(filter-out $(LIB) $(SUPPORT),$(filter %.a,$^)) $(SUPPORT) $(LIB) \
		$(LIB_LIBS) $(TEST_LIBS)

# Plug-ins that misbehave as told, for the tests of how they are run; `first` is built as for version 1 of the interface.
TEST_PLUGINS := $(patsubst tests/support/plugins/%.c,$(B)/tests/plugins/%.so,$(wildcard tests/support/plugins/*.c))
$(B)/tests/plugins/%.so: tests/support/plugins/%.c broker/include/schakel/plugin.h $(B)/flags.stamp
	@mkdir -p $(@D)
	$(Q)$(PLUGIN) -o $@ $<
PLUGIN_TESTS := $(call test_programs,$(filter tests/unit/how/plugin% tests/unit/plugins/%,$(UNIT_SOURCES)) \
	$(filter tests/integration/effects%,$(INTEGRATION_SOURCES)) $(filter tests/bench/plugin%,$(BENCH_PROGRAMS)))
$(PLUGIN_TESTS): | $(TEST_PLUGINS) $(PLUGINS)

# Suites --------------------------------------------------------------------------------------------------------
# A group is a list of suites; `run-GROUP` runs them without building. $(call suite,GROUP,NAME,COMMAND)

RESULTS ?= build/results/all
export RESULTS
# Suites that need a Kafka and do it no harm share one; it ends with this make, in a folder of its own: that of the run
# before may still be on its way out.
THIS_MAKE := $(shell echo $$PPID)
RUN := SK_BUILD=$(abspath $(B)) PATH=$(abspath $(B)):$$PATH \
	SK_TEST_KAFKA=$(abspath $(RESULTS))/kafka-$(THIS_MAKE) SK_TEST_RUN=$(THIS_MAKE) \
	ASAN_OPTIONS=detect_leaks=1:detect_stack_use_after_return=1 UBSAN_OPTIONS=print_stacktrace=1 \
	TSAN_OPTIONS=halt_on_error=1:suppressions=$(abspath tests/support/tsan.suppressions) tests/run.sh

# The thread sanitizer of gcc 12 does not bear all of what kernels do to randomise addresses.
WITHOUT_ASLR := $(if $(filter tsan,$(VARIANT)),$(shell setarch -R true 2>/dev/null && echo setarch -R))

# What runs the unit tests of `make valgrind`, and those that it cannot run: valgrind has no Landlock (the runner) and no openat2(2)
# (chain_dir), and does one thread at a time (kafka_member: its statistics come when all is over).
LEAKS := definite$(comma)indirect$(comma)possible
UNDER := $(if $(VALGRIND),valgrind -q --error-exitcode=9 --leak-check=full --show-leak-kinds=$(LEAKS) --errors-for-leak-kinds=$(LEAKS) \
	--suppressions=tests/support/valgrind.suppressions)
NOT_UNDER := $(if $(VALGRIND),tests/unit/how/runner_test.c tests/unit/log/chain_dir_test.c tests/unit/log/kafka_member_test.c)

wanted = $(if $(T),$(findstring $(T),$(1)),yes)
define suite
ifneq ($(call wanted,$(2)),)
.PHONY: run-suite/$(2)
run-suite/$(2):
	@$$(if $$(TIMEOUT_$(strip $(1))),TIMEOUT=$$(TIMEOUT_$(strip $(1)))) $$(RUN) $(2) $(3)
run-$(strip $(1)): run-suite/$(2)
endif
endef
suite_name = $(VARIANT)/$(patsubst tests/%,%,$(basename $(patsubst %_test.c,%.c,$(patsubst %_fuzz.c,%.c,$(1)))))
kafka_name = $(subst /integration/,/integration/kafka/,$(suite_name))
program_suites = $(foreach s,$(2),$(eval $(call suite,$(1),$(call suite_name,$(s)),$(WITHOUT_ASLR) $(UNDER) $(B)/$(s:.c=))))
script_suites = $(foreach s,$(2),$(eval $(call suite,$(1),$(call suite_name,$(s)),$(WITHOUT_ASLR) bash $(s))))

GROUPS := unit sim mutations integration effects chaos cli fuzz lint frame
TIMEOUT_chaos := 3000 # minutes; ten times that on a machine that is ten times slower
.PHONY: $(GROUPS:%=run-%) $(GROUPS:%=build-%)
$(GROUPS:%=run-%) $(GROUPS:%=build-%):
	@:

$(call program_suites,unit,$(filter-out $(NOT_UNDER),$(UNIT_SOURCES)))
$(call program_suites,sim,$(SIMULATION_TESTS))
$(if $(SIM),$(eval $(call suite,sim,$(VARIANT)/simulation/sim,$(WITHOUT_ASLR) $(SIM))))
$(call program_suites,mutations,$(MUTATION_TESTS))
$(call program_suites,integration,$(INTEGRATION_SOURCES))
$(call script_suites,integration,$(INTEGRATION_SCRIPTS))
# Those that are for either log run on Kafka as well, as `.../kafka/NAME`.
$(foreach s,$(shell grep -ls kafka_links_either $(INTEGRATION_SOURCES)),$(eval $(call suite,integration,$(call kafka_name,$(s)),\
	env SK_TEST_LOG=kafka $(B)/$(s:.c=))))
$(foreach s,$(shell grep -ls SK_TEST_LOG=kafka $(INTEGRATION_SCRIPTS)),$(eval $(call suite,integration,$(call kafka_name,$(s)),\
	env SK_TEST_LOG=kafka bash $(s))))
# Those of integration that are about programs, webhooks and plug-ins: they run under sanitizers, too.
EFFECTS := effects_kill how_test plugin_test webhook_test
run-effects: $(foreach e,$(EFFECTS:%=$(VARIANT)/integration/%),$(if $(call wanted,$(e)),run-suite/$(e)))
$(call program_suites,chaos,$(CHAOS_TESTS))
$(call script_suites,chaos,$(sort $(wildcard tests/chaos/*_test.sh)))
$(call script_suites,cli,$(sort $(wildcard tests/cli/*.sh)))
$(call script_suites,lint,$(sort $(wildcard tests/lint/*.sh)))
$(call script_suites,frame,$(sort $(wildcard tests/frame/*.sh)))
$(foreach s,$(FUZZ_SOURCES),$(eval $(call suite,fuzz,$(call suite_name,$(s)),sh tests/fuzz/smoke/run.sh \
	$(B)/$(s:.c=) $(FUZZ_SECONDS))))

build-unit: $(call test_programs,$(foreach s,$(UNIT_SOURCES),$(if $(call wanted,$(call suite_name,$(s))),$(s))))
build-sim: $(call test_programs,$(SIMULATION_TESTS)) $(SIM)
build-mutations: $(call test_programs,$(MUTATION_TESTS))
build-integration: programs plugins $(call test_programs,$(INTEGRATION_SOURCES))
build-effects: programs plugins $(call test_programs,tests/integration/effects_kill_test.c)
build-chaos: programs $(call test_programs,$(CHAOS_TESTS))
build-cli: programs plugins
build-fuzz: $(call test_programs,$(FUZZ_SOURCES))
build-frame: all

# What people call ----------------------------------------------------------------------------------------------

.PHONY: unit sim sim-long integration chaos chaos-long chaos-mutants cli fuzz asan ubsan tsan valgrind mutations coverage lint frame format bench bench-kafka \
	check check-build check-run

J = $(if $(findstring -j,$(MAKEFLAGS)),,-j$(JOBS))

# $(call run,VARIANT,GROUPS): builds, runs and adds up.
define run
@rm -rf build/results/$@ && mkdir -p build/results/$@
+@$(MAKE) $(J) VARIANT=$(1) $(2:%=build-%)
+@$(MAKE) -k $(J) VARIANT=$(1) RESULTS=build/results/$@ $(2:%=run-%) || echo 0 1 0 >build/results/$@/runner.count
@RESULTS=build/results/$@ tests/run.sh sum
endef

unit: ## build and run the unit tests; T=part of a name
	$(call run,$(VARIANT),unit)
SIM_ARGUMENTS = $(if $(SEED),--seed $(SEED)) $(if $(STEPS),--steps $(STEPS)) $(if $(CALL),--call $(CALL))
ifneq ($(strip $(SIM_ARGUMENTS)),)
sim: build-sim
	$(SIM) $(SIM_ARGUMENTS)
else
sim: ## simulate whole chains, bounded; SEED=n STEPS=n CALL=id replay one run and trace a call
	$(call run,$(VARIANT),sim)
endif
sim-long: build-sim ## simulate for as long as it is let; SEED=n to begin with
	$(SIM) --long $(SIM_ARGUMENTS)
mutations: ## take each protocol rule out and see that the simulator notices
	$(call run,mutants,mutations)
integration: ## programs on the local log, processes and all; T=part of a name
	$(call run,$(VARIANT),integration)
CHAOS_RUN = SEED=$(SEED) CHAOS_FAULTS=$(or $(CHAOS_FAULTS),$(1)) CHAOS_BROKERS=$(or $(CHAOS_BROKERS),$(2)) \
	CHAOS_SECONDS=$(or $(CHAOS_SECONDS),$(3)) SK_BUILD=$(abspath $(B)) $(B)/tests/chaos/chaos_test
ifneq ($(SEED),)
chaos: build-chaos
	$(call CHAOS_RUN,12,1,180)
else
chaos: ## a chain on one Kafka broker, a dozen faults, everything counted; SEED=n repeats a run's faults
	$(call run,$(VARIANT),chaos)
endif
chaos-long: build-chaos ## the same with three brokers and 200 faults; CHAOS_FAULTS=n CHAOS_BROKERS=1|3 CHAOS_SECONDS=n
	$(call CHAOS_RUN,200,3,10800)
chaos-mutants: build-chaos ## take promises out of the port to Kafka and see that chaos notices; T=name of one
	CC='$(CC)' bash tests/chaos/mutants.sh $(T)
cli: ## the command line as people use it; T=part of a name
	$(call run,$(VARIANT),cli)
fuzz: ## fuzz every decoder from its kept corpus, FUZZ_SECONDS=10 each (clang)
	$(call run,fuzz,fuzz)
asan: ## unit tests, simulation and effects under the address sanitizer
	$(call run,asan,unit sim effects)
ubsan: ## unit tests, simulation and effects under the undefined behaviour sanitizer
	$(call run,ubsan,unit sim effects)
tsan: ## unit tests, simulation and effects under the thread sanitizer
	$(call run,tsan,unit sim effects)
valgrind: export VALGRIND := yes
valgrind: ## unit tests under valgrind; T=part of a name
	$(call run,$(VARIANT),unit)
coverage: ## run unit tests, simulation, integration and command line; print what of each folder ran and the least covered files
	@find build/coverage -name '*.gcda' -delete 2>/dev/null || true
	$(call run,coverage,unit sim integration cli)
	@tests/coverage/coverage.sh
lint: ## layers, banned calls, members of messages, headers alone, clang-format, cppcheck, and the tests of these checks
	$(call run,$(VARIANT),lint)
frame: ## the tests of the Makefile and of the test runner
	$(call run,$(VARIANT),frame)
format: ## lay out all C files as .clang-format says
	clang-format -i $$(find broker tests -name '*.[ch]')
bench: $(call test_programs,$(BENCH_PROGRAMS)) programs plugins ## print the figures of tests/bench/README.md; QUICK=1 takes seconds
	@SK_BUILD=$(abspath $(B)) PATH=$(abspath $(B)):$$PATH; export SK_BUILD PATH; \
	if test -f tests/bench/run.sh; then exec sh tests/bench/run.sh; fi; \
	for program in $(call test_programs,$(BENCH_PROGRAMS)); do $$program || exit 1; done
bench-kafka: $(BENCH_KAFKA) programs ## the same on a Kafka that it starts, beside a bare program; QUICK=1 takes a minute
	@SK_BUILD=$(abspath $(B)) sh tests/bench/kafka.sh

# All of it: every variant is built as a suite of its own, then everything runs, the longest first.

CHECK_VARIANTS := release asan tsan clang mutants fuzz
CHECK_release := sim chaos integration cli frame lint unit
CHECK_asan := sim effects unit
CHECK_tsan := effects unit
CHECK_mutants := mutations
CHECK_fuzz := fuzz
CHECK_RUNS := mutants asan release tsan fuzz
NEEDS_clang := clang
NEEDS_fuzz := clang

.PHONY: $(CHECK_VARIANTS:%=check-build/%) $(CHECK_RUNS:%=check-run/%) build-everything
build-everything: all build-unit build-sim build-integration build-chaos $(if $(BENCH_PROGRAMS),$(call test_programs,$(BENCH_PROGRAMS)))
BUILD_clang := build-everything
BUILD_release := build-everything
variant_goals = $(or $(BUILD_$(1)),$(CHECK_$(1):%=build-%))
has = $(or $(if $(NEEDS_$(1)),$(shell command -v $(NEEDS_$(1)))),$(if $(NEEDS_$(1)),,yes))

$(CHECK_VARIANTS:%=check-build/%): check-build/%:
	+@TIMEOUT=1500 tests/run.sh build/$* $(if $(call has,$*),$(MAKE) -k VARIANT=$* build-variant, \
		sh -c 'echo $(NEEDS_$*) is not installed; exit 77')
.PHONY: build-variant
build-variant: $(call variant_goals,$(VARIANT))
	@echo '$(VARIANT): built'

$(CHECK_RUNS:%=check-run/%): check-run/%:
	$(if $(call has,$*),@$(MAKE) -k VARIANT=$* $(CHECK_$*:%=run-%))

check-build: $(CHECK_VARIANTS:%=check-build/%)
check-run: $(CHECK_RUNS:%=check-run/%)

check: ## build and run everything; the last line is `N passed, N failed, N skipped`
	@sh deploy/debian/deps.sh $(PACKAGES_KAFKA) || echo 'going on without a Kafka to test with'
	@rm -rf build/results/$@ && mkdir -p build/results/$@
	@$(MAKE) -k $(J) RESULTS=build/results/$@ check-build || echo 0 1 0 >build/results/$@/builder.count
	@$(MAKE) -k $(J) RESULTS=build/results/$@ check-run || echo 0 1 0 >build/results/$@/runner.count
	@RESULTS=build/results/$@ tests/run.sh sum
