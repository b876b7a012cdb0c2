# Each target sets up what it needs: Python 3.10 or newer and make are enough.
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help attacks audit canaries demo docs emulate emulate-long faults fuzz fuzz-c fuzz-client mutations native networks nightly power-cut reference reference-card reference-pictures tensorrt test test-fast check test-device wheel clean

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
CODE := sdk export runtimes benchmarks tests examples docs/generate

# Our own environment for each Python that the device package is tested on.
DEVICE := .venv-device-$(shell $(PYTHON) -c 'import sys; print("%d.%d" % sys.version_info[:2])')
DEVICE_TESTS := $(wildcard tests/sdk tests/runtimes tests/bench tests/house)

DEMO_EXTRAS := export,openvino,compress,bench
DEVICE_EXTRAS := openvino,litert,dicom,igtl,report,send,view,bench
ALL_EXTRAS := openvino,litert,dicom,igtl,report,send,view,archive,parquet,bench,export,compress,heads,reference,examples,docs,dev
FUZZ_SECONDS ?= 60
KILLS ?= 1000

# One process for each core; the tests of a file stay together, and share what they made. The slow
# files come first (tests/conftest.py), so that no core waits for the other at the end.
# While tests wait, more processes than cores have something to do: make test WORKERS=3.
WORKERS ?= auto
PARALLEL := -n $(WORKERS) --dist loadfile --no-loadscope-reorder

QUIET := $(if $(CI),-q)
export PIP_DISABLE_PIP_VERSION_CHECK := 1

# $(call environment,FOLDER): a new environment, with the build backends at their pinned versions:
# ours, and setuptools for a package that comes as source alone (crcmod, for the tests' pyigtl).
define environment
	@$(PYTHON) -c 'import sys; sys.exit("sonoedge needs Python 3.10 or newer; run: make PYTHON=python3.11 ..." if sys.version_info < (3, 10) else 0)'
	test -x $(1)/bin/python || $(PYTHON) -m venv $(1)
	$(1)/bin/python -m pip install $(QUIET) -c constraints.txt hatchling setuptools
endef

help: ## show this help
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-19s %s\n", $$1, $$2 }' Makefile

demo: $(VENV)/.demo ## export the reference network and run it on real frames, into build/demo
	$(BIN)/python examples/demo.py --out build/demo
	@echo "To use the command from here on: source $(VENV)/bin/activate"

docs: $(VENV)/.all ## build the documentation into build/docs; needs Python 3.11 or newer
	NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --strict
	@echo "Open build/docs/index.html. To search as well: $(BIN)/python -m http.server -d build/docs"

wheel: ## build the wheel into dist
	$(call environment,$(VENV))
	$(BIN)/python -m hatchling build -t wheel -d dist

native: ## compile the frame path in C for Python, where `sonoedge.open` finds it; needs a C compiler
	$(PYTHON) sdk/c/python/build_native.py

networks: $(VENV)/.all ## compress the networks of docs/explanation/networks.md; takes hours, goes on where it stopped
	$(BIN)/python examples/networks/run.py

# From trained weights to what is shipped: each line can be run alone. The test splits are read by
# reference-card, once all is decided. SENSITIVITY: of the operating point, on validation.
REFERENCE := examples/reference
SENSITIVITY ?= 0.93
SETS = $(foreach set,busi busbra bus_uclm,$(DATA)/$(set)/frames.json)
reference: $(VENV)/.all ## ship trained weights as the reference network: make reference WEIGHTS=FILE DATA=FOLDER; takes hours
	$(if $(and $(WEIGHTS),$(DATA)),,$(error say WEIGHTS=FILE, which train.py wrote, and DATA=FOLDER))
	$(BIN)/python $(REFERENCE)/pack.py $(WEIGHTS) $(REFERENCE)/lesionnet.safetensors
	$(BIN)/python -m sonoedge prune $(REFERENCE)/pruned.toml --data-root $(DATA) --out build/pruned
	cp build/pruned/lesionnet-slim.safetensors build/pruned/lesionnet-slim.json $(REFERENCE)
	$(BIN)/python $(REFERENCE)/choose.py $(REFERENCE)/recipe.toml $(SETS) --others $(DATA) --pruned $(REFERENCE)/full.toml --sensitivity $(SENSITIVITY) --write
	$(BIN)/python -m sonoedge export $(REFERENCE)/full.toml --data-root $(DATA) --out build/reference --force

reference-card: $(VENV)/.all ## measure build/reference on the test splits, into its model card: make reference-card DATA=FOLDER
	$(if $(DATA),,$(error say DATA=FOLDER))
	$(BIN)/python $(REFERENCE)/card.py build/reference --data $(DATA)

reference-pictures: $(VENV)/.all ## the documentation's pictures of the reference network; needs Chromium
	$(BIN)/python examples/demo.py --out build/demo
	$(BIN)/python examples/overlay_picture.py build/demo/bundle $(addprefix examples/data/breast_usg/images/,case106.png case030.png) \
		--variant pruned-openvino-int8 --out docs/overlay.png
	$(BIN)/python examples/view_picture.py build/demo/bundle build/demo/view --out docs/view.png

tensorrt: $(VENV)/.all ## build the networks for RTX GPUs, without one; installs NVIDIA's wheels (95 MB, their licence)
	$(BIN)/python -m pip install $(QUIET) --no-build-isolation -c constraints.txt -e ".[tensorrt-rtx]"
	SONOEDGE_NIGHTLY=1 $(BIN)/python -m pytest tests/export/lint tests/export/quantize tests/runtimes/trt_build \
		tests/examples/test_for_tensorrt.py
	$(BIN)/python examples/networks/for_tensorrt.py --out build/tensorrt

# What make test has a sample of: tests/house/test_nightly.py misses a file that is not here.
NIGHTLY := tests/examples/test_ablation.py tests/examples/test_distil.py \
	tests/examples/test_for_tensorrt.py tests/export/lint/test_parser.py \
	tests/sdk/archive/test_cluster.py tests/sdk/archive/test_run.py \
	tests/sdk/c/core/frame/test_guard.py tests/sdk/c/core/frame/test_input.py \
	tests/sdk/c/core/frame/test_path.py tests/sdk/c/core/frame/test_regions.py \
	tests/sdk/c/core/read/test_manifest.py
nightly: $(VENV)/.all ## the longest trainings, all that make test samples, and an ARM Cortex-A72 by qemu
	SONOEDGE_NIGHTLY=1 $(BIN)/python -m pytest $(NIGHTLY)
	CI_OPTIONAL=1 QEMU_CPU=cortex-a72 $(MAKE) emulate emulate-long

test: check ## lint, strict types, import contract and all tests
	$(BIN)/python -m pytest $(PARALLEL)

test-fast: $(VENV)/.all ## the tests without the slow ones, for the loop; under 90 seconds
	$(BIN)/python -m pytest $(PARALLEL) -m "not slow"

check: $(VENV)/.all ## lint, strict types and import contract
	$(BIN)/ruff check $(CODE)
	$(BIN)/ruff format --check $(CODE)
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

test-device: $(DEVICE)/.device ## the device package and its tests alone: make test-device PYTHON=python3.10
	$(DEVICE)/bin/python -m pytest -p no:cacheprovider $(DEVICE_TESTS)

fuzz: $(VENV)/.all ## attack every reader, 60 s each: make fuzz ENTRY=manifest FUZZ_SECONDS=600, or FUZZ_INPUTS=100000
	-$(BIN)/python -m pip install $(QUIET) --only-binary atheris -c constraints.txt "atheris>=3; python_version >= '3.11'"
	PYTHONPATH=tests $(BIN)/python -m fuzz $(addprefix --entry ,$(ENTRY)) \
		$(if $(FUZZ_INPUTS),--inputs $(FUZZ_INPUTS),--seconds $(FUZZ_SECONDS)) --json build/fuzz/figures.json

# Each parser of the native library that faces a file.
C_FUZZERS := $(basename $(notdir $(wildcard tests/sdk/c/fuzz/*.c)))
fuzz-c: $(addprefix fuzz-c-,$(or $(ENTRY),$(C_FUZZERS))) ## libFuzzer on the native readers, 60 s each: make fuzz-c ENTRY=png FUZZ_SECONDS=600

fuzz-c-%: $(VENV)/.all
	mkdir -p build/fuzz-c/$*
	PYTHONPATH=sdk $(BIN)/python tests/sdk/c/fuzz/seeds.py build/fuzz-c
	clang -std=c99 -O1 -g -ffp-contract=off -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all -Isdk/c \
		-o build/fuzz-c/fuzz-$* tests/sdk/c/fuzz/$*.c $(wildcard sdk/c/core/*.c sdk/c/core/read/*.c)
	build/fuzz-c/fuzz-$* -max_total_time=$(FUZZ_SECONDS) -max_len=20000 -timeout=5 -rss_limit_mb=512 \
		-dict=build/fuzz-c/words -artifact_prefix=build/fuzz-c/found- -print_final_stats=1 build/fuzz-c/$*

fuzz-client: $(VENV)/.all ## attack what the C client reads by libFuzzer, 60 s each; needs clang: make fuzz-client FUZZ_SECONDS=600
	SONOEDGE_FUZZ_CLIENT_SECONDS=$(FUZZ_SECONDS) $(BIN)/python -m pytest -s tests/sdk/c/fuzz_client

mutations: $(VENV)/.all ## 100,000 mutated messages to the service, of each kind that a client says
	SONOEDGE_SERVICE_MUTATIONS=100000 $(BIN)/python -m pytest -s tests/sdk/service/test_loop.py -k mutated

attacks: $(VENV)/.all ## attack signed bundles, keyrings and grants: each attack timed, every bit, 10,000 swaps; takes minutes
	PYTHONPATH=tests $(BIN)/python -m attacks

audit: $(VENV)/.all ## the audit log's long tests: 10,000 edits, 30 days, 200 kills
	SONOEDGE_AUDIT_EDITS=10000 SONOEDGE_AUDIT_DAYS=30 SONOEDGE_AUDIT_KILLS=200 \
		$(BIN)/python -m pytest -s tests/sdk/audit/test_verify.py tests/sdk/audit/test_writing.py tests/sdk/audit/test_log.py

canaries: $(VENV)/.all ## plant patients' data everywhere, run every verb, and look for it in all that is written
	SONOEDGE_CANARIES=all $(BIN)/python -m pytest tests/hostile/test_canary.py

emulate: $(VENV)/.all ## on aarch64, by qemu: what a processor can change; sets up build/arm (600 MB)
	tests/emulated/job short build/arm $(BIN)/python $(DEVICE_EXTRAS)

emulate-long: $(VENV)/.all ## on aarch64, by qemu: the rest of the device package's tests
	tests/emulated/job long build/arm $(BIN)/python $(DEVICE_EXTRAS)

faults: $(VENV)/.all ## interrupt a store's updates and fall backs: six faults at every call, and 1,000 kills
	PYTHONPATH=tests $(BIN)/python -m faults calls
	PYTHONPATH=tests $(BIN)/python -m faults kills --runs $(KILLS)

power-cut: $(VENV)/.all ## cut the power after every call of a store's update; needs root and loop devices
	PYTHONPATH=tests $(BIN)/python -m faults power

clean: ## remove what was built, and the environments
	rm -rf build dist .venv .venv-device-* .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

$(VENV)/.demo: pyproject.toml constraints.txt
	$(call environment,$(VENV))
	$(BIN)/python -m pip install $(QUIET) --no-build-isolation -c constraints.txt -e ".[$(DEMO_EXTRAS)]"
	touch $@

$(VENV)/.all: pyproject.toml constraints.txt
	$(call environment,$(VENV))
	$(BIN)/python -m pip install $(QUIET) --no-build-isolation -c constraints.txt -e ".[$(ALL_EXTRAS)]"
	@# NVIDIA's wheels, under their licence: here in continuous integration alone, where they can be had.
	$(if $(CI),-$(BIN)/python -m pip install -q -c constraints.txt tensorrt-rtx-cu13-bindings tensorrt-rtx-cu13-libs)
	touch $(VENV)/.demo $@

$(DEVICE)/.device: pyproject.toml constraints.txt
	$(call environment,$(DEVICE))
	$(DEVICE)/bin/python -m pip install $(QUIET) --no-build-isolation -c constraints.txt -e ".[$(DEVICE_EXTRAS)]" pytest hypothesis jsonschema
	touch $@
