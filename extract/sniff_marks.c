/* SPDX-License-Identifier: MIT */
#include "sniff_marks.h"

#include <stdlib.h>

#include "memory.h"
#include "number.h"

enum { MOST_COLUMNS = 256, N_READINGS = 8 };

/* Readings of a number, a bit each in a column's sets; those with a decimal comma come first. */
static const struct number_marks readings[N_READINGS] = {
	{ ',', 0 }, { ',', '.' }, { ',', ' ' }, { ',', '\'' }, { 0, ',' }, { 0, ' ' }, { 0, '\'' }, { 0, 0 },
};
enum { WITH_COMMA = 0x0f, FIRST_POINT = 4 };

enum { MANY_MARKED = 20 };      /* cells in groups throughout: chance is never so, nor, where commas part the cells, are decimals beside columns of plain ones */

/* The readings with a mark of which many are proof: with a decimal comma, where it can be beside one, and with a point. */
static const unsigned often[][2] = { { 4, 4 }, { 2, 5 }, { 3, 6 } };
enum { N_OFTEN = sizeof often / sizeof *often };

/* n_marked, n_short: cells with that mark between groups, and those with one digit or two before the first; bare: a whole number of more than three digits without;
 * decimal: all read so with a decimal comma and no groups, and one can be nothing else. */
struct marks_column {
	struct often_marked { size_t n_marked, n_short; bool bare; } often[N_OFTEN];
	bool decimal, other, seen;
	unsigned fits, commas, groups;          /* commas, groups: readings whose decimal comma, whose groups are proven */
};

struct sniff_marks {
	unsigned readings;              /* that count */
	struct number_marks given;
	struct marks_column columns[MOST_COLUMNS];
};

struct sniff_marks *sniff_marks_new(bool commas, bool points, bool groups, struct number_marks given)
{
	struct sniff_marks *look = mem_new(1, sizeof *look);

	look->given = given;
	for (int i = 0; i < N_READINGS; i++) {
		bool decimal = i < FIRST_POINT ? commas || given.point : points;

		if (decimal && (groups || readings[i].group == given.group || !readings[i].group))
			look->readings |= 1u << i;
	}
	return look;
}

void sniff_marks_free(struct sniff_marks *look) { free(look); }

/* Whether the cell reads so, and how it is written. */
static bool reads(const char *cell, size_t size, struct number_marks marks, struct marked *how)
{
	char room[NUMBER_MARKED];
	size_t n = number_unmark(cell, size, marks, room, how);
	double value;

	return n > 0 && number_real_rounded(room, n, &value);
}

/* Marks between groups that can be nothing else: beside the decimal mark, or a comma twice behind a first group that no list of three digits each has. */
static bool groups_proven(const struct marked *how, char group)
{
	return how->n_groups > 0 && (how->point || (group == ',' && how->n_groups > 1 && how->n_first < 3));
}

/* Where commas part the cells: whether the column is one of decimal commas. */
static void look_for_decimal(struct marks_column *column, const char *cell, size_t size)
{
	struct marked how;

	column->other = column->other || !reads(cell, size, readings[0], &how);
	column->decimal = !column->other && (column->decimal || (how.point && !marked_is_open(&how, cell[*cell == '-'])));
}

/* A cell that is written so, in groups or not. */
static void count_marked(struct often_marked *marked, const struct marked *how)
{
	marked->n_marked += how->n_groups > 0;
	marked->n_short += how->n_groups > 0 && how->n_first < 3;
	marked->bare |= how->n_groups == 0 && how->n_whole > 3;
}

/* Readings with a mark that many cells have, in columns that have it throughout. */
static unsigned often_found(const struct sniff_marks *look, bool comma)
{
	unsigned found = 0;

	for (int k = 0; k < N_OFTEN; k++) {
		size_t n_marked = 0;

		for (size_t i = 0; i < MOST_COLUMNS; i++) {
			const struct marks_column *column = &look->columns[i];
			const struct often_marked *marked = &column->often[k];

			if (column->fits & (1u << often[k][0] | 1u << often[k][1]) && marked->n_short > 0 && !marked->bare)
				n_marked += marked->n_marked;
		}
		if (n_marked >= MANY_MARKED)
			found |= 1u << often[k][!comma];
	}
	return found;
}

void sniff_marks_add(struct sniff_marks *look, size_t col, const char *cell, size_t size)
{
	struct marks_column *column = col < MOST_COLUMNS ? &look->columns[col] : NULL;
	unsigned fits = 0;

	if (column && !(look->readings & WITH_COMMA))
		look_for_decimal(column, cell, size);
	if (!column || (column->seen && !column->fits))
		return;
	for (int i = 0; i < N_READINGS; i++) {
		struct marked how;

		if (!(look->readings >> i & 1) || !reads(cell, size, readings[i], &how))
			continue;
		fits |= 1u << i;
		if (readings[i].point && how.point && !marked_is_open(&how, cell[*cell == '-']))
			column->commas |= 1u << i;
		if (groups_proven(&how, readings[i].group))
			column->groups |= 1u << i;
		for (int k = 0; k < N_OFTEN; k++)
			if (i == (int)often[k][look->readings >> often[k][1] & 1])
				count_marked(&column->often[k], &how);
	}
	column->fits = column->seen ? column->fits & fits : fits;
	column->seen = true;
}

bool sniff_marks_end(const struct sniff_marks *look, struct number_marks *marks)
{
	unsigned commas = 0, groups = 0;
	bool decimal = false;
	int first = 0;

	for (size_t i = 0; i < MOST_COLUMNS; i++) {
		const struct marks_column *column = &look->columns[i];

		decimal |= column->decimal;
		commas |= look->columns[i].commas & look->columns[i].fits;
		groups |= look->columns[i].groups & look->columns[i].fits;
	}
	if (!groups)
		groups = often_found(look, commas || look->given.point) & ~(look->readings & WITH_COMMA || decimal ? 1u << FIRST_POINT : 0);
	if (commas && groups >> FIRST_POINT)
		return false;           /* one column has a decimal comma, another 1,234.5 */
	if (!commas && !groups)
		return false;
	groups &= commas || look->given.point ? WITH_COMMA : ~(unsigned)WITH_COMMA;
	if (groups & (groups - 1))
		return false;           /* several marks */
	while (groups && !(groups >> first & 1))
		first++;
	*marks = groups ? readings[first] : commas ? readings[0] : look->given;
	if (!groups)
		marks->group = look->given.group;
	return true;
}

bool sniff_marks_comma(const char *cell, size_t size)
{
	struct marked how;

	for (int i = 0; i < FIRST_POINT; i++)
		if (reads(cell, size, readings[i], &how) && how.point)
			return true;
	return false;
}
