# make run   the main job on the sample data
# make test  every test, on real servers that it installs and starts itself
# make soak  the long versions: every test, more kills, more data, real HDFS and YARN; an hour
# make bench speed and memory, beside the alternatives; ROWS=1000000 for a shorter one
# make check format, lint, types, unused code, the package
# Each target installs what it needs when it is missing.

SHELL := /bin/bash -eu -o pipefail
.DEFAULT_GOAL := run
.DELETE_ON_ERROR:
.PHONY: run test soak bench check build clean
export PATH := $(CURDIR)/node_modules/.bin:$(PATH)

work := also-viewed-work
source_files := $(shell find src jobs assembly -name '*.ts' -o -name '*.css') assembly/asconfig.json tsconfig.json rolldown.config.mjs package.json

build: dist/cli/main.cjs

# The lock file that npm leaves in node_modules is as new as the last installation. Not `npm ci`, which refuses a lock file made where the
# registry does not hold the optional binaries of every platform; the versions are those of the lock file all the same.
node_modules/.package-lock.json: package.json package-lock.json
	npm install --no-save --no-audit --no-fund --loglevel=error
	touch $@

# The library is modules, its inner loops are WebAssembly, the command line and the jobs are bundles: see rolldown.config.mjs.
# A bundle takes the place of the program's own module.
dist/cli/main.cjs: node_modules/.package-lock.json $(source_files)
	rm -rf dist
	tsc -p tsconfig.json
	rm dist/cli/main.*
	tsc -p src/report/page/client/tsconfig.json
	asc assembly/row-kernel.ts assembly/graph-kernel.ts --config assembly/asconfig.json --target row
	asc assembly/piece-kernel.ts --config assembly/asconfig.json --target piece
	asc assembly/relation-kernel.ts --config assembly/asconfig.json --target relation
	rolldown --config rolldown.config.mjs >/dev/null
	cp src/report/page/style.css dist/report/page/
	chmod +x dist/cli/main.cjs

run: build
	node dist/cli/main.cjs run --source sample-data/views.tsv --target $(work)/related_products.tsv --work $(work) --min-weight 2 --max-path-products 100
	@echo
	node dist/cli/main.cjs show 1001 1172 1440 --work $(work) --names sample-data/products.tsv --top 6 --format table
	@echo
	node dist/cli/main.cjs report --work $(work) --names sample-data/products.tsv
	@echo
	@echo 'The relations are in $(work)/related_products.tsv, the files of every run in $(work)/runs/.'
	@echo 'Next: node dist/cli/main.cjs show ID --names sample-data/products.tsv   the list of any product'
	@echo '      node dist/cli/main.cjs relate your-views.tsv --top 20             relations of your own views'
	@echo '      node dist/cli/main.cjs --help                                     everything else; docs/ has the nightly job'

test: build services
	vitest run

soak: build services
	SOAK=1 vitest run
	$(MAKE) test-cluster

# Minutes, on HDFS and YARN of its own: apart from the other tests.
.PHONY: test-cluster
test-cluster: build
	scripts/install-hadoop-cluster.sh
	vitest run --config test/cluster/vitest.config.ts

.PHONY: services
services:
	scripts/install-mariadb.sh
	scripts/install-mysql.sh
	scripts/install-s3.sh
	scripts/install-hadoop.sh
	scripts/install-chromium.sh

bench: build services
	scripts/install-bench.sh
	tsx bench/main.ts

check: build
	biome ci --error-on-warnings .
	tsc -p tsconfig.check.json
	knip
	publint --strict
	attw --pack . --profile esm-only

clean:
	rm -rf dist build $(work)
