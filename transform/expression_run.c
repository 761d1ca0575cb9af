/* SPDX-License-Identifier: MIT */
/*
 * Values of a tree over the rows of a batch, from the leaves up: each node gives a
 * vector, each function loops over the rows of its arguments by itself. Around
 * every function:
 *
 *     all arguments constant          it works on one row; the result is constant
 *     one argument varies, and it is  it works on the entries, and on one more that is
 *     text with a dictionary          missing if rows are; the result is spread by the codes,
 *                                     text by keeping them: so `lower(city)` costs a word per
 *                                     city, and its dictionary lives on
 *     else                            it works on the rows
 *
 * Nulls, lost answers and reals that are not finite are seen to here, so that a
 * function is its bare loop. All values lie in the scratch arena of the expression;
 * the last one is copied to the batch.
 */
#include <assert.h>
#include <math.h>
#include <string.h>

#include "columns.h"
#include "expression_tree.h"
#include "pack.h"

struct run {
	struct expression *expression;
	struct batch *batch;
	struct error *err;
};

/* n bits that are all set; spare ones are not. */
static uint64_t *all_bits(struct arena *arena, size_t n)
{
	uint64_t *bits = arena_array(arena, bits_words(n), sizeof *bits);

	memset(bits, 0xff, bits_words(n) * sizeof *bits);
	if (n % 64)
		bits[n / 64] = ~UINT64_C(0) >> (64 - n % 64);
	return bits;
}

/* ---- what functions call ---- */

void call_miss(struct call *call, size_t row)
{
	if (!call->valid)
		call->valid = all_bits(call->arena, call->n);
	call->valid[row / 64] &= ~(UINT64_C(1) << row % 64);
}

void call_lose(struct call *call, size_t row)
{
	if (call->valid && !(call->valid[row / 64] >> row % 64 & 1))
		return;                 /* an argument is missing: no loss of ours */
	call_miss(call, row);
	if (!call->lost)
		call->lost = arena_new(call->arena, bits_words(call->n), sizeof *call->lost);
	call->lost[row / 64] |= UINT64_C(1) << row % 64;
}

void call_text_add(struct call *call, const void *bytes, size_t size)
{
	if (call->bytes->size + size > MESSAGE_CAP)
		call->too_long = true;
	else
		buffer_add(call->bytes, bytes, size);
}

/* ---- around a function ---- */

/* valid: where all arguments are there; lost: where one of them was lost. */
static void merge_nulls(struct call *call)
{
	for (size_t i = 0; i < call->n_args; i++) {
		const struct vector *arg = &call->args[i];
		bool missing = arg->constant && !vector_valid(arg, 0);

		if (!arg->column.valid)
			continue;
		if (!call->valid)
			call->valid = all_bits(call->arena, call->n);
		if (arg->lost && !call->lost)
			call->lost = arena_new(call->arena, bits_words(call->n), sizeof *call->lost);
		for (size_t word = 0; word < bits_words(call->n); word++) {
			if (!arg->constant)
				call->valid[word] &= arg->column.valid[word];
			else if (missing)
				call->valid[word] = 0;
			if (arg->lost)
				call->lost[word] |= arg->constant ? (vector_lost(arg, 0) ? ~UINT64_C(0) : 0) : arg->lost[word];
		}
	}
	for (size_t word = 0; call->lost && word < bits_words(call->n); word++)
		call->lost[word] &= ~call->valid[word];
	if (call->lost && call->n % 64)
		call->lost[call->n / 64] &= ~UINT64_C(0) >> (64 - call->n % 64);
}

static void run_rows(struct call *call)
{
	bool is_text = call->result->type == TYPE_TEXT;
	uint32_t *offsets = is_text ? arena_array(call->arena, call->n + 1, sizeof *offsets) : NULL;

	if (is_text)
		offsets[0] = 0;
	for (size_t row = 0; row < call->n; row++) {
		if (!call->valid || call->valid[row / 64] >> row % 64 & 1)
			call->function->row(call, row);
		if (is_text)
			offsets[row + 1] = (uint32_t)call->bytes->size;
	}
	if (is_text) {
		struct column *column = &call->result->column;

		column->offsets = offsets;
		column->bytes_size = call->bytes->size;
		column->n_entries = (uint32_t)call->n;
		column->bytes = call->bytes->size ? memcpy(arena_array(call->arena, call->bytes->size, 1), call->bytes->data, call->bytes->size) : "";
	}
}

/* Reals that are none are lost. */
static void lose_infinite(struct call *call)
{
	double *values = call->values;

	for (size_t row = 0; row < call->n; row++)
		if (!isfinite(values[row])) {
			values[row] = 0;
			call_lose(call, row);
		}
}

static int run_function(struct run *run, struct call *call)
{
	struct vector *result = call->result;

	if (!call->function->sees_nulls)
		merge_nulls(call);
	if (result->type != TYPE_TEXT) {
		call->values = arena_new(call->arena, call->n, type_width(result->type));
		result->column.values = call->values;
	}
	buffer_clear(call->bytes);
	if (call->function->run)
		call->function->run(call);
	else
		run_rows(call);
	if (call->too_long)
		return error_set(run->err, STATUS_FAILED, "'%s' makes more than %d MiB of text in one batch", call->function->name,
		                 MESSAGE_CAP >> 20);
	if (result->type == TYPE_REAL)
		lose_infinite(call);
	result->column.valid = call->valid;
	result->lost = call->lost;
	return 0;
}

/* ---- by entries ---- */

/* The entries of a dictionary as rows, and a missing one behind them if rows are missing. */
static void entries_of(struct arena *arena, const struct vector *from, struct vector *entries, size_t *n)
{
	const struct column *column = &from->column;
	uint32_t *offsets;
	uint64_t *valid;

	*n = column->n_entries + (column->valid ? 1u : 0u);
	*entries = (struct vector){.type = TYPE_TEXT};
	entries->column = (struct column){.offsets = column->offsets, .bytes = column->bytes, .bytes_size = column->bytes_size,
	                                  .n_entries = (uint32_t)*n};
	if (!column->valid)
		return;
	offsets = arena_array(arena, *n + 1, sizeof *offsets);
	memcpy(offsets, column->offsets, *n * sizeof *offsets);
	offsets[*n] = offsets[*n - 1];
	valid = all_bits(arena, *n);
	valid[(*n - 1) / 64] &= ~(UINT64_C(1) << (*n - 1) % 64);
	entries->column.offsets = offsets;
	entries->column.valid = valid;
}

/* Bits of the entries to bits of the rows. */
static uint64_t *spread_bits(struct arena *arena, const uint64_t *bits, const uint32_t *codes, size_t n)
{
	uint64_t *to = arena_new(arena, bits_words(n), sizeof *to);

	for (size_t row = 0; row < n; row++)
		to[row / 64] |= (bits[codes[row] / 64] >> codes[row] % 64 & 1) << row % 64;
	return to;
}

/* A result over the entries becomes one over the rows. */
static void spread(struct arena *arena, struct vector *result, const struct vector *from, size_t n)
{
	struct column *column = &result->column;
	uint32_t *codes = arena_array(arena, n, sizeof *codes);
	const void *entries = column->values;
	void *values;

	for (size_t row = 0; row < n; row++)
		codes[row] = column_valid(&from->column, row) ? from->column.codes[row] : from->column.n_entries;
	if (column->valid)
		column->valid = spread_bits(arena, column->valid, codes, n);
	if (result->lost)
		result->lost = spread_bits(arena, result->lost, codes, n);
	if (result->type == TYPE_TEXT) {
		if (column->codes)      /* the function chose among texts: its own dictionary */
			for (size_t row = 0; row < n; row++)
				codes[row] = column->codes[codes[row]];
		column->codes = codes;
		return;
	}
	column->values = values = arena_array(arena, n, type_width(result->type));
	if (result->type == TYPE_BOOL)
		for (size_t row = 0; row < n; row++)
			((uint8_t *)values)[row] = ((const uint8_t *)entries)[codes[row]];
	else
		for (size_t row = 0; row < n; row++)
			((uint64_t *)values)[row] = ((const uint64_t *)entries)[codes[row]];
}

static int call_function(struct run *run, struct call *call)
{
	const struct vector *varying = NULL;
	size_t n_varying = 0, n_rows = call->n, which = 0;

	for (size_t i = 0; i < call->n_args; i++)
		if (!call->args[i].constant) {
			varying = &call->args[i];
			which = i;
			n_varying++;
		}
	if (n_varying == 0) {
		call->n = 1;
		call->result->constant = true;
		return run_function(run, call);
	}
	if (n_varying == 1 && varying->column.codes && varying->column.n_entries < n_rows) {
		struct vector *args = arena_array(call->arena, call->n_args, sizeof *args);

		memcpy(args, call->args, call->n_args * sizeof *args);
		entries_of(call->arena, varying, &args[which], &call->n);
		call->args = args;
		if (run_function(run, call) < 0)
			return -1;
		spread(call->arena, call->result, varying, n_rows);
		return 0;
	}
	return run_function(run, call);
}

/* ---- the tree ---- */

static int run_node(struct run *run, const struct node *node, struct vector *result)
{
	struct arena *arena = &run->expression->scratch;
	struct vector *args;
	struct call call;

	if (node->kind == NODE_VALUE || node->kind == NODE_NULL) {
		*result = node->value;
		return 0;
	}
	if (node->kind == NODE_NAME) {
		const struct column *column = column_read(run->batch, (size_t)node->column, run->err);

		if (!column)
			return -1;
		*result = (struct vector){.type = node->type, .column = *column, .form = node->form};
		return 0;
	}
	args = arena_array(arena, node->n_args, sizeof *args);
	for (size_t i = 0; i < node->n_args; i++)
		if (run_node(run, node->args[i], &args[i]) < 0)
			return -1;
	*result = (struct vector){.type = node->type, .form = node->form};
	call = (struct call){.function = node->function, .arena = arena, .n = run->batch->n_rows, .args = args, .n_args = node->n_args,
	                     .result = result, .bytes = &run->expression->bytes};
	return call_function(run, &call);
}

/* ---- the result ---- */

static const void *copy_run(struct arena *arena, const void *from, size_t size)
{
	return size ? memcpy(arena_array(arena, size, 1), from, size) : "";
}

static void finish_values(struct batch *batch, const struct vector *vector, struct column *result)
{
	size_t n = batch->n_rows, width = type_width(vector->type);
	unsigned char *values = batch_values(batch, vector->type);

	if (!vector->constant)
		memcpy(values, vector->column.values, n * width);
	for (size_t row = 0; vector->constant && !result->valid && row < n; row++)
		memcpy(values + row * width, vector->column.values, width);
	for (size_t row = 0; result->valid && row < n; row++)
		if (!column_valid(result, row))
			memset(values + row * width, 0, width);
	result->values = values;
}

static void finish_text(struct batch *batch, const struct vector *vector, struct column *result)
{
	const struct column *from = &vector->column;
	struct arena *arena = &batch->arena;

	result->n_entries = from->n_entries;
	result->offsets = copy_run(arena, from->offsets, (from->n_entries + (size_t)1) * sizeof *from->offsets);
	result->bytes_size = from->bytes_size;
	result->bytes = copy_run(arena, from->bytes, from->bytes_size);
	if (vector->constant || from->codes) {
		uint32_t *codes = arena_new(arena, batch->n_rows, sizeof *codes);

		for (size_t row = 0; from->codes && row < batch->n_rows; row++)
			codes[row] = column_valid(result, row) ? from->codes[vector_row(vector, row)] : 0;
		result->codes = codes;
		result->has_codes = true;
	}
}

/* The column of a vector, on its own in the batch's arena. */
static void finish(struct batch *batch, const struct vector *vector, struct column *result)
{
	size_t n = batch->n_rows;

	*result = (struct column){.checked = true};
	if (vector->constant && !vector_valid(vector, 0))
		result->valid = batch_bits(batch);
	else if (!vector->constant && vector->column.valid)
		result->valid = copy_run(&batch->arena, vector->column.valid, bits_words(n) * sizeof(uint64_t));
	result->n_missing = n - bits_count(result->valid, n);
	if (result->n_missing == 0)
		result->valid = NULL;
	if (vector->type == TYPE_TEXT)
		finish_text(batch, vector, result);
	else
		finish_values(batch, vector, result);
}

int expression_run(struct expression *expression, struct batch *batch, struct column *result, uint64_t *no_answer, struct error *err)
{
	struct run run = {.expression = expression, .batch = batch, .err = err};
	struct vector value;

	arena_clear(&expression->scratch);
	if (run_node(&run, expression->root, &value) < 0)
		return -1;
	if (expression->root->kind == NODE_NAME) {
		*result = value.column;
		return 0;
	}
	finish(batch, &value, result);
	if (value.constant)
		*no_answer += vector_lost(&value, 0) ? batch->n_rows : 0;
	else if (value.lost)
		*no_answer += bits_count(value.lost, batch->n_rows);
	return 0;
}
