/* SPDX-License-Identifier: MIT */
#include "fits.h"

#include <stdlib.h>
#include <string.h>

#include "marks.h"
#include "memory.h"
#include "workers.h"

void fits_init(struct fits *fits, size_t n_lanes)
{
	*fits = (struct fits){ .n_lanes = n_lanes, .split = NO_FIELD };
}

static void drop_states(struct fit *fit, size_t from, size_t n_lanes)
{
	for (size_t lane = from; fit->states && lane < n_lanes; lane++)
		if (fit->states[lane]) {
			fit->kind->fit_free(fit->states[lane]);
			fit->states[lane] = NULL;
		}
}

static void drop_fit(struct fits *fits, struct fit *fit)
{
	drop_states(fit, 0, fits->n_lanes);
	free(fit->states);
	fit->states = NULL;
}

void fits_release(struct fits *fits)
{
	for (size_t i = 0; i < fits->n; i++)
		drop_fit(fits, &fits->items[i]);
	free(fits->items);
	free(fits->cols);
	*fits = (struct fits){ .items = NULL };
}

void fits_add(struct fits *fits, const struct step_kind *kind, struct unit *unit, size_t step)
{
	array_grow(fits->items, fits->n, fits->room);
	fits->items[fits->n++] = (struct fit){ .kind = kind, .unit = unit, .step = step };
}

/* ---- before a pass ---- */

/* What lane 0 has, which saw nothing of this pass yet, for the other lanes. */
static int divide(struct fit *fit, size_t n_lanes, const struct schema *schema, const struct step_limits *limits, struct error *err)
{
	struct buffer packed = BUFFER_INIT;
	struct unpacked value = { .zone = NULL };
	int result = 0;

	if (n_lanes == 1)
		return 0;
	fit->kind->fit_pack(fit->states[0], &packed);
	result = pack_read(&value, packed.data, packed.size, err);
	for (size_t lane = 1; lane < n_lanes && result == 0; lane++) {
		fit->states[lane] = fit->kind->fit_new(fit->unit, schema, limits, err);
		result = fit->states[lane] ? fit->kind->fit_unpack(fit->states[lane], &value.object, err) : -1;
	}
	unpacked_free(&value);
	buffer_free(&packed);
	return result;
}

static int start_fit(struct fits *fits, struct fit *fit, const struct schema *schema, const struct step_limits *limits, struct error *err)
{
	bool again = fit->states != NULL;

	if (again)
		return divide(fit, fits->n_lanes, schema, limits, err);
	fit->states = mem_new(fits->n_lanes, sizeof *fit->states);
	for (size_t lane = 0; lane < fits->n_lanes; lane++)
		if (!(fit->states[lane] = fit->kind->fit_new(fit->unit, schema, limits, err)))
			return -1;
	return 0;
}

static void add_cols(struct fits *fits, const struct schema *schema, const struct names *names)
{
	for (size_t i = 0; i < names->n; i++) {
		int col = schema_find(schema, names->items[i]);

		if (col != NO_FIELD)
			fits->cols[fits->n_cols++] = (size_t)col;
	}
}

/* The columns that lanes need. */
static void find_cols(struct fits *fits, const struct schema *schema)
{
	size_t most = 1;

	for (size_t i = 0; i < fits->n; i++)
		most += fits->items[i].unit->reads.n + fits->items[i].unit->learned_from.n;
	fits->cols = mem_resize(fits->cols, most, sizeof *fits->cols);
	fits->n_cols = 0;
	for (size_t i = 0; i < fits->n; i++) {
		add_cols(fits, schema, &fits->items[i].unit->reads);
		add_cols(fits, schema, &fits->items[i].unit->learned_from);
	}
	fits->split = schema_find_role(schema, ROLE_SPLIT);
	if (fits->split != NO_FIELD)
		fits->cols[fits->n_cols++] = (size_t)fits->split;
}

int fits_start(struct fits *fits, const struct schema *schema, uint64_t memory, size_t *failed, struct error *err)
{
	struct step_limits limits = { .memory = memory / (fits->n ? fits->n : 1) };

	find_cols(fits, schema);
	for (size_t i = 0; i < fits->n; i++)
		if (start_fit(fits, &fits->items[i], schema, &limits, err) < 0) {
			*failed = i;
			return -1;
		}
	return 0;
}

/* ---- in a pass ---- */

int fits_update(struct fits *fits, size_t lane, struct batch *piece, struct arena *scratch, size_t *failed, struct error *err)
{
	const uint64_t *rows;

	*failed = fits->n;
	if (marks_train_rows(piece, scratch, &rows, err) < 0)
		return -1;
	for (size_t i = 0; i < fits->n; i++)
		if (fits->items[i].kind->fit_update(fits->items[i].states[lane], piece, rows, err) < 0) {
			*failed = i;
			return -1;
		}
	return 0;
}

/* ---- behind a pass ---- */

static int merge_lanes(struct fit *fit, size_t n_lanes, struct error *err)
{
	int result = 0;

	for (size_t lane = 1; lane < n_lanes && result == 0; lane++)
		result = fit->kind->fit_merge(fit->states[0], fit->states[lane], err);
	drop_states(fit, 1, n_lanes);
	return result;
}

struct finishing { struct fits *fits; int *results; struct error *errs; };

static void finish_one(void *state, size_t i)
{
	struct finishing *finishing = state;
	struct fit *fit = &finishing->fits->items[i];
	int result = merge_lanes(fit, finishing->fits->n_lanes, &finishing->errs[i]);

	finishing->results[i] = result < 0 ? FIT_FAILED : fit->kind->fit_finish(fit->states[0], fit->unit, &finishing->errs[i]);
}

int fits_finish(struct fits *fits, int threads, void (*learned)(void *state, const struct fit *fit), void *state, size_t *failed, struct error *err)
{
	struct finishing finishing = { fits, mem_new(fits->n + 1, sizeof(int)), mem_new(fits->n + 1, sizeof(struct error)) };
	struct workers *workers = workers_new(fits->n > 1 ? threads : 1);
	size_t n_left = 0;
	int result = 0;

	workers_run(workers, fits->n, finish_one, &finishing);
	workers_free(workers);
	for (size_t i = 0; i < fits->n && result == 0; i++) {
		if (finishing.results[i] == FIT_FAILED) {
			*err = finishing.errs[i];
			*failed = i;
			result = -1;            /* fits_release drops them all: those that left have no states */
		} else if (finishing.results[i] == FIT_DONE) {
			drop_fit(fits, &fits->items[i]);
			learned(state, &fits->items[i]);
		}
	}
	free(finishing.results);
	free(finishing.errs);
	if (result < 0)
		return -1;
	for (size_t i = 0; i < fits->n; i++)
		if (fits->items[i].states)
			fits->items[n_left++] = fits->items[i];
	fits->n = n_left;
	return 0;
}
