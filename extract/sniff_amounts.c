/* SPDX-License-Identifier: MIT */
#include "sniff_amounts.h"

#include <string.h>

#include "amounts.h"
#include "number.h"
#include "number_marks.h"
#include "row.h"
#include "sniff_rows.h"
#include "text.h"

enum { LONGEST = 64 };          /* bytes of an amount */

/* Each comma has three digits behind it, and then no fourth. */
static bool has_groups(const char *text, size_t size)
{
	size_t n = 0;

	for (size_t i = 0; i < size; i++) {
		if (text[i] != ',')
			continue;
		if (i == 0 || !text_is_digit(text[i - 1]) || size - i < 4 || !text_is_digit(text[i + 1]) || !text_is_digit(text[i + 2]) || !text_is_digit(text[i + 3]) ||
		    (size - i > 4 && text_is_digit(text[i + 4])))
			return false;
		n++;
	}
	return n > 0;
}

static size_t count_commas(const char *text, size_t size)
{
	size_t n = 0;

	for (size_t i = 0; i < size; i++)
		n += text[i] == ',';
	return n;
}

enum sniff_amounts sniff_amounts(const struct sniff_text *text)
{
	struct amounts amounts = { .kind = NULL };
	const char *at = text->bytes, *end = at + text->size, *line;
	size_t size, n_first = 0, n_grouped = 0;
	bool named = false, sure = false;

	for (size_t row = 0; text_next_line(&at, end, text->whole, &line, &size); row++) {
		size_t n_before = amounts.n, n_read = amounts.n_point, n_commas = count_commas(line, size);

		if (size > LONGEST)
			return AMOUNTS_NOT;
		if (size == 0)
			continue;
		amounts_add_text(&amounts, line, size);
		if (row == 0 && amounts.n_point == 0) {
			named = true;
			amounts = (struct amounts){ .kind = NULL };
			if (n_commas > 0 || memchr(line, ';', size))
				return AMOUNTS_NOT;
			continue;
		}
		if (amounts.n - n_before != amounts.n_point - n_read || (n_commas > 0 && !has_groups(line, size)))
			return AMOUNTS_NOT;
		n_first = amounts.n == 1 ? n_commas : n_first;
		n_grouped += n_commas > 0;
		sure |= n_commas != n_first || (n_commas > 0 && memchr(line, '.', size));
	}
	if (n_grouped == 0 || amounts.n < 2 - (size_t)named || !(named || sure))
		return AMOUNTS_NOT;
	return named ? AMOUNTS_NAMED : AMOUNTS_ALL;
}

static bool is_amount(const char *text, size_t size, struct amounts *amounts)
{
	*amounts = (struct amounts){ .kind = NULL };
	if (size <= LONGEST && has_groups(text, size))
		amounts_add_text(amounts, text, size);
	return amounts->n_point > 0;
}

bool amounts_are_parted(const struct row *row)
{
	const struct number_marks marks = { .group = ',' };
	size_t size = row->raw_size;
	struct amounts amounts;
	char room[NUMBER_MARKED];
	struct marked how;

	while (size > 0 && (row->raw[size - 1] == '\n' || row->raw[size - 1] == '\r'))
		size--;
	return is_amount(row->raw, size, &amounts) || (has_groups(row->raw, size) && number_unmark(row->raw, size, marks, room, &how) > 0);
}

/* The sign before the digits, for an extended regular expression: [$], US[$], EUR. */
static void add_sign(const char *sign, size_t size, struct buffer *to)
{
	for (size_t i = 0; i < size; i++)
		if (sign[i] == '$')
			buffer_add_text(to, "[$]");
		else
			buffer_add_byte(to, (unsigned char)sign[i]);
}

bool amounts_advise(const struct row *row, size_t n_columns, struct buffer *to)
{
	const char *text = row->raw, *end = row->raw + row->raw_size, *unit = NULL;
	size_t n_parted = 0, unit_size = 0;

	if (row->n_cells <= n_columns || row->n_cells > row->room || memchr(text, '"', row->raw_size))
		return false;
	while (end > text && (end[-1] == '\n' || end[-1] == '\r'))
		end--;
	/* The longest run of cells from each on that is an amount, as long as cells go on with three digits. */
	for (const char *cell = text, *next; cell < end; cell = next) {
		const char *stop = memchr(cell, ',', (size_t)(end - cell));
		struct amounts amounts;

		while (stop && end - stop >= 4 && text_is_digit(stop[1]) && text_is_digit(stop[2]) && text_is_digit(stop[3]) && (end - stop == 4 || !text_is_digit(stop[4])))
			stop = memchr(stop + 1, ',', (size_t)(end - stop - 1));
		next = stop ? stop : end;
		if (is_amount(cell, (size_t)(next - cell), &amounts)) {
			const char *sign = cell + (*cell == '-');
			size_t size = strcspn(sign, "0123456789");

			n_parted += count_commas(cell, (size_t)(next - cell));
			if (size == 0 || (unit && (size != unit_size || memcmp(sign, unit, size) != 0)) || memchr(sign, '(', size))
				return false;
			unit = sign;
			unit_size = size;
		}
		next += next < end;
	}
	if (!unit || n_parted != row->n_cells - n_columns)
		return false;
	buffer_add_text(to, "sed -E 's/-?");
	add_sign(unit, unit_size, to);
	buffer_add_text(to, "[0-9]{1,3}(,[0-9]{3})+([.][0-9]+)?/\"&\"/g' FILE puts quotes around amounts with commas");
	return true;
}
