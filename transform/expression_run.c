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
 * function is its bare loop. Values lie in the caller's scratch arena, but for those
 * of the root: they go to blocks of the batch's pool at once. A bit map that is an
 * argument's, bit for bit, is passed on as such, up to the result.
 */
#include <assert.h>
#include <math.h>
#include <string.h>

#include "columns.h"
#include "bits.h"
#include "expression_tree.h"
#include "form.h"
#include "pack.h"
#include "timestamp.h"

struct evaluation {
	const struct expression *expression;
	struct batch *batch;
	struct arena *scratch;
	struct buffer bytes;            /* text of the function at work */
	struct column *fresh;           /* the result */
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

/* The bit map of the result, to be changed: until now it may be an argument's. */
static uint64_t *own_valid(struct call *call)
{
	uint64_t *valid = call->own_valid;

	if (valid)
		return valid;
	valid = arena_array(call->arena, bits_words(call->n), sizeof *valid);
	for (size_t word = 0; word < bits_words(call->n); word++)
		valid[word] = bits_word(call->valid, word, call->n);
	call->own_valid = valid;
	call->valid = valid;
	return valid;
}

void call_miss(struct call *call, size_t row)
{
	bit_clear(own_valid(call), row);
}

void call_lose(struct call *call, size_t row)
{
	if (call->valid && !bit_is_set(call->valid, row))
		return;                 /* an argument is missing: no loss of ours */
	call_miss(call, row);
	if (!call->lost)
		call->lost = arena_new(call->arena, bits_words(call->n), sizeof *call->lost);
	bit_set(call->lost, row);
}

void call_text_add(struct call *call, const void *bytes, size_t size)
{
	if (call->bytes->size + size > MESSAGE_CAP)
		call->too_long = true;
	else
		buffer_add(call->bytes, bytes, size);
}

/* ---- around a function ---- */

/* valid: where all arguments are there. */
static void merge_valid(struct call *call)
{
	const struct vector *only = NULL;
	size_t n = 0;

	for (size_t i = 0; i < call->n_args; i++)
		if (call->args[i].column.valid) {
			only = &call->args[i];
			n++;
		}
	if (n == 1 && (!only->constant || call->n == 1)) {
		call->valid = only->column.valid;
		return;
	}
	for (size_t i = 0; n && i < call->n_args; i++) {
		const struct vector *arg = &call->args[i];
		uint64_t *valid;

		if (!arg->column.valid)
			continue;
		valid = own_valid(call);
		for (size_t word = 0; word < bits_words(call->n); word++)
			valid[word] &= !arg->constant ? arg->column.valid[word] : vector_valid(arg, 0) ? ~UINT64_C(0) : 0;
	}
}

/* lost: where one of them was lost; behind merge_valid. */
static void merge_lost(struct call *call)
{
	for (size_t i = 0; i < call->n_args; i++) {
		const struct vector *arg = &call->args[i];

		if (!arg->lost)
			continue;
		if (!call->lost)
			call->lost = arena_new(call->arena, bits_words(call->n), sizeof *call->lost);
		for (size_t word = 0; word < bits_words(call->n); word++)
			call->lost[word] |= !arg->constant ? arg->lost[word] : vector_lost(arg, 0) ? ~UINT64_C(0) : 0;
	}
	for (size_t word = 0; call->lost && word < bits_words(call->n); word++)
		call->lost[word] &= ~call->valid[word] & bits_word(NULL, word, call->n);
}

/* Values of the result for n rows, not set: of the root's rows where they will stay. */
static void *new_values(struct call *call, size_t n)
{
	if (call->into)
		return column_new_values(call->into, call->pool, call->result->type, n);
	return arena_array(call->arena, n, type_width(call->result->type));
}

/* Each row's text behind the other, of the root where they will stay. */
static void take_texts(struct call *call, uint32_t *offsets)
{
	struct column *column = &call->result->column;
	size_t size = call->bytes->size;
	char *bytes = call->into ? column_new_bytes(call->into, call->pool, size) : arena_array(call->arena, size, 1);

	if (size)
		memcpy(bytes, call->bytes->data, size);
	column->offsets = offsets;
	column->bytes = bytes;
	column->bytes_size = size;
	column->n_entries = (uint32_t)call->n;
}

static void run_rows(struct call *call)
{
	uint32_t *offsets = NULL;

	if (call->result->type == TYPE_TEXT) {
		offsets = call->into ? column_new_offsets(call->into, call->pool, call->n) : arena_array(call->arena, call->n + 1, sizeof *offsets);
		offsets[0] = 0;
	}
	for (size_t row = 0; row < call->n; row++) {
		if (!call->valid || bit_is_set(call->valid, row))
			call->function->row(call, row);
		if (offsets)
			offsets[row + 1] = (uint32_t)call->bytes->size;
	}
	if (offsets)
		take_texts(call, offsets);
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

static int run_function(struct evaluation *run, struct call *call)
{
	struct vector *result = call->result;

	if (!call->function->sees_nulls) {
		merge_valid(call);
		merge_lost(call);
	}
	if (result->type != TYPE_TEXT) {
		call->values = new_values(call, call->n);
		memset(call->values, 0, call->n * type_width(result->type));
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
	*entries = (struct vector){ .type = TYPE_TEXT };
	entries->column = (struct column){ .offsets = column->offsets, .bytes = column->bytes, .bytes_size = column->bytes_size,
	                                  .n_entries = (uint32_t)*n };
	if (!column->valid)
		return;
	offsets = arena_array(arena, *n + 1, sizeof *offsets);
	memcpy(offsets, column->offsets, *n * sizeof *offsets);
	offsets[*n] = offsets[*n - 1];
	valid = all_bits(arena, *n);
	bit_clear(valid, *n - 1);
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

/* The rows that are missing: those of the argument, if all of its entries have a result. */
static const uint64_t *spread_valid(struct call *call, const struct column *from, const uint64_t *entries, const uint32_t *codes)
{
	if (bits_count(entries, from->n_entries) == from->n_entries && (!from->valid || !bit_is_set(entries, from->n_entries)))
		return from->valid;
	return spread_bits(call->arena, entries, codes, call->n_rows);
}

/* A result over the entries becomes one over the rows. */
static void spread(struct call *call, const struct column *from)
{
	struct vector *result = call->result;
	struct column *column = &result->column;
	uint32_t *codes = arena_array(call->arena, call->n_rows, sizeof *codes);
	const void *entries = column->values;
	void *values;

	for (size_t row = 0; row < call->n_rows; row++)
		codes[row] = column_valid(from, row) ? from->codes[row] : from->n_entries;
	if (column->valid)
		column->valid = spread_valid(call, from, column->valid, codes);
	if (result->lost)
		result->lost = spread_bits(call->arena, result->lost, codes, call->n_rows);
	if (result->type == TYPE_TEXT) {
		if (column->codes)      /* the function chose among texts: its own dictionary */
			for (size_t row = 0; row < call->n_rows; row++)
				codes[row] = column->codes[codes[row]];
		column->codes = codes;
		return;
	}
	column->values = values = new_values(call, call->n_rows);
	if (result->type == TYPE_BOOL)
		for (size_t row = 0; row < call->n_rows; row++)
			((uint8_t *)values)[row] = ((const uint8_t *)entries)[codes[row]];
	else
		for (size_t row = 0; row < call->n_rows; row++)
			((uint64_t *)values)[row] = ((const uint64_t *)entries)[codes[row]];
}

static int call_function(struct evaluation *run, struct call *call)
{
	const struct vector *varying = NULL;
	struct column *into = call->into;
	size_t n_varying = 0, which = 0;

	for (size_t i = 0; i < call->n_args; i++)
		if (!call->args[i].constant) {
			varying = &call->args[i];
			which = i;
			n_varying++;
		}
	if (n_varying == 0) {
		call->n = 1;
		call->into = NULL;
		call->result->constant = true;
		return run_function(run, call);
	}
	if (n_varying == 1 && varying->column.codes && varying->column.n_entries < call->n_rows) {
		struct vector *args = arena_array(call->arena, call->n_args, sizeof *args);

		memcpy(args, call->args, call->n_args * sizeof *args);
		entries_of(call->arena, varying, &args[which], &call->n);
		call->args = args;
		if (call->result->type != TYPE_TEXT)
			call->into = NULL;      /* entries do not stay */
		if (run_function(run, call) < 0)
			return -1;
		call->into = into;
		spread(call, &varying->column);
		return 0;
	}
	return run_function(run, call);
}

/* ---- the tree ---- */

static int64_t offset_of(const struct node *node)
{
	return node->type == TYPE_TIME ? time_form_offset(node->form) : 0;
}

/* No text is made of a column whose cells were not written in one way. */
static int check_written(const struct evaluation *run, const struct node *node)
{
	for (size_t i = 0; i < node->n_args; i++) {
		const struct node *arg = node->args[i];

		if (arg->kind == NODE_NAME && form_check_text(&run->batch->schema->fields[arg->column], run->batch->columns[arg->column].mixed, run->err) < 0)
			return -1;
	}
	return 0;
}

static int run_node(struct evaluation *run, const struct node *node, struct vector *result)
{
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
		*result = (struct vector){ .type = node->type, .column = *column, .form = node->form, .offset = offset_of(node) };
		return 0;
	}
	args = arena_array(run->scratch, node->n_args, sizeof *args);
	for (size_t i = 0; i < node->n_args; i++)
		if (run_node(run, node->args[i], &args[i]) < 0)
			return -1;
	if (node->function->prints && check_written(run, node) < 0)
		return -1;
	*result = (struct vector){ .type = node->type, .form = node->form, .offset = offset_of(node) };
	call = (struct call){ .function = node->function, .arena = run->scratch, .n = run->batch->n_rows, .n_rows = run->batch->n_rows,
	                     .args = args, .n_args = node->n_args, .result = result, .bytes = &run->bytes, .pool = run->batch->pool,
	                     .into = node == run->expression->root ? run->fresh : NULL };
	return call_function(run, &call);
}

/* ---- the result ---- */

static void finish_valid(const struct batch *batch, const struct vector *vector, struct column *fresh)
{
	const uint64_t *valid = vector->column.valid;
	size_t n = batch->n_rows;

	if (!valid || (vector->constant && vector_valid(vector, 0)))
		return;
	if (vector->constant) {
		column_new_valid(fresh, batch->pool, n, false);
		return;
	}
	for (size_t col = 0; col < batch->n_columns; col++)
		if (batch->columns[col].valid == valid) {
			column_share_valid(fresh, &batch->columns[col]);
			return;
		}
	column_copy_valid(fresh, batch->pool, n, &vector->column);
}

/* One value for all rows. */
static void finish_constant(const struct batch *batch, const struct vector *vector, struct column *fresh)
{
	size_t n = batch->n_rows, width = type_width(vector->type);
	unsigned char *values = column_new_values(fresh, batch->pool, vector->type, n);

	for (size_t row = 0; row < n; row++)
		memcpy(values + row * width, vector->column.values, width);
}

static void finish_text(const struct batch *batch, const struct vector *vector, struct column *fresh)
{
	const struct column *from = &vector->column;

	if (fresh->offsets != from->offsets || fresh->bytes != from->bytes) {
		uint32_t *offsets = column_new_offsets(fresh, batch->pool, from->n_entries);
		char *bytes = column_new_bytes(fresh, batch->pool, from->bytes_size);

		memcpy(offsets, from->offsets, (from->n_entries + (size_t)1) * sizeof *offsets);
		if (from->bytes_size)
			memcpy(bytes, from->bytes, from->bytes_size);
	}
	if (vector->constant || from->codes) {
		uint32_t *codes = column_new_codes(fresh, batch->pool, batch->n_rows);

		if (from->codes && !vector->constant)
			memcpy(codes, from->codes, batch->n_rows * sizeof *codes);
		else
			memset(codes, 0, batch->n_rows * sizeof *codes);
	}
}

int expression_run(const struct expression *expression, struct batch *batch, struct arena *scratch, struct column *result,
                   uint64_t *no_answer, struct error *err)
{
	struct column fresh = COLUMN_INIT;
	struct evaluation run = { .expression = expression, .batch = batch, .scratch = scratch, .bytes = BUFFER_INIT, .fresh = &fresh, .err = err };
	struct vector value;
	int failed = run_node(&run, expression->root, &value);

	buffer_free(&run.bytes);
	if (failed < 0) {
		column_drop(&fresh);
		return -1;
	}
	if (expression->root->kind == NODE_NAME) {
		column_share(result, &batch->columns[expression->root->column]);
		return 0;
	}
	finish_valid(batch, &value, &fresh);
	if (value.type == TYPE_TEXT)
		finish_text(batch, &value, &fresh);
	else if (!fresh.values)
		finish_constant(batch, &value, &fresh);
	if (value.constant)
		*no_answer += vector_lost(&value, 0) ? batch->n_rows : 0;
	else if (value.lost)
		*no_answer += bits_count(value.lost, batch->n_rows);
	*result = fresh;
	return 0;
}
