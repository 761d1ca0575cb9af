/* SPDX-License-Identifier: MIT */
/*
 * The numbers were measured: what train takes with --memory 1M, all rows in files,
 * by threads and columns. A text counts as the columns that the preparation may make
 * of it.
 */
#include "budget.h"

#include "prepare.h"
#include "profile.h"

enum {
	KIB = 1024, MIB = 1024 * KIB,
	PROGRAM = 6 * MIB,              /* its code and libraries, as far as they are touched */
	WORK = 6 * MIB,                 /* a batch, its encodings written out, buffers of streams and files */
	LANE = 3 * MIB,                 /* of each thread but the first */
	STANDING = KIB,                 /* what stands for a column in the batches that are in work */
	NAMED = KIB,                    /* what stands for a column in schemas, lineages and the model that is made */
	BLOCK_COLUMN = 12 * KIB,        /* of a block of rows that wait for lanes, by column: values, and what stands for one in each batch */
	LANE_COLUMN = 32 * KIB,
	RAW_COLUMN = 16 * KIB,
	TIME_COLUMNS = 4,
	TEXT_LEVELS = 512 * KIB,        /* that the profile counts, by text column */
};

static uint64_t larger(uint64_t a, uint64_t b) { return a > b ? a : b; }
static uint64_t less(uint64_t a, uint64_t b) { return a > b ? a - b : 0; }
static unsigned long long mib(uint64_t size) { return (size + MIB - 1) / MIB; }

/* Until the model is made. */
static uint64_t profile_memory(const struct schema *schema, const struct setup *setup)
{
	uint64_t size = profile_kept(setup->n_cols) + (uint64_t)setup->n_cols * NAMED;

	for (size_t i = 0; i < setup->n_cols; i++)
		size += schema->fields[setup->cols[i]].type == TYPE_TEXT ? TEXT_LEVELS : 0;
	return size;
}

/* While rows come: sums of numbers, and rows that wait for their block where there are several lanes. */
static uint64_t intake_memory(const struct schema *schema, const struct setup *setup, bool lanes)
{
	size_t n_numbers = 0;

	for (size_t i = 0; i < setup->n_cols; i++)
		n_numbers += schema->fields[setup->cols[i]].type != TYPE_TEXT;
	return profile_sums(n_numbers) + (uint64_t)n_numbers * (lanes ? BLOCK_COLUMN : STANDING);
}

/* Columns that the preparation makes of it, at most. */
static uint64_t prepared_columns(const struct schema *schema, const struct setup *setup)
{
	bool levels = model_wants(setup->kind, setup->parameters) & MODEL_LEVELS;
	uint64_t n = 0;

	for (size_t i = 0; i < setup->n_cols; i++) {
		enum type type = schema->fields[setup->cols[i]].type;

		n += type == TYPE_TEXT && !levels ? PREPARE_LEVELS : type == TYPE_TIME ? TIME_COLUMNS : 1;
	}
	return n;
}

/* Beyond what one thread takes. */
static uint64_t lanes_memory(uint64_t waiting, const struct budget *budget, size_t lanes)
{
	return lanes > 1 ? waiting + (lanes - 1) * budget->lane : 0;
}

struct budget budget_of(uint64_t memory, size_t threads, const struct schema *schema, const struct setup *setup)
{
	uint64_t n_raw = setup->n_cols, n = prepared_columns(schema, setup), least, left;
	uint64_t one = intake_memory(schema, setup, false), waiting = intake_memory(schema, setup, true) - one;
	struct budget budget = { .memory = memory, .lanes = threads > 1 ? threads : 1, .profile = profile_memory(schema, setup) };

	budget.lane = LANE + larger(budget.profile + n_raw * RAW_COLUMN, n * LANE_COLUMN);
	least = PROGRAM + WORK + budget.profile + one;
	if (memory < least) {
		host_note(setup->host, "--memory: %zu columns need %llu MiB at least: that is taken", setup->n_cols, mib(least));
		budget.memory = least;
	}
	budget.working = WORK / 2;
	left = less(budget.memory, least);
	while (budget.lanes > 1 && lanes_memory(waiting, &budget, budget.lanes) > left)
		budget.lanes--;
	if (budget.lanes < threads)
		host_note(setup->host, "--memory: %zu threads need %llu MiB: %zu %s used", threads, mib(least + lanes_memory(waiting, &budget, threads)),
		          budget.lanes, budget.lanes == 1 ? "is" : "are");
	budget.rows = (left - lanes_memory(waiting, &budget, budget.lanes)) / 2;
	return budget;
}

uint64_t budget_beside_lesson(const struct budget *budget, uint64_t kept, bool prepared)
{
	uint64_t used = PROGRAM + WORK - budget->working + budget->profile + kept;

	return prepared ? used + budget->rows / 2 + (budget->lanes - 1) * budget->lane / 2 : used;
}

uint64_t budget_of_lesson(const struct budget *budget, uint64_t beside)
{
	return less(budget->memory, beside + budget->working);
}
