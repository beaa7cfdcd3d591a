# A newcomer needs two of these: `make demo` and `make test`.

# One set of flags for everything, so that the demo and the tests share one build.
SWIFT_FLAGS = -c release -Xswiftc -enable-testing
PREFIX ?= /usr/local
DEMO ?= demo
WSL = .build/release/wsl

# What the compiler and tests that were killed leave in the folder of temporary files goes with the
# build.
SWIFT_TMP = $(CURDIR)/.build/tmp
IN_SWIFT_TMP = mkdir -p $(SWIFT_TMP) && TMPDIR=$(SWIFT_TMP)
SWIFT_BUILD = $(IN_SWIFT_TMP) swift build

.PHONY: all demo test test-peers test-threads fuzz lint bench install setup setup-peers clean

all: $(WSL)

# Trains the networks of the demo's zoo and makes the barrier between two of them go away.
demo: setup build
	$(WSL) zoo build zoo-specs/digits-mlp.yaml -o $(DEMO) --resume
	$(WSL) inspect $(DEMO)/digits-mlp-seed0.h5 --symmetries
	$(WSL) match $(DEMO)/digits-mlp-seed0.h5 $(DEMO)/digits-mlp-seed1.h5 \
	  -o $(DEMO)/matched.h5 --force
	$(WSL) connect $(DEMO)/digits-mlp-seed0.h5 $(DEMO)/digits-mlp-seed1.h5 --data digits --match \
	  --plot $(DEMO)/barrier.svg --force
	@echo
	@echo "The picture is $(DEMO)/barrier.svg"

# The study of connectivity on Fashion-MNIST: trains three networks of every width, measures every
# pair before and after matching by each matcher, and makes one page and one table. Interrupted, it
# goes on where it was. FULL=1 measures on all 10 000 test examples, every matcher at every width,
# and all pairs of the convolutional networks; without it the large ones have fewer of each.
STUDY ?= connectivity
FASHION = /usr/share/datasets/fashion-mnist
WIDTHS = 64 128 256 512 1024
MATCHERS = weights activations straight-through
ifdef FULL
STUDY_LIMITS = 64:10000 128:10000 256:10000 512:10000 1024:10000
STUDY_SKIPPED =
STUDY_PAIRS = [012]
STUDY_CONVOLUTIONAL = --points 25 --limit 5000 --repair-examples 10000
else
STUDY_LIMITS = 64:5000 128:5000 256:5000 512:5000 1024:2000
STUDY_SKIPPED = 1024:activations 1024:straight-through
STUDY_PAIRS = [01]
STUDY_CONVOLUTIONAL = --points 11 --limit 1000 --repair-examples 2000
endif
.PHONY: reproduce-connectivity
reproduce-connectivity: setup build
	$(WSL) zoo build zoo-specs/connectivity-fashion.yaml -o $(STUDY)/zoo --resume
	mkdir -p $(STUDY)/results
	set -e; for width in $(WIDTHS); do for method in $(MATCHERS); do \
	  case " $(STUDY_SKIPPED) " in *" $$width:$$method "*) continue;; esac; \
	  for pair in $(STUDY_LIMITS); do [ $${pair%:*} = $$width ] && limit=$${pair#*:}; done; \
	  out=$(STUDY)/results/mlp-$$width-$$method.json; [ -s $$out ] && continue; \
	  $(WSL) connect $(STUDY)/zoo/connectivity-fashion-mlp-seed[012]-width$$width.h5 \
	    --data $(FASHION) --match --method $$method --epochs 1 --limit $$limit --json \
	    --split $$([ $$method = weights ] && echo both || echo test) > $$out.part; \
	  mv $$out.part $$out; done; done
	set -e; for kind in vgg resnet; do for method in weights activations; do \
	  out=$(STUDY)/results/$$kind-$$method.json; [ -s $$out ] && continue; \
	  $(WSL) connect $(STUDY)/zoo/connectivity-fashion-$$kind-seed$(STUDY_PAIRS).h5 \
	    --data $(FASHION) --match --method $$method $(STUDY_CONVOLUTIONAL) --no-measures \
	    --repair $$([ $$kind = vgg ] && echo repair || echo reset) --json > $$out.part; \
	  mv $$out.part $$out; done; done
	$(WSL) report $(STUDY)/results -o $(STUDY)/report.html --force > $(STUDY)/table.txt
	cat $(STUDY)/table.txt
	@echo; echo "The page is $(STUDY)/report.html, the table $(STUDY)/table.txt"

# The claims about robust weight signatures: trains the zoo of the study, tests every claim beside its
# threshold, and draws the sweep over strengths and numbers of layers. Exit code 2 of the study, a
# claim that is missed, is no failure of the reproduction.
SIGNATURES ?= signatures
.PHONY: reproduce-signatures
reproduce-signatures: setup build
	$(WSL) zoo build zoo-specs/rws-digits.yaml -o $(SIGNATURES)/zoo --resume
	$(WSL) signature study $(SIGNATURES)/zoo -o $(SIGNATURES)/study.md \
	  --plot $(SIGNATURES)/sweep.svg --force || test $$? = 2
	@echo; echo "The tables are $(SIGNATURES)/study.md, the sweep is $(SIGNATURES)/sweep.svg"

# The map of phases of our own grid: 192 perceptrons of the digits over widths and batch sizes with three
# starts each, everything that is measured of them, and two maps: by thresholds that are found, and by those
# of the published grid (a loss of 0.1, a barrier of one point of accuracy, a CKA of 0.65). Interrupted, it
# goes on where it was.
PHASES ?= phases
PHASES_MAP = $(WSL) zoo phases $(PHASES)/phases.sqlite --load width --temperature batch-size
.PHONY: reproduce-phases
reproduce-phases: setup build
	$(WSL) zoo build zoo-specs/phases-digits.yaml -o $(PHASES)/zoo --resume
	$(WSL) zoo index $(PHASES)/zoo -o $(PHASES)/phases.sqlite
	$(PHASES_MAP) --data digits --transfer rotate:5 --curve-epochs 100 --plot $(PHASES)/found.svg \
	  -o $(PHASES)/found.html --force > $(PHASES)/found.txt
	$(PHASES_MAP) --thresholds loss=0.1,connectivity=0.01,similarity=0.65 \
	  --plot $(PHASES)/given.svg -o $(PHASES)/given.html --force > $(PHASES)/given.txt
	cat $(PHASES)/found.txt $(PHASES)/given.txt
	@echo; echo "The maps are $(PHASES)/found.svg and $(PHASES)/given.svg, the pages found.html and given.html"

# Barriers between transformers, and between recurrent networks, as they are and after matching by orders, by
# signs, by rotations, and by rotations that are learned on the loss, each at temperature 1 and at the best
# one. Trains two of each first. Interrupted, it goes on where it was.
TRANSFORMERS ?= transformers
TRANSFORMER_PATHS = permutation:weights signed:weights orthogonal:weights orthogonal:straight-through
TRANSFORMER_PAIRS = text-gpt:austen text-llama:austen text-gpt-tied:austen text-lstm:austen digits-vit:digits
TRANSFORMER_LEARNING = --epochs 4 --learning-rate 0.003
.PHONY: reproduce-transformers
reproduce-transformers: setup build
	$(WSL) zoo build zoo-specs/connectivity-text.yaml -o $(TRANSFORMERS)/zoo --resume
	$(WSL) zoo build zoo-specs/connectivity-digits-vit.yaml -o $(TRANSFORMERS)/zoo --resume
	mkdir -p $(TRANSFORMERS)/results
	set -e; for pair in $(TRANSFORMER_PAIRS); do for path in $(TRANSFORMER_PATHS); do \
	  out=$(TRANSFORMERS)/results/$${pair%:*}-$${path%:*}-$${path#*:}.json; [ -s $$out ] && continue; \
	  case $$pair:$$path in text-lstm:*:permutation:weights) ;; text-lstm:*) continue;; esac; \
	  kernel=cosine; [ $${path%:*} = permutation ] && kernel=linear; \
	  limit=120; [ $${pair#*:} = digits ] && limit=300; \
	  $(WSL) connect $(TRANSFORMERS)/zoo/connectivity-$${pair%:*}-seed[01].h5 --data $${pair#*:} \
	    --match --symmetries $${path%:*} --method $${path#*:} --kernel $$kernel $(TRANSFORMER_LEARNING) \
	    --temperature best --points 11 --limit $$limit --json > $$out.part; \
	  mv $$out.part $$out; done; done
	$(WSL) report $(TRANSFORMERS)/results -o $(TRANSFORMERS)/report.html --force > $(TRANSFORMERS)/table.txt
	$(WSL) report $(TRANSFORMERS)/results -o $(TRANSFORMERS)/report.ipynb --force > $(TRANSFORMERS)/table.txt
	cat $(TRANSFORMERS)/table.txt
	@echo; echo "The page is $(TRANSFORMERS)/report.html, the table $(TRANSFORMERS)/table.txt"

# The study of probes on trees of digits: 707 networks of seven trees, trained here; what was each of six trees'
# networks trained on, by one probe for all and by one for each tree, with five seeds; which models of a tree
# that no probe saw are rejected; and the parents of all. Interrupted, it goes on where it was.
PROBES ?= probes
PROBE_TRAIN = $(WSL) probe train $(PROBES)/trees.sqlite --seeds 5 --quiet --json --force
PROBE_KNOWN = name < 'digits-projected-trees-g'
.PHONY: reproduce-probes
reproduce-probes: setup build
	$(WSL) zoo build zoo-specs/digits-projected-trees.yaml -o $(PROBES)/zoo --resume
	$(WSL) zoo index $(PROBES)/zoo -o $(PROBES)/trees.sqlite
	mkdir -p $(PROBES)/results
	set -e; train() { out=$(PROBES)/results/$$1.json; [ -s $$out ] && return; shift; \
	    $(PROBE_TRAIN) -o $(PROBES)/probe.h5 "$$@" > $$out.part; mv $$out.part $$out; }; \
	  train layers --target classes --kind dense --learning-curve --plane --where "$(PROBE_KNOWN)"; \
	  train statistics --target classes --kind statistics --where "$(PROBE_KNOWN)"; \
	  train tree --target projection_seed --task classes --kind moments --group none --layer fc2/weight \
	    --no-baselines --where "$(PROBE_KNOWN)"; \
	  for kind in probex mvprobe; do \
	    train $$kind-one-tree --target classes --kind $$kind --tune --layer fc1/weight --no-baselines \
	      --where "name LIKE 'digits-projected-trees-a-%'"; \
	    train $$kind-six-trees --target classes --kind $$kind --tune --layer fc1/weight --per-tree \
	      $$([ $$kind = mvprobe ] && echo --no-baselines) --where "$(PROBE_KNOWN)"; done
	$(WSL) probe train $(PROBES)/trees.sqlite --target classes --kind probex --layer fc1/weight --seed 9 \
	  --tune --no-baselines --quiet --force -o $(PROBES)/known.h5 \
	  --where "$(PROBE_KNOWN) AND folds_classes_seed0 > 0"
	$(WSL) probe evaluate $(PROBES)/known.h5 $(PROBES)/trees.sqlite --quiet > $(PROBES)/unseen.txt
	$(WSL) zoo trees $(PROBES)/trees.sqlite --truth index --quiet > $(PROBES)/trees.txt
	for page in html ipynb md; do $(WSL) report $(PROBES)/results -o $(PROBES)/probes.$$page \
	  --title "What were networks trained on? Probes of their weights" --force > /dev/null; done
	cat $(PROBES)/unseen.txt; tail -5 $(PROBES)/trees.txt
	@echo; echo "The tables are $(PROBES)/probes.md, the page is $(PROBES)/probes.html"

test: setup build-tests
	$(IN_SWIFT_TMP) swift test $(SWIFT_FLAGS) --no-parallel --skip-build
	rm -rf $(SWIFT_TMP)

# The real libraries as judges: Keras and PyTorch load what `wsl` wrote, h5py reads it. The networks in
# PyTorch are made by the Python of the system, which has the package of Debian.
PEERS = .build/peers
test-peers: setup setup-peers build-tests
	@Tools/setup.sh python3-torch python3-h5py
	Tests/Peers/run.sh $(PEERS)/bin/python $(WSL)
	Tests/Peers/networks.sh $(PEERS)/bin/python $(WSL)
	$(IN_SWIFT_TMP) WSL_PEER_PYTHON=$(CURDIR)/$(PEERS)/bin/python \
	  swift test $(SWIFT_FLAGS) --no-parallel --skip-build --filter WeightFilesTests
	rm -rf $(SWIFT_TMP)

# Tiny random models of every family, made by the real libraries: what is understood, what is run, and
# whether the groups hold. Writes the table of docs/families.md.
FAMILIES = .build/families
.PHONY: test-families
test-families: $(WSL) $(FAMILIES)/installed
	$(FAMILIES)/bin/python Tests/Peers/families/make_models.py $(FAMILIES)/models
	$(FAMILIES)/bin/python Tests/Peers/families/judge.py $(WSL) $(FAMILIES)/models --table docs/families.md
$(FAMILIES)/installed: Tests/Peers/families/requirements.txt
	python3 -m venv $(FAMILIES)
	$(FAMILIES)/bin/pip install --quiet --disable-pip-version-check -r Tests/Peers/families/requirements.txt
	touch $@

# Every command that writes, ended by SIGKILL at some time: each output is the old one or the new one.
# And the same commands where nothing can be written: one line and exit code 74 from each.
KILLS ?= 500
KILL_SEED ?= 0
.PHONY: test-kills test-full-disk test-memory
test-kills: $(WSL)
	Tests/Reliability/kills.py $(WSL) --count $(KILLS) --seed $(KILL_SEED)
test-full-disk: $(WSL)
	Tests/Reliability/full_disk.py $(WSL)

# What commands hold in memory of files that claim more than they store, or more than their budget.
test-memory: $(WSL)
	Tests/Reliability/memory.py $(WSL)

# Every page of `wsl serve` in Chromium: errors, foreign requests, labels that overlap, light and dark, keys,
# scripts in names; and how long pages take, which is printed.
BROWSER_ZOOS ?= .build/browser
.PHONY: test-browser
test-browser: $(WSL)
	@Tools/setup.sh chromium tidy fonts-dejavu-core
	Tests/Browser/pages.py $(WSL) $(BROWSER_ZOOS)

# A scan through a real Slurm of two nodes on this host, compared with one process. Needs root.
.PHONY: test-slurm
test-slurm: $(WSL)
	@Tools/setup.sh slurmctld slurmd slurm-client munge
	Tests/Slurm/run.sh $(WSL)

# The parallel parts under ThreadSanitizer, in a build of their own; a race that it finds fails a test.
# The worker that reads HDF5 files is that of the ordinary build: its limit of memory leaves no room for
# the sanitizer, and it has one thread.
THREAD_TESTS ?= SupportTests|WeightFilesTests|MatchingTests|ZooIndexTests
THREAD_FLAGS = --sanitize thread --scratch-path .build-threads
test-threads: setup build
	$(SWIFT_BUILD) $(THREAD_FLAGS) --build-tests
	clang -O1 -shared -fPIC -o .build-threads/mutex.so Tests/Threads/mutex.c
	$(IN_SWIFT_TMP) LD_PRELOAD=$(CURDIR)/.build-threads/mutex.so TSAN_OPTIONS=halt_on_error=1 \
	  WSL_CATALOG=$(CURDIR)/.build/release/wsl-catalog \
	  swift test $(THREAD_FLAGS) --no-parallel --skip-build --filter '$(THREAD_TESTS)'
	rm -rf $(SWIFT_TMP)

# The same of the loops on which everything that is parallel rests, and of matching, which uses them most.
# Nothing else is compiled, so that it has room in a run of CI.
SHORT_THREAD_TESTS = SupportTests MatchingTests
SHORT_THREAD_FILTER = SupportTests|WeightMatchingTests|MatchingProblemTests
.PHONY: test-threads-short
test-threads-short: setup
	WSL_TESTS='$(SHORT_THREAD_TESTS)' $(SWIFT_BUILD) $(THREAD_FLAGS) --build-tests
	clang -O1 -shared -fPIC -o .build-threads/mutex.so Tests/Threads/mutex.c
	$(IN_SWIFT_TMP) WSL_TESTS='$(SHORT_THREAD_TESTS)' LD_PRELOAD=$(CURDIR)/.build-threads/mutex.so \
	  TSAN_OPTIONS=halt_on_error=1 swift test $(THREAD_FLAGS) --no-parallel --skip-build \
	  --filter '$(SHORT_THREAD_FILTER)'
	rm -rf $(SWIFT_TMP)

# Every parser of untrusted bytes under libFuzzer and AddressSanitizer, each for a minute.
FUZZ_SECONDS ?= 60
fuzz: setup
	Fuzz/run.sh $(FUZZ_SECONDS) $(FUZZ_TARGETS)

# The same round after round, until ten million inputs were tried; cut short, it says how many were.
.PHONY: fuzz-overnight
FUZZ_COUNT ?= 10000000
fuzz-overnight: setup
	Fuzz/overnight.sh $(FUZZ_COUNT)

# A package that imports the libraries of this one and matches two files, built and run.
.PHONY: test-examples
test-examples: setup $(WSL)
	$(IN_SWIFT_TMP) swift build --package-path Examples -Xcc -O2
	$(WSL) zoo build zoo-specs/digits-mlp.yaml -o .build/examples --resume
	cd .build/examples && WSL_CATALOG=$(CURDIR)/.build/release/wsl-catalog \
	  $(CURDIR)/Examples/.build/debug/MatchTwoFiles digits-mlp-seed0.h5 digits-mlp-seed1.h5 matched.h5
	rm -rf $(SWIFT_TMP)

# The reference from the program's own tables. A test fails where it is stale.
.PHONY: reference test-docs
reference: $(WSL)
	Tools/reference.py $(WSL)

# Every command of the documentation, run in scratch folders and compared with what stands there.
test-docs: $(WSL)
	Tools/reference.py $(WSL) --check
	Tests/Docs/run.py $(WSL)

lint:
	swift format lint --strict --recursive Package.swift Sources Tests Fuzz

bench: setup setup-peers build
	Benchmarks/run.sh $(PEERS)/bin/python $(WSL)

# A folder with the program and what it needs, which works wherever it lies: see Tools/Packaging.
BUNDLE = .build/bundle
.PHONY: uninstall
install: setup build
	@Tools/setup.sh patchelf binutils
	Tools/Packaging/bundle.py .build/release $(BUNDLE) --checkouts .build/checkouts
	install -d $(DESTDIR)$(PREFIX)
	cp -R $(BUNDLE)/. $(DESTDIR)$(PREFIX)

# What `make install` wrote, by its own list; folders that others use stay.
uninstall:
	@test -f $(DESTDIR)$(PREFIX)/share/doc/wsl/FILES || { echo "wsl is not installed in $(PREFIX)" >&2; exit 1; }
	cd $(DESTDIR)$(PREFIX) && xargs -d '\n' rm -f < share/doc/wsl/FILES
	cd $(DESTDIR)$(PREFIX) && rmdir bin/wsl_Datasets.resources lib/wsl share/doc/wsl/licences share/doc/wsl

# A release has the Swift runtime in the program, and nothing of the tests: a build of its own.
RELEASE_BUILD = .build-release
DIST ?= dist
.PHONY: release-bundle release wheel test-wheel
release-bundle: setup commit
	@Tools/setup.sh patchelf binutils
	$(SWIFT_BUILD) -c release --static-swift-stdlib --scratch-path $(RELEASE_BUILD) --product wsl
	$(SWIFT_BUILD) -c release --static-swift-stdlib --scratch-path $(RELEASE_BUILD) --product wsl-catalog
	rm -rf $(SWIFT_TMP)
	Tools/Packaging/bundle.py $(RELEASE_BUILD)/release $(RELEASE_BUILD)/bundle \
	  --checkouts $(RELEASE_BUILD)/checkouts

# An archive that runs on Debian 12 and Ubuntu 24.04 and later, without Swift.
release: release-bundle
	Tools/Packaging/archive.py $(RELEASE_BUILD)/bundle $(DIST)

# The same program with its Python, for `pip install`.
wheel: release-bundle
	Python/build_wheel.py $(RELEASE_BUILD)/bundle $(DIST)

# The wheel in two clean environments: with NumPy alone, and with pandas.
test-wheel: wheel
	Python/tests/run.sh $(DIST)/weight_space_lab-*.whl

# The commit for `wsl --version`; written only where it changed, so that nothing is compiled anew.
COMMIT_FILE = Sources/CLinux/commit.h
.PHONY: commit
commit:
	@commit=$$(git rev-parse --short=12 HEAD 2>/dev/null || true); \
	  git diff --quiet HEAD -- Sources Package.swift 2>/dev/null || commit="$$commit$${commit:++}"; \
	  line="#define WSL_COMMIT \"$$commit\""; \
	  [ "$$line" = "$$(cat $(COMMIT_FILE) 2>/dev/null)" ] || echo "$$line" > $(COMMIT_FILE)

# The tool with everything that tests it. `swift test` alone would compile modules again that a build
# has just made, which is why the tests skip its build.
.PHONY: build-tests
build-tests: commit
	$(SWIFT_BUILD) $(SWIFT_FLAGS) --build-tests
	rm -rf $(SWIFT_TMP)

.PHONY: build
build $(WSL): | commit
	$(SWIFT_BUILD) $(SWIFT_FLAGS) --product wsl
	$(SWIFT_BUILD) $(SWIFT_FLAGS) --product wsl-catalog
	rm -rf $(SWIFT_TMP)

setup:
	@Tools/setup.sh

setup-peers: $(PEERS)/installed
$(PEERS)/installed: Tests/Peers/requirements.txt
	python3 -m venv $(PEERS)
	$(PEERS)/bin/pip install --quiet --disable-pip-version-check -r Tests/Peers/requirements.txt
	touch $@

clean:
	rm -rf .build .build-fuzz .build-release .build-threads $(DEMO) $(DIST)
