# SPDX-License-Identifier: MIT
# make            programs into bin/
# make check      every test, sanitizers too (scripts/check installs what is missing first); WERROR=-Werror there
# make asan       programs with AddressSanitizer and UBSan into build/asan/bin/
# make tsan      programs and unit tests with ThreadSanitizer into build/tsan/ (scripts/threads runs them)
# make units      unit tests of this variant into $(OBJ)/units/
# make inject     build/inject.so, which scripts/faults preloads to make calls to the system fail
#                 (under AddressSanitizer the same is linked into programs of their own: make asan, build/asan/inject/)
# make fuzz       fuzz targets (clang) into build/fuzz/
# make bench      scripts/bench: ratios to other tools (scripts/bench PART... for some)
# make install    PREFIX=/usr/local PROGRAM_PREFIX= (a prefix for the programs' names, such as mr-) DESTDIR=
.SUFFIXES:
.DELETE_ON_ERROR:

CC       = gcc
OPTIMIZE = -O3 -g
WARN     = -Wall -Wextra -Wpedantic -Wshadow -Wvla -Wstrict-prototypes -Wmissing-prototypes -Wdeclaration-after-statement -Wformat=2 $(WERROR)
WERROR   =
SANITIZE =
OBJ      = build/release
BIN      = bin
PREFIX   = /usr/local
PROGRAM_PREFIX =

# The package of msgpack-c changed its name with version 6. OpenBLAS: the serial build where it is, threads are ours.
PKG        = pkg-config
MSGPACK   := $(shell $(PKG) --exists msgpack-c && echo msgpack-c || echo msgpack)
BLAS_DIR  := $(firstword $(wildcard /usr/lib/*/openblas-serial/pkgconfig))
BLAS_PKG   = PKG_CONFIG_PATH=$(BLAS_DIR) $(PKG)
COMMON_LIBS := $(shell $(PKG) --libs $(MSGPACK) libxxhash)
BLAS_LIBS   := $(shell $(BLAS_PKG) --libs openblas)
BLAS_CFLAGS := $(shell $(BLAS_PKG) --cflags openblas)

FOLDERS  = common extract transform load train evaluate
PARTS    = $(sort $(wildcard common/*/))
CPPFLAGS = -D_POSIX_C_SOURCE=200809L -D_XOPEN_SOURCE=700 $(FOLDERS:%=-I%) $(PARTS:%/=-I%) $(shell $(PKG) --cflags $(MSGPACK) libxxhash) $(BLAS_CFLAGS)
# Numbers are those of C: no -ffast-math. Nobody looks at errno or at flags of floating point, so loops with a choice in them become vectors.
CFLAGS   = -std=c17 $(OPTIMIZE) -ffp-contract=off -fno-math-errno -fno-trapping-math -pthread $(WARN) $(SANITIZE)
LDFLAGS  = -pthread -Wl,--as-needed $(SANITIZE)

PROGRAMS = extract transform load train predict tune evaluate describe
EXTRA_extract  = -lcsv
EXTRA_train    = $(BLAS_LIBS)
EXTRA_predict  = $(BLAS_LIBS)
EXTRA_tune     = $(BLAS_LIBS)
EXTRA_evaluate = $(BLAS_LIBS)
EXTRA_describe = $(BLAS_LIBS)

# A file is a program's main if its name is a program's; everything else goes into its folder's library.
MAINS    = $(PROGRAMS:%=extract/%.c) $(PROGRAMS:%=transform/%.c) $(PROGRAMS:%=load/%.c) $(PROGRAMS:%=train/%.c) $(PROGRAMS:%=evaluate/%.c)
sources  = $(sort $(filter-out $(MAINS),$(wildcard $1/*.c $1/*/*.c)))
objects  = $(patsubst %.c,$(OBJ)/%.o,$(call sources,$1))
library  = $(OBJ)/$1.a

# Later layers use earlier ones: common < transform < train < evaluate.
LIBS_extract   = $(call library,extract) $(call library,common)
LIBS_load      = $(call library,load) $(call library,common)
LIBS_transform = $(call library,transform) $(call library,common)
LIBS_train     = $(call library,train) $(LIBS_transform)
LIBS_evaluate  = $(call library,evaluate) $(LIBS_train)
ALL_LIBS       = $(call library,evaluate) $(call library,train) $(call library,transform) $(call library,extract) $(call library,load) $(call library,common)

all: $(PROGRAMS:%=$(BIN)/%)

define folder
$(call library,$1): $(call objects,$1)
	$(AR) rcs $$@.$$$$$$$$ $$^ && mv $$@.$$$$$$$$ $$@
endef
$(foreach f,$(FOLDERS),$(eval $(call folder,$f)))

# Whose main lies in another folder than one of its name.
FOLDER_predict  = train
FOLDER_tune     = evaluate
FOLDER_describe = evaluate
folder_of       = $(or $(FOLDER_$1),$1)
define program
$(BIN)/$1: $(OBJ)/$2/$1.o $(LIBS_$2)
	@mkdir -p $$(@D)
	$(CC) $(LDFLAGS) -o $$@ $$^ $(EXTRA_$1) $(COMMON_LIBS) -lm
endef
$(foreach p,$(PROGRAMS),$(eval $(call program,$p,$(call folder_of,$p))))

$(OBJ)/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

# ---- tests ----
UNITS = $(patsubst tests/unit/%.c,%,$(wildcard tests/unit/test_*.c))
units: $(UNITS:%=$(OBJ)/units/%)
$(OBJ)/units/%: tests/unit/%.c $(ALL_LIBS)
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -MF $@.d $(LDFLAGS) -o $@ $< $(ALL_LIBS) -lcsv $(BLAS_LIBS) $(COMMON_LIBS) -lm

asan:
	$(MAKE) OBJ=build/asan BIN=build/asan/bin OPTIMIZE='-O1 -g' \
		SANITIZE='-fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer' all units replays injected

tsan:
	$(MAKE) OBJ=build/tsan BIN=build/tsan/bin OPTIMIZE='-O1 -g' SANITIZE='-fsanitize=thread -fno-omit-frame-pointer' all units

FUZZERS = $(patsubst tests/fuzz/%.c,%,$(wildcard tests/fuzz/fuzz_*.c))
fuzz:
	$(MAKE) CC=clang OBJ=build/fuzz OPTIMIZE='-O1 -g' \
		SANITIZE='-fsanitize=address,undefined,fuzzer-no-link -fno-sanitize-recover=all' fuzzers
fuzzers: $(FUZZERS:%=$(OBJ)/%)
$(OBJ)/fuzz_%: tests/fuzz/fuzz_%.c $(ALL_LIBS)
	$(CC) $(CPPFLAGS) $(CFLAGS) $(LDFLAGS) -fsanitize=fuzzer -o $@ $< $(ALL_LIBS) -lcsv $(BLAS_LIBS) $(COMMON_LIBS) -lm

# The same targets with a plain main, for gcc: they replay the corpus (scripts/fuzz-corpus).
replays: $(FUZZERS:%=$(OBJ)/replay/%)
$(OBJ)/replay/fuzz_%: tests/fuzz/fuzz_%.c tests/fuzz/replay.c $(ALL_LIBS)
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) $(LDFLAGS) -o $@ $< tests/fuzz/replay.c $(ALL_LIBS) -lcsv $(BLAS_LIBS) $(COMMON_LIBS) -lm

# Preloaded by scripts/faults: makes calls to the system fail.
inject: build/inject.so
build/inject.so: tests/faults/inject.c
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) -fPIC -shared -o $@ $< -ldl

# The same linked in, for programs that can't be preloaded: each call that inject.c names is wrapped. scripts/faults -b runs them.
WRAPPED = -Wl,--wrap=main $(shell sed -nE 's/^(CALL|MEMORY).([a-z_]+).*/-Wl,--wrap=\2/p' tests/faults/inject.c)
injected: $(PROGRAMS:%=$(OBJ)/inject/%)
$(OBJ)/inject.o: tests/faults/inject.c
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) -DLINKED -c -o $@ $<
define injected_program
$(OBJ)/inject/$1: $(OBJ)/$2/$1.o $(OBJ)/inject.o $(LIBS_$2)
	@mkdir -p $$(@D)
	$(CC) $(LDFLAGS) $$(WRAPPED) -o $$@ $$^ $(EXTRA_$1) $(COMMON_LIBS) -lm
endef
$(foreach p,$(PROGRAMS),$(eval $(call injected_program,$p,$(call folder_of,$p))))

check:
	scripts/check
bench: all
	scripts/bench

# Pages name each other as they are installed.
MAN_NAMES = $(subst $() ,|,$(PROGRAMS) stream recipe)
install: all
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/share/man/man1 $(DESTDIR)$(PREFIX)/share/man/man5
	for p in $(PROGRAMS); do install $(BIN)/$$p $(DESTDIR)$(PREFIX)/bin/$(PROGRAM_PREFIX)$$p || exit 1; done
	for m in $(wildcard $(FOLDERS:%=%/*.1)) common/stream/stream.5 transform/recipe.5; do \
		page=$(DESTDIR)$(PREFIX)/share/man/man$${m##*.}/$(PROGRAM_PREFIX)$${m##*/}; \
		sed -E 's/(^|[ .])((Xr|Nm) )($(MAN_NAMES))( |$$)/\1\2$(PROGRAM_PREFIX)\4\5/g' "$$m" >"$$page" && chmod 644 "$$page" || exit 1; done

clean:
	rm -rf bin build

.PHONY: all inject injected units asan tsan fuzz fuzzers replays check bench install clean
-include $(wildcard $(FOLDERS:%=$(OBJ)/%/*.d) $(PARTS:%=$(OBJ)/%*.d) $(OBJ)/units/*.d)
