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

struct written { int decimals; bool shortest; };
#define WRITTEN_INIT { .decimals = DECIMALS_ANY, .shortest = true }

static inline void written_add(struct written *written, struct number_shape shape)
{
	written->shortest &= shape.shortest;
	if (written->decimals == DECIMALS_ANY)
		written->decimals = shape.decimals;
	else if (written->decimals != shape.decimals)
		written->decimals = DECIMALS_NONE;
}

/* What two lots of cells are. */
static inline void written_merge(struct written *written, struct written other)
{
	written->shortest &= other.shortest;
	if (written->decimals == DECIMALS_ANY)
		written->decimals = other.decimals;
	else if (other.decimals != DECIMALS_ANY && written->decimals != other.decimals)
		written->decimals = DECIMALS_NONE;
}

/* Neither way is left: no cell can change that. */
static inline bool written_is_mixed(const struct written *written)
{
	return !written->shortest && written->decimals == DECIMALS_NONE;
}

/* The form that says so, in `room` where it is a number; NULL: shortest. */
const char *written_form(const struct written *written, char room[FORM_SIZE]);
/* What cells of this form are, and no others. */
struct written written_of_form(const char *form);

#endif
