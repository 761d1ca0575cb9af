/* SPDX-License-Identifier: MIT */
/* What a column says, checked once: after column_read its values can be taken as they stand. */
#include <string.h>

#include "batch.h"
#include "narrow.h"
#include "text.h"
#include "timestamp.h"

static const char SPARE_BITS[] = "spare bits that are set";

static size_t count_missing(const uint64_t *valid, size_t n_rows)
{
	size_t n_valid = 0;

	if (!valid)
		return 0;
	for (size_t word = 0; word < bits_words(n_rows); word++)
		n_valid += bits_ones(valid[word]);
	return n_rows - n_valid;
}

static bool all_finite(const double *reals, size_t n)
{
	uint64_t bad = 0;

	for (size_t i = 0; i < n; i++) {
		uint64_t bits;

		memcpy(&bits, &reals[i], sizeof bits);
		bad |= ((bits >> 52 & 0x7ff) + 1) >> 11;        /* carries out of 11 bits only when all are ones */
	}
	return bad == 0;
}

/* values: of `width` bytes each. */
static bool zero_under_missing(const struct column *column, const unsigned char *values, size_t width, size_t n_rows)
{
	uint64_t any = 0;

	for (size_t word = 0; word < bits_words(n_rows); word++)
		for (uint64_t missing = ~column->valid[word]; missing; missing &= missing - 1) {
			size_t row = 64 * word + (size_t)__builtin_ctzll(missing);
			uint64_t value = 0;

			if (row >= n_rows)
				break;
			memcpy(&value, values + row * width, width);
			any |= value;
		}
	return any == 0;
}

/* Years 1 to 9999: what prints and reads back. */
static bool all_in_calendar(const int64_t *times, size_t n)
{
	bool inside = true;

	for (size_t i = 0; i < n; i++)
		inside &= time_in_calendar(times[i]);
	return inside;
}

static const char *check_values(const struct column *column, enum type type, size_t n_rows)
{
	if (type == TYPE_REAL && !all_finite(column->values, n_rows))
		return "a real that is not finite";
	if (type == TYPE_TIME && !all_in_calendar(column->values, n_rows))
		return "a time outside of the years 1 to 9999";
	if (type == TYPE_BOOL) {
		uint8_t any = 0;

		for (size_t row = 0; row < n_rows; row++)
			any |= ((const uint8_t *)column->values)[row];
		if (any > 1)
			return "a bool that is not 0 or 1";
	}
	if (column->n_missing && !zero_under_missing(column, column->values, type_width(type), n_rows))
		return "a value under a missing row";
	return NULL;
}

static const char *check_entries(const struct column *column)
{
	const uint32_t *offsets = column->offsets;
	uint32_t n = column->n_entries;
	bool back = false;

	if (offsets[0] != 0 || offsets[n] != column->bytes_size)
		return "text offsets that do not cover their bytes";
	for (uint32_t i = 0; i < n; i++)
		back |= offsets[i] > offsets[i + 1];
	if (back)
		return "text offsets that go back";
	if (text_is_ascii(column->bytes, column->bytes_size))
		return NULL;
	if (!text_is_utf8(column->bytes, column->bytes_size))
		return "text that is not UTF-8";
	for (uint32_t i = 1; i < n; i++)
		if (offsets[i] < column->bytes_size && ((unsigned char)column->bytes[offsets[i]] & 0xc0) == 0x80)
			return "text that is cut within a character";
	return NULL;
}

static const char *check_text(const struct column *column, size_t n_rows)
{
	const char *broken = check_entries(column);

	if (broken || column->has_codes || !column->n_missing)
		return broken;
	for (size_t row = 0; row < n_rows; row++)
		if (!column_valid(column, row) && column->offsets[row] != column->offsets[row + 1])
			return "a value under a missing row";
	return NULL;
}

/* ---- writing out ---- */

/* Codes of 1, 2 or 4 bytes to 4; false if one lies outside of the dictionary, or is not 0 under a missing row. */
static bool widen(struct column *column, struct pool *pool, size_t n)
{
	uint32_t *codes = column_new_codes(column, pool, n), most = 0;
	const uint8_t *bytes = column->wire_codes;
	const uint16_t *shorts = column->wire_codes;

	column->fresh_codes = false;
	switch (column->code_width) {
	case 1:
		for (size_t row = 0; row < n; row++) {
			codes[row] = bytes[row];
			most = codes[row] > most ? codes[row] : most;
		}
		break;
	case 2:
		for (size_t row = 0; row < n; row++) {
			codes[row] = shorts[row];
			most = codes[row] > most ? codes[row] : most;
		}
		break;
	default:
		memcpy(codes, column->wire_codes, n * sizeof *codes);
		for (size_t row = 0; row < n; row++)
			most = codes[row] > most ? codes[row] : most;
	}
	if (n && most >= column->n_entries)
		return false;
	if (!column->checked && column->n_missing)
		for (size_t row = 0; row < n; row++)
			if (!column_valid(column, row) && codes[row])
				return false;
	return true;
}

static const char *check_encoded(const struct column *column, enum type type, size_t n_rows)
{
	int64_t last;
	struct column most, odd;
	const char *broken;

	if (column->encoding == ENCODED_SEQUENCE) {
		if (n_rows && (__builtin_mul_overflow(column->step, (int64_t)(n_rows - 1), &last) || __builtin_add_overflow(last, column->first.number, &last)))
			return "numbers that count past 64 bits";
		return NULL;
	}
	if (column_is_narrow(column))
		return column->n_missing && !zero_under_missing(column, column->narrow, column->narrow_width, n_rows) ? "a value under a missing row" : NULL;
	for (size_t i = 0; i < column->n_odd; i++)
		if (column_place(column, i) >= n_rows || (i && column_place(column, i) <= column_place(column, i - 1)))
			return "places of values that do not ascend";
	if (type == TYPE_BOOL)
		return NULL;

	most = (struct column) { .values = &column->first };
	odd = (struct column) { .values = column->odd };
	broken = check_values(&most, type, 1);

	return broken ? broken : check_values(&odd, type, column->n_odd);
}

static void write_out_sequence(struct column *column, struct pool *pool, enum type type, size_t n_rows)
{
	int64_t *values = column_new_values(column, pool, type, n_rows);

	for (size_t row = 0; row < n_rows; row++)
		values[row] = column->first.number + column->step * (int64_t)row;
}

static void write_out_mostly(struct column *column, struct pool *pool, enum type type, size_t n_rows)
{
	void *values = column_new_values(column, pool, type, n_rows);

	if (type == TYPE_BOOL) {
		uint8_t most = column->first.number != 0;

		memset(values, most, n_rows);
		for (size_t i = 0; i < column->n_odd; i++)
			((uint8_t *)values)[column_place(column, i)] = !most;
		return;
	}
	for (size_t row = 0; row < n_rows; row++)
		((int64_t *)values)[row] = column->first.number;
	for (size_t i = 0; i < column->n_odd; i++)
		((int64_t *)values)[column_place(column, i)] = ((const int64_t *)column->odd)[i];
}

static void write_out_narrow(struct column *column, struct pool *pool, enum type type, size_t n_rows)
{
	void *values = column_new_values(column, pool, type, n_rows);

	if (type == TYPE_REAL && column->encoding == ENCODED_PLACED) {
		narrow_to_scaled(column->narrow, column->narrow_width, column->digits, column->center, column->scale, n_rows, values);
		column_zero_missing(column, values, sizeof(uint64_t), n_rows);   /* of a 0 they are not */
	} else if (type == TYPE_REAL) {
		narrow_to_reals(column->narrow, column->narrow_width, column->digits, n_rows, values, cpu_lanes());
	} else if (column->encoding == ENCODED_PLACED) {
		narrow_to_counts(column->narrow, column->narrow_width, column->first.number, column->step, n_rows, values);
		column_zero_missing(column, values, sizeof(uint64_t), n_rows);
	} else {
		narrow_widen(column->narrow, column->narrow_width, n_rows, sizeof(int64_t), values);
	}
}

void column_narrow_value(const struct column *column, enum type type, size_t row, void *to)
{
	const unsigned char *narrow = (const unsigned char *)column->narrow + row * column->narrow_width;

	if (type == TYPE_REAL && column->encoding == ENCODED_PLACED)
		narrow_to_scaled(narrow, column->narrow_width, column->digits, column->center, column->scale, 1, to);
	else if (type == TYPE_REAL)
		narrow_to_reals(narrow, column->narrow_width, column->digits, 1, to, CPU_PLAIN);
	else if (column->encoding == ENCODED_PLACED)
		narrow_to_counts(narrow, column->narrow_width, column->first.number, column->step, 1, to);
	else
		narrow_widen(narrow, column->narrow_width, 1, sizeof(int64_t), to);
}

static void write_out(struct column *column, struct pool *pool, enum type type, size_t n_rows)
{
	switch (column->encoding) {
	case ENCODED_MOSTLY: write_out_mostly(column, pool, type, n_rows); break;
	case ENCODED_NARROW:
	case ENCODED_PLACED: write_out_narrow(column, pool, type, n_rows); break;
	default: write_out_sequence(column, pool, type, n_rows);
	}
	column->fresh_values = false;
}

/* Codes that turned out wrong: their block is the newest. Who asks again gets the same answer. */
static void drop_codes(struct column *column)
{
	size_t i = COLUMN_BLOCKS;

	while (!column->blocks[i - 1])
		i--;
	block_drop(column->blocks[i - 1]);
	column->blocks[i - 1] = NULL;
	column->codes = NULL;
}

static const struct column *fail(struct batch *batch, size_t col, const char *broken, struct error *err)
{
	error_set(err, STATUS_FAILED, "broken input: column '%s' holds %s", batch->schema->fields[col].name, broken);
	return NULL;
}

static bool spare_bits_are_set(const struct column *column, size_t n_rows)
{
	return column->valid && n_rows % 64 && column->valid[n_rows / 64] >> n_rows % 64;
}

const struct column *column_check(struct batch *batch, size_t col, struct error *err)
{
	struct column *column = &batch->columns[col];
	const char *broken;

	if (column->encoding == ENCODED_PLAIN || column->values)
		return column_read(batch, col, err);
	if (column->checked)
		return column;
	column->n_missing = count_missing(column->valid, batch->n_rows);
	broken = spare_bits_are_set(column, batch->n_rows) ? SPARE_BITS : check_encoded(column, batch->schema->fields[col].type, batch->n_rows);
	if (broken)
		return fail(batch, col, broken, err);
	column->checked = true;
	return column;
}

const struct column *column_read(struct batch *batch, size_t col, struct error *err)
{
	struct column *column = &batch->columns[col];
	enum type type = batch->schema->fields[col].type;
	size_t n_rows = batch->n_rows;
	const char *broken = NULL;

	if (column->checked && (!column->has_codes || column->codes) && (column->values || type == TYPE_TEXT))
		return column;
	if (column->encoding != ENCODED_PLAIN && !column->values) {
		if (!column_check(batch, col, err))
			return NULL;
		write_out(column, batch->pool, type, n_rows);
		return column;
	}
	if (!column->checked) {
		column->n_missing = count_missing(column->valid, n_rows);
		if (spare_bits_are_set(column, n_rows))
			broken = SPARE_BITS;
		else if (type == TYPE_TEXT)
			broken = check_text(column, n_rows);
		else
			broken = check_values(column, type, n_rows);
	}
	if (!broken && column->has_codes && !column->codes && !widen(column, batch->pool, n_rows)) {
		drop_codes(column);
		broken = "a code past its dictionary, or under a missing row";
	}
	if (broken)
		return fail(batch, col, broken, err);
	column->checked = true;
	return column;
}

double column_number(const struct column *column, enum type type, size_t row)
{
	switch (type) {
	case TYPE_INT: return (double)column_int(column, row);
	case TYPE_REAL: return column_real(column, row);
	case TYPE_BOOL: return column_bool(column, row);
	default: return 0;
	}
}
