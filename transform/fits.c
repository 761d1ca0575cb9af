/* SPDX-License-Identifier: MIT */
#include "fits.h"

#include <stdlib.h>
#include <string.h>

#include "marks.h"
#include "memory.h"
#include "workers.h"

enum { MERGE_EVERY = 8, MERGE_SHARE = 16 };       /* batches; of the memory of all: that lanes have until they merge */
#define PART_BYTES (UINT64_C(40) << 10)  /* of a fit, about: its part, and the rows that wait for their block */
#define PART_MEMORY (UINT64_MAX / 2)    /* they bound what a part holds; what fits into --memory is the whole's to say, so that -j decides nothing */

void fits_init(struct fits *fits, size_t n_lanes, const struct host *host)
{
	*fits = (struct fits){ .n_lanes = n_lanes, .host = host, .taken = mem_new(n_lanes, sizeof *fits->taken) };
	pthread_mutex_init(&fits->lock, NULL);
	ranking_file_init(&fits->runs, host);
}

static void drop_fit(const struct fits *fits, struct fit *fit)
{
	for (size_t lane = 0; fit->parts && lane < fits->n_lanes; lane++)
		if (fit->parts[lane])
			fit->kind->fit_free(fit->parts[lane]);
	if (fit->whole)
		fit->kind->fit_free(fit->whole);
	free(fit->parts);
	buffer_free(&fit->again);
	fit->whole = fit->parts = NULL;
}

void fits_release(struct fits *fits)
{
	for (size_t i = 0; i < fits->n; i++)
		drop_fit(fits, &fits->items[i]);
	free(fits->items);
	free(fits->cols);
	free(fits->taken);
	schema_release(&fits->fields);
	pthread_mutex_destroy(&fits->lock);
	ranking_file_release(&fits->runs);
	*fits = (struct fits){ .items = NULL };
}

void fits_add(struct fits *fits, const struct step_kind *kind, struct unit *unit, size_t step)
{
	array_grow(fits->items, fits->n, fits->room);
	fits->items[fits->n++] = (struct fit){ .kind = kind, .unit = unit, .step = step };
}

/* ---- before a pass ---- */

static void add_fields(struct fits *fits, const struct schema *schema, const struct names *names)
{
	for (size_t i = 0; i < names->n; i++) {
		int col = schema_find(schema, names->items[i]);

		if (col == NO_FIELD || schema_find(&fits->fields, names->items[i]) != NO_FIELD)
			continue;
		schema_add_field(&fits->fields, &schema->fields[col]);
		fits->cols = mem_resize(fits->cols, fits->fields.n_fields, sizeof *fits->cols);
		fits->cols[fits->fields.n_fields - 1] = (size_t)col;
	}
}

/* What pieces have of the batches. */
static void find_fields(struct fits *fits, const struct schema *schema)
{
	int split = schema_find_role(schema, ROLE_SPLIT);
	struct names marks = { .items = NULL };

	schema_release(&fits->fields);
	for (size_t i = 0; i < fits->n; i++) {
		add_fields(fits, schema, &fits->items[i].unit->reads);
		add_fields(fits, schema, &fits->items[i].unit->learned_from);
	}
	fits->split = split != NO_FIELD;
	if (split == NO_FIELD)
		return;
	names_add(&marks, schema->fields[split].name);
	add_fields(fits, schema, &marks);
	names_release(&marks);
}

/* A fit that wants the rows again, as its parts begin in the next pass. */
static int pack_again(struct fit *fit, struct error *err)
{
	buffer_clear(&fit->again);
	if (fit->kind->fit_pack(fit->whole, &fit->again, err) < 0)
		return -1;
	if (!pack_sound(fit->again.data, fit->again.size))
		return error_set(err, STATUS_FAILED, "what it has learned so far has 4 GiB or more at once (give less --memory)");
	fit->kind->fit_free(fit->whole);
	fit->whole = NULL;
	return 0;
}

/* One that has seen no rows of this pass. */
static void *new_part(struct fits *fits, const struct fit *fit, uint64_t memory, struct error *err)
{
	const struct step_limits limits = { .memory = memory, .host = fits->host, .runs = &fits->runs };
	struct unpacked value = { .zone = NULL };
	void *part = fit->kind->fit_new(fit->unit, &fits->fields, &limits, err);

	if (!part || fit->again.size == 0)
		return part;
	if (pack_read(&value, fit->again.data, fit->again.size, err) < 0 || fit->kind->fit_unpack(part, &value.object, err) < 0) {
		fit->kind->fit_free(part);
		part = NULL;
	}
	unpacked_free(&value);
	return part;
}

int fits_start(struct fits *fits, const struct schema *schema, size_t lanes, uint64_t memory, size_t *failed, struct error *err)
{
	fits->memory = memory / (fits->n ? fits->n : 1);
	fits->in_turn = lanes == 1 || fits->memory < PART_BYTES;
	find_fields(fits, schema);
	for (size_t i = 0; i < fits->n; i++) {
		struct fit *fit = &fits->items[i];

		*failed = i;
		if (fit->whole) {               /* it wants the rows again */
			if (pack_again(fit, err) < 0)
				return -1;
		} else {
			fit->parts = mem_new(fits->n_lanes, sizeof *fit->parts);
		}
		if (!(fit->whole = new_part(fits, fit, fits->memory, err)))
			return -1;
		if (fits->in_turn)
			buffer_free(&fit->again);       /* there will be no parts */
	}
	return 0;
}

/* ---- in a pass ---- */

/* What the lane has joins the wholes. */
static int merge_lane(struct fits *fits, size_t lane, size_t *failed, struct error *err)
{
	int result = 0;

	pthread_mutex_lock(&fits->lock);
	for (size_t i = 0; i < fits->n && result == 0; i++) {
		struct fit *fit = &fits->items[i];

		*failed = i;
		if (!fit->parts[lane])
			continue;
		result = fit->kind->fit_merge(fit->whole, fit->parts[lane], err);
		fit->kind->fit_free(fit->parts[lane]);
		fit->parts[lane] = NULL;
	}
	pthread_mutex_unlock(&fits->lock);
	fits->taken[lane] = (struct fits_taken){ .n = 0 };
	return result;
}

static int update_piece(struct fits *fits, size_t lane, struct batch *piece, struct arena *scratch, size_t *failed, struct error *err)
{
	const uint64_t *rows = NULL;

	*failed = fits->n;
	if (fits->split && marks_train_rows(piece, scratch, &rows, err) < 0)
		return -1;
	for (size_t i = 0; i < fits->n; i++) {
		struct fit *fit = &fits->items[i];

		*failed = i;
		if (!fits->in_turn && !fit->parts[lane] && !(fit->parts[lane] = new_part(fits, fit, PART_MEMORY, err)))
			return -1;
		if (fit->kind->fit_update(fits->in_turn ? fit->whole : fit->parts[lane], piece, rows, err) < 0)
			return -1;
	}
	return 0;
}

int fits_update(struct fits *fits, size_t lane, struct pieces *pieces, struct arena *scratch, size_t *failed, struct error *err)
{
	struct fits_taken *taken = &fits->taken[lane];

	for (size_t i = 0; i < pieces->n; i++) {
		int result = update_piece(fits, lane, &pieces->items[i], scratch, failed, err);

		arena_clear(scratch);
		if (result < 0)
			return -1;
		taken->bytes += batch_bytes(&pieces->items[i]);
	}
	if (fits->in_turn)
		return 0;               /* there are no parts */
	if (++taken->n < MERGE_EVERY && taken->bytes < fits->memory / MERGE_SHARE * fits->n / fits->n_lanes)
		return 0;
	return merge_lane(fits, lane, failed, err);
}

/* ---- behind a pass ---- */

/* err: of the first that failed; of thousands one is told. */
struct finishing { struct fits *fits; int *results; size_t failed; struct error err; };

static void finish_one(void *state, size_t i)
{
	struct finishing *finishing = state;
	struct fit *fit = &finishing->fits->items[i];
	struct error err = ERROR_INIT;

	finishing->results[i] = fit->kind->fit_finish(fit->whole, fit->unit, &err);
	if (finishing->results[i] != FIT_FAILED)
		return;
	pthread_mutex_lock(&finishing->fits->lock);
	if (i < finishing->failed) {
		finishing->failed = i;
		finishing->err = err;
	}
	pthread_mutex_unlock(&finishing->fits->lock);
}

int fits_finish(struct fits *fits, int threads, void (*learned)(void *state, const struct fit *fit), void *state, size_t *failed, struct error *err)
{
	struct finishing finishing = { fits, mem_new(fits->n + 1, sizeof(int)), fits->n, ERROR_INIT };
	struct workers *workers = workers_new(fits->n > 1 ? threads : 1);
	size_t n_left = 0;
	int result = 0;

	for (size_t lane = 0; lane < fits->n_lanes && result == 0; lane++)
		result = merge_lane(fits, lane, failed, err);
	if (result == 0)
		workers_run(workers, fits->n, finish_one, &finishing);
	workers_free(workers);
	if (result == 0 && finishing.failed < fits->n) {
		*err = finishing.err;
		*failed = finishing.failed;
		result = -1;
	}
	for (size_t i = 0; i < fits->n && result == 0; i++)
		if (finishing.results[i] == FIT_DONE) {
			drop_fit(fits, &fits->items[i]);
			learned(state, &fits->items[i]);
		}
	free(finishing.results);
	if (result < 0)
		return -1;
	for (size_t i = 0; i < fits->n; i++)
		if (fits->items[i].whole)
			fits->items[n_left++] = fits->items[i];
	fits->n = n_left;
	return 0;
}
