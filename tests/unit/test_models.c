/* SPDX-License-Identifier: MIT */
/* What model.h says of every family, and what train/ says of its structs: released after a failure, twice, and zeroed. */
#include "intake.h"
#include "matrix.h"
#include "memory.h"
#include "model.h"
#include "modelfile.h"
#include "number.h"
#include "panels.h"
#include "prepare.h"
#include "setup.h"
#include "shuffle.h"
#include "trainset.h"
#include "unit.h"

/* ---- families ---- */

static const size_t size_of[] = {
	[OPTION_FLAG] = sizeof(bool), [OPTION_INT] = sizeof(int64_t), [OPTION_REAL] = sizeof(double), [OPTION_SIZE] = sizeof(uint64_t),
	[OPTION_TEXT] = sizeof(char *), [OPTION_CHOICE] = sizeof(int), [OPTION_LIST] = sizeof(struct text_list),
};

/* Where help says "(default 10)" or "(default leaf)", that is what the config begins with, or it begins with what nobody can say: nothing was said. */
static bool help_is_true(const struct option_row *row, const void *config)
{
	static const char opens[] = "(default ";
	const char *text = strstr(row->help, opens), *word = row->choices;
	const void *member = (const char *)config + row->offset;
	size_t size;
	double number, set;

	text = text ? text + strlen(opens) : "";
	size = strcspn(text, "),:; ");
	if (size == 0 || !strchr("):", text[size]))
		return true;
	if (row->type == OPTION_CHOICE) {
		for (int i = *(const int *)member; i > 0 && word; i--)
			word = strchr(word, '|') ? strchr(word, '|') + 1 : NULL;
		return word && strcspn(word, "|") == size && memcmp(word, text, size) == 0;
	}
	if ((row->type != OPTION_INT && row->type != OPTION_REAL) || !number_real_rounded(text, size, &number))
		return true;
	set = row->type == OPTION_INT ? (double)*(const int64_t *)member : *(const double *)member;
	return number == set || set < row->min || set > row->max;
}

/* Parameters lie in the config, and none is of a kind that only programs have. */
static void check_options(const struct model_kind *kind)
{
	bool rounds = false, patience = false;

	for (const struct option_row *row = kind->options; row && row->name; row++) {
		CHECK(row->help && row->type < sizeof size_of / sizeof *size_of && row->offset + size_of[row->type] <= kind->config_size);
		CHECK(row->type != OPTION_CHOICE || row->choices);
		CHECK(help_is_true(row, kind->defaults));
		rounds = rounds || (row->type == OPTION_INT && kind->round_name && row->offset == offsetof(struct pace, rounds));
		patience = patience || (kind->round_name && strcmp(row->name, "patience") == 0 && row->offset == offsetof(struct pace, patience));
	}
	CHECK(!kind->round_name || (rounds && kind->config_size >= sizeof(struct pace)));
	CHECK(!kind->round_name || patience || ((const struct pace *)kind->defaults)->patience == 0);
	CHECK(!kind->round_name || (pace_rounds(kind->defaults, true) >= 1 && pace_rounds(kind->defaults, false) >= 1 && ((const struct pace *)kind->defaults)->patience >= 0));
}

static void check_kind(const struct model_kind *kind)
{
	bool does[N_TASKS] = { false };

	CHECK(kind->name && *kind->name && kind->summary && kind->defaults && kind->config_size > 0);
	CHECK(kind->check && kind->begin && kind->round && kind->finish && kind->close && kind->predict);
	CHECK(kind->save && kind->load && kind->free && kind->describe);
	CHECK(!kind->round_name == !kind->keep && !kind->round_name == !kind->checkpoint);
	CHECK(!kind->votes == !kind->votes_with);
	CHECK(!kind->outputs == !kind->outputs_of && !(kind->output_name && !kind->outputs));
	CHECK(!kind->reasons_log || kind->reasons);
	CHECK(!kind->clusters == !model_clusters(kind) && !(kind->clusters && kind->outputs));
	CHECK((kind->takes & ~(unsigned)(MODEL_SCALED | MODEL_MISSING | MODEL_AGAIN | MODEL_NO_FEATURES | MODEL_NO_TARGET |
	                                  MODEL_TIME | MODEL_FROM | MODEL_LEVELS | MODEL_NO_X | MODEL_RUNS)) == 0);
	for (int task = 0; task < N_TASKS; task++) {
		struct error err = ERROR_INIT;
		const struct problem problem = { .task = (enum task)task };

		if ((task == TASK_CLUSTERING) != model_clusters(kind))
			continue;
		does[task] = kind->check(kind->defaults, &problem, &err) == 0;
		CHECK(does[task] == (err.code == STATUS_DONE) && (does[task] || err.code == STATUS_USAGE));
	}
	CHECK(does[TASK_REGRESSION] || does[TASK_CLASSIFICATION] || does[TASK_CLUSTERING]);
	kind->free(NULL);
	check_options(kind);
}

static void check_list(void)
{
	size_t n;
	const struct model_kind *const *kinds = model_list(&n);

	TEST("every family is what model.h says");
	CHECK(n > 0);
	for (size_t i = 0; i < n; i++) {
		check_kind(kinds[i]);
		CHECK(model_find(kinds[i]->name) == kinds[i]);          /* so no name comes twice */
	}
	for (int task = 0; task < N_TASKS; task++)
		CHECK(model_for((enum task)task));
	CHECK(!model_find("none"));
	TEST("features by size, equal ones as they come");
	{
		struct effect effects[] = { { 0, 1 }, { 1, 3 }, { 2, 1 }, { 3, 2 } };

		effects_sort(effects, 4);
		CHECK(effects[0].feature == 1 && effects[1].feature == 3 && effects[2].feature == 0 && effects[3].feature == 2);
	}
}

/* ---- structs ---- */

#define RELEASED(type, release) do { \
	struct type it; \
	memset(&it, 0, sizeof it); \
	release(&it); \
	release(&it); \
} while (0)

static void check_zeroed(void)
{
	TEST("what is zeroed may be released, and twice");
	RELEASED(setup, setup_release);
	RELEASED(intake, intake_release);
	RELEASED(panels, panels_release);
	RELEASED(profile, profile_release);
	RELEASED(preparation, preparation_release);
	RELEASED(problem, problem_release);
	RELEASED(modelfile, modelfile_release);
	RELEASED(matrix, matrix_free);
	RELEASED(shuffle, shuffle_free);
	RELEASED(source, source_close);
}

static void check_failed(void)
{
	struct error err = ERROR_INIT;
	struct header header = { .schema = SCHEMA_INIT };
	struct problem problem = { .task = TASK_REGRESSION };
	const struct marks marks = { .split = NO_FIELD, .test = 0.5 };
	const size_t cols[] = { 0, 1 };
	struct spool *spool = spool_new(0, NULL);
	struct panels panels;
	struct source source;
	struct modelfile file;
	struct matrix matrix;
	struct bytes *broken = bytes_new("\x81\xa1x\x01", 4);

	schema_add(&header.schema, "km", TYPE_REAL, ROLE_FEATURE);
	schema_add(&header.schema, "_split", TYPE_REAL, ROLE_FEATURE);
	names_add(&problem.features, "km");
	TEST("what failed may be released, and twice");
	CHECK(panels_open(&panels, &header.schema, &problem, "minutes", false, NULL, &err) < 0);
	panels_release(&panels);
	panels_release(&panels);
	error_clear(&err);
	CHECK(spool_close(spool, &err) == 0);
	CHECK(trainset_open(&source, spool, &header, &marks, cols, 2, 0, false, &err) < 0);
	source_close(&source);
	source_close(&source);
	error_clear(&err);
	CHECK(modelfile_read(&file, broken, &err) < 0);
	modelfile_release(&file);
	error_clear(&err);
	CHECK(modelfile_open(&file, "/nowhere/at/all", NULL, &err) < 0);
	modelfile_release(&file);
	modelfile_release(&file);
	error_clear(&err);
	CHECK(matrix_new(&matrix, 1, UINT64_MAX, 0, NULL, &err) < 0);
	matrix_free(&matrix);
	matrix_free(&matrix);
	bytes_drop(broken);
	spool_free(spool);
	problem_release(&problem);
	problem_release(&problem);
	header_release(&header);
}

static void check_setup(void)
{
	static const char *const words[][2] = { { "none", "" }, { "km", "alpha=x" }, { "km", "alpha=1" } };
	struct header header = { .schema = SCHEMA_INIT };

	TEST("a setup that failed at its target, at a parameter, at its features");
	schema_add(&header.schema, "km", TYPE_REAL, ROLE_FEATURE);
	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		const char *items[2] = { words[i][0], words[i][1] };
		struct text_list operands = { .items = items, .n = *items[1] ? 2 : 1 }, features = { .items = NULL };
		struct setup_options options = { .operands = &operands, .features = &features };
		struct setup setup;
		struct error err = ERROR_INIT;

		CHECK(setup_init(&setup, &options, &header, &err) < 0);
		setup_release(&setup);
		setup_release(&setup);
	}
	header_release(&header);
}

int main(void)
{
	check_list();
	check_zeroed();
	check_failed();
	check_setup();
	return unit_done();
}
