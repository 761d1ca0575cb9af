/* SPDX-License-Identifier: MIT */
/*
 * Text. All functions work on one row, since whoever calls them shows each distinct
 * text of a dictionary once. Positions count characters from 1, as in SQL; sizes
 * of a character come from its first byte, for text in a batch is valid UTF-8.
 */
#include <string.h>

#include "expression_tree.h"
#include "form.h"
#include "number.h"
#include "text.h"
#include "text_edit.h"
#include "timestamp.h"

struct piece { const char *bytes; size_t size; };

static struct piece text_of(const struct call *call, size_t i, size_t row)
{
	struct piece piece;

	piece.bytes = vector_text(&call->args[i], row, &piece.size);
	return piece;
}

/* ---- text to text ---- */

static void lower_row(struct call *call, size_t row)
{
	struct piece text = text_of(call, 0, row);

	text_lower(call->bytes, text.bytes, text.size);
}

static void upper_row(struct call *call, size_t row)
{
	struct piece text = text_of(call, 0, row);

	text_upper(call->bytes, text.bytes, text.size);
}

static void trim_row(struct call *call, size_t row)
{
	struct piece text = text_of(call, 0, row);

	text_trim(&text.bytes, &text.size);
	call_text_add(call, text.bytes, text.size);
}

static void squeeze_row(struct call *call, size_t row)
{
	struct piece text = text_of(call, 0, row);

	text_squeeze(call->bytes, text.bytes, text.size);
}

static void replace_row(struct call *call, size_t row)
{
	struct piece text = text_of(call, 0, row), old = text_of(call, 1, row), new = text_of(call, 2, row);
	const char *found, *end = text.bytes + text.size;

	while (old.size && !call->too_long && (found = text_find(text.bytes, (size_t)(end - text.bytes), 0, old.bytes, old.size))) {
		call_text_add(call, text.bytes, (size_t)(found - text.bytes));
		call_text_add(call, new.bytes, new.size);
		text.bytes = found + old.size;
	}
	call_text_add(call, text.bytes, (size_t)(end - text.bytes));
}

static size_t character_size(char first)
{
	unsigned char byte = (unsigned char)first;

	return byte < 0x80 ? 1 : byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4;
}

/* Characters start, start + 1 ... of at most `count`; what lies outside of the text is nothing. */
static void substr_row(struct call *call, size_t row)
{
	struct piece text = text_of(call, 0, row);
	int64_t start = vector_int(&call->args[1], row), position = 1, end;
	size_t at = 0, first;

	if (__builtin_add_overflow(start, call->n_args > 2 ? vector_int(&call->args[2], row) : INT64_MAX, &end))
		end = start < 0 ? start : INT64_MAX;
	for (; at < text.size && position < start; position++)
		at += character_size(text.bytes[at]);
	first = at;
	for (; at < text.size && position < end; position++)
		at += character_size(text.bytes[at]);
	call_text_add(call, text.bytes + first, at - first);
}

/* Part i between separators, from 1, or from the end: -1 is the last. Missing if there are not so many. */
static void split_row(struct call *call, size_t row)
{
	struct piece text = text_of(call, 0, row), separator = text_of(call, 1, row);
	int64_t wanted = vector_int(&call->args[2], row), n = 1;
	const char *at = text.bytes, *end = text.bytes + text.size, *found;

	if (separator.size == 0 || wanted == 0) {
		call_miss(call, row);
		return;
	}
	if (wanted < 0) {
		while ((found = text_find(at, (size_t)(end - at), 0, separator.bytes, separator.size))) {
			at = found + separator.size;
			n++;
		}
		wanted += n + 1;
		at = text.bytes;
	}
	found = text_find(at, (size_t)(end - at), 0, separator.bytes, separator.size);
	for (; wanted > 1 && found; wanted--) {
		at = found + separator.size;
		found = text_find(at, (size_t)(end - at), 0, separator.bytes, separator.size);
	}
	if (wanted != 1)
		call_miss(call, row);
	else
		call_text_add(call, at, (size_t)((found ? found : end) - at));
}

/* As load prints it. */
static void add_printed(struct call *call, const struct vector *vector, size_t row)
{
	char text[TIME_TEXT_SIZE];
	struct piece piece = { text, 0 };

	switch (vector->type) {
	case TYPE_INT:
		piece.size = number_mark(text, number_print_int(text, vector_int(vector, row)), form_marks(vector->form));
		break;
	case TYPE_REAL:
		piece.size = number_mark(text, form_print_real(text, vector_real(vector, row), form_decimals(vector->form)), form_marks(vector->form));
		break;
	case TYPE_BOOL:
		piece.bytes = form_word(vector->form, vector_bool(vector, row));
		piece.size = strlen(piece.bytes);
		break;
	case TYPE_TIME:
		piece.size = time_print(text, vector_int(vector, row), vector->form);
		break;
	default:
		piece.bytes = vector_text(vector, row, &piece.size);
	}
	call_text_add(call, piece.bytes, piece.size);
}

static void concat_row(struct call *call, size_t row)
{
	for (size_t i = 0; i < call->n_args; i++)
		add_printed(call, &call->args[i], row);
}

/* ---- text to something else ---- */

static void length_row(struct call *call, size_t row)
{
	struct piece text = text_of(call, 0, row);

	((int64_t *)call->values)[row] = (int64_t)text_count(text.bytes, text.size);
}

static void contains_row(struct call *call, size_t row)
{
	struct piece text = text_of(call, 0, row), what = text_of(call, 1, row);

	((uint8_t *)call->values)[row] = text_find(text.bytes, text.size, 0, what.bytes, what.size) != NULL;
}

static void starts_with_row(struct call *call, size_t row)
{
	struct piece text = text_of(call, 0, row), with = text_of(call, 1, row);

	((uint8_t *)call->values)[row] = text_begins(text.bytes, text.size, with.bytes, with.size);
}

static void ends_with_row(struct call *call, size_t row)
{
	struct piece text = text_of(call, 0, row), with = text_of(call, 1, row);

	((uint8_t *)call->values)[row] = text_ends(text.bytes, text.size, with.bytes, with.size);
}

static void number_row(struct call *call, size_t row)
{
	struct piece text = text_of(call, 0, row);

	text_trim(&text.bytes, &text.size);
	if (!number_real_rounded(text.bytes, text.size, (double *)call->values + row))
		call_lose(call, row);
}

static void int_row(struct call *call, size_t row)
{
	struct piece text = text_of(call, 0, row);

	text_trim(&text.bytes, &text.size);
	if (!number_int(text.bytes, text.size, (int64_t *)call->values + row))
		call_lose(call, row);
}

const struct function functions_text[] = {
	{ "lower", "t", 't', .row = lower_row, .usage = "lower(text)", .help = "in small letters" },
	{ "upper", "t", 't', .row = upper_row, .usage = "upper(text)", .help = "in capital letters" },
	{ "trim", "t", 't', .row = trim_row, .usage = "trim(text)", .help = "without blanks at both ends" },
	{ "squeeze", "t", 't', .row = squeeze_row, .usage = "squeeze(text)", .help = "runs of blanks as one space" },
	{ "length", "t", 'i', .row = length_row, .usage = "length(text)", .help = "characters" },
	{ "concat", "a+", 't', .row = concat_row, .prints = true, .usage = "concat(a, b, ...)", .help = "all of them as text, one behind the other" },
	{ "text", "a", 't', .row = concat_row, .prints = true, .usage = "text(x)", .help = "as it prints" },
	{ "number", "t", 'r', .row = number_row },
	{ "int", "t", 'i', .row = int_row },
	{ "contains", "tt", 'b', .row = contains_row, .usage = "contains(text, part)", .help = "whether the part stands in it" },
	{ "starts_with", "tt", 'b', .row = starts_with_row, .usage = "starts_with(text, part)", .help = "whether it begins so" },
	{ "ends_with", "tt", 'b', .row = ends_with_row, .usage = "ends_with(text, part)", .help = "whether it ends so" },
	{ "replace", "ttt", 't', .row = replace_row, .usage = "replace(text, old, new)", .help = "every old becomes new" },
	{ "substr", "tii", 't', .row = substr_row, .usage = "substr(text, start, n)", .help = "n characters from character start, the first is 1" },
	{ "substr", "ti", 't', .row = substr_row },
	{ "split", "tti", 't', .row = split_row, .usage = "split(text, separator, i)", .help = "part i, the first is 1, the last -1; null if there is none" },
	{ .name = NULL },
};
