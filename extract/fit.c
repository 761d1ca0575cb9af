/* SPDX-License-Identifier: MIT */
/*
 * The types form a small lattice: no value -> int -> real -> text, and bool and
 * time straight to text. A column is described by the set of types that all its
 * cells fit, which only shrinks; so the order of rows does not matter, and a
 * guess from the first rows that no later cell contradicts is the answer for all.
 */
#include "fit.h"

#include <string.h>

#include "text.h"

bool int_is_exact(int64_t value)
{
	double real = (double)value;

	return real < 0x1p63 && (int64_t)real == value;
}

const char *cell_text(const struct cell *cell, char *room, size_t *size)
{
	switch (cell->kind) {
	case CELL_INT: *size = number_print_int(room, cell->as.number); return room;
	case CELL_REAL: *size = number_print_real(room, cell->as.real); return room;
	case CELL_TIME: *size = time_print(room, cell->as.number, NULL); return room;
	case CELL_BOOL: *size = cell->as.number ? 4 : 5; return cell->as.number ? "true" : "false";
	default: *size = cell->size; return cell->as.text;
	}
}

bool cell_is_word(const struct cell *cell, const struct names *words)
{
	char room[TIME_TEXT_SIZE];
	size_t size;
	const char *text = cell_text(cell, room, &size);

	for (size_t i = 0; i < words->n; i++)
		if (strlen(words->items[i]) == size && memcmp(words->items[i], text, size) == 0)
			return true;
	return false;
}

static bool is_word(const struct cell *cell, const char *word, bool given)
{
	size_t size = strlen(word);

	if (cell->size != size)
		return false;
	for (size_t i = 0; i < size; i++)
		if (cell->as.text[i] != word[i] && !(given && (cell->as.text[i] | 0x20) == word[i] && cell->as.text[i] < 'a'))
			return false;
	return true;
}

static bool text_is_bool(const struct cell *cell, bool given, union value *value)
{
	bool yes = is_word(cell, "true", given) || (given && is_word(cell, "1", false));

	value->number = yes;
	return yes || is_word(cell, "false", given) || (given && is_word(cell, "0", false));
}

/* A cell whose kind says what it is. */
static bool kind_fits(const struct cell *cell, enum type type, bool given, union value *value)
{
	*value = (union value){ .number = cell->as.number };
	switch (type) {
	case TYPE_INT:
		return cell->kind == CELL_INT;
	case TYPE_REAL:
		if (cell->kind == CELL_INT && (given || int_is_exact(cell->as.number)))
			value->real = (double)cell->as.number;
		else
			value->real = cell->as.real;
		return cell->kind == CELL_REAL || (cell->kind == CELL_INT && (given || int_is_exact(cell->as.number)));
	case TYPE_BOOL:
		return cell->kind == CELL_BOOL || (given && cell->kind == CELL_INT && (cell->as.number | 1) == 1);
	case TYPE_TIME:
		return cell->kind == CELL_TIME;
	default:
		return true;
	}
}

bool cell_fits(const struct cell *cell, enum type type, const char *form, bool given, union value *value)
{
	const char *text = cell->as.text;
	char found[TIME_FORM_SIZE];

	if (cell->kind != CELL_TEXT && !(cell->kind == CELL_STRING && given))
		return kind_fits(cell, type, given, value);
	switch (type) {
	case TYPE_INT:
		return number_int(text, cell->size, &value->number);
	case TYPE_REAL:
		return given ? number_real_rounded(text, cell->size, &value->real) : number_real(text, cell->size, &value->real);
	case TYPE_BOOL:
		return text_is_bool(cell, given, value);
	case TYPE_TIME:
		if (form)
			return time_read(text, cell->size, form, false, &value->number);
		return given && time_detect(text, cell->size, found, &value->number);
	default:
		return true;
	}
}

/* Whether the cell is a time of the column's form; the first one sets it. */
static bool infer_time(struct infer *infer, const struct cell *cell)
{
	int64_t micros;

	if (cell->kind == CELL_TIME)
		return !infer->formed;
	if (cell->kind != CELL_TEXT)
		return false;
	if (infer->formed)
		return time_read(cell->as.text, cell->size, infer->form, false, &micros);
	if (infer->seen || !time_detect(cell->as.text, cell->size, infer->form, &micros))
		return false;
	infer->formed = true;
	return true;
}

void infer_cell(struct infer *infer, const struct cell *cell)
{
	union value value;
	unsigned fits = 0;

	if ((infer->may & MAY_INT) && cell_fits(cell, TYPE_INT, NULL, false, &value))
		fits = int_is_exact(value.number) ? MAY_INT | MAY_REAL : MAY_INT;
	else if ((infer->may & MAY_REAL) && cell_fits(cell, TYPE_REAL, NULL, false, &value))
		fits = MAY_REAL;
	else if ((infer->may & MAY_BOOL) && cell_fits(cell, TYPE_BOOL, NULL, false, &value))
		fits = MAY_BOOL;
	else if ((infer->may & MAY_TIME) && infer_time(infer, cell))
		fits = MAY_TIME;
	infer->may &= fits;
	infer->seen = true;
}

enum type infer_type(const struct infer *infer)
{
	if (!infer->seen)
		return TYPE_TEXT;
	return infer->may & MAY_INT ? TYPE_INT : infer->may & MAY_REAL ? TYPE_REAL : infer->may & MAY_BOOL ? TYPE_BOOL
	       : infer->may & MAY_TIME ? TYPE_TIME : TYPE_TEXT;
}

const char *infer_form(const struct infer *infer)
{
	return infer->formed ? infer->form : NULL;
}
