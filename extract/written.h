/* SPDX-License-Identifier: MIT */
/*
 * How the cells of a real column are written so far: with which number of decimals
 * all of them print again byte for byte, and whether the shortest text does. What
 * one cell is not, the column is not; so the order of cells does not matter. Cells
 * that are no text (of foreign records) say nothing.
 */
#ifndef WRITTEN_H
#define WRITTEN_H

#include "form.h"
#include "number.h"

enum { DECIMALS_ANY = -2, DECIMALS_NONE = -1 };

/* grouped, bare: numbers of four whole digits and more that have marks between groups (number_marks.h), and that have none. */
struct written { int decimals; bool shortest, grouped, bare; };
#define WRITTEN_INIT { .decimals = DECIMALS_ANY, .shortest = true }

static inline void written_add(struct written *written, struct number_shape shape)
{
	written->shortest &= shape.shortest;
	if (written->decimals == DECIMALS_ANY)
		written->decimals = shape.decimals;
	else if (written->decimals != shape.decimals)
		written->decimals = DECIMALS_NONE;
}

static inline void written_add_groups(struct written *written, const struct marked *how)
{
	written->grouped |= how->n_groups > 0;
	written->bare |= how->n_groups == 0 && how->n_whole > 3;
}

/* What two lots of cells are. */
static inline void written_merge(struct written *written, struct written other)
{
	written->shortest &= other.shortest;
	written->grouped |= other.grouped;
	written->bare |= other.bare;
	if (written->decimals == DECIMALS_ANY)
		written->decimals = other.decimals;
	else if (other.decimals != DECIMALS_ANY && written->decimals != other.decimals)
		written->decimals = DECIMALS_NONE;
}

/* Neither way is left: no cell can change that. */
static inline bool written_is_mixed(const struct written *written)
{
	return (!written->shortest && written->decimals == DECIMALS_NONE) || (written->grouped && written->bare);
}

/* The form that says so, of a real or int with these marks, in `room`; NULL: shortest. */
const char *written_form(const struct written *written, enum type type, struct number_marks marks, char room[FORM_SIZE]);
/* What cells of this form are, and no others. */
struct written written_of_form(const char *form);

#endif
