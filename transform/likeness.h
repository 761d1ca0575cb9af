/* SPDX-License-Identifier: MIT */
/*
 * Whether the columns of an input can stand for those that were stored: what types
 * alone do not tell.
 *
 *     text        was read with the same null words and blanks, as far as it is known how; a column of numbers, bools or
 *                 times that becomes text was written in one way (form.h)
 *     time        has a zone where the stored one has; another offset is remarked on: hours and days are those of the stored zone
 *
 *     likeness_init -> likeness_check of each column -> likeness_end -> likeness_release
 */
#ifndef LIKENESS_H
#define LIKENESS_H

#include "overlap.h"
#include "stream.h"

struct likeness {
	const struct header *have;
	struct buffer how;              /* texts were read otherwise; empty: alike */
	struct names front;             /* what the front wrote: by origins[i] */
	const char **origins;           /* the input that it is by another name; NULL: it was made */
	size_t room;
	struct names unlike;            /* text inputs that were read otherwise */
	struct names remarks;           /* lines for people */
};

/* have and overlap, of it and `want`, outlive the likeness. */
void likeness_init(struct likeness *likeness, const struct header *have, const struct lineage *want, const struct overlap *overlap);
/* given: the field as it comes; stored: as what it is to be taken. host: may be NULL. STATUS_REQUIREMENT. */
int likeness_check(struct likeness *likeness, const struct field *given, const struct field *stored, const struct host *host, struct error *err) MUST_CHECK;
/* All columns were checked. host: may be NULL. STATUS_REQUIREMENT. */
int likeness_end(struct likeness *likeness, const struct host *host, struct error *err) MUST_CHECK;
void likeness_release(struct likeness *likeness);

#endif
