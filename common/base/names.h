/* SPDX-License-Identifier: MIT */
/*
 * A list of names in the order in which they were added, for up to hundreds of
 * thousands of them: what units read and write, what a selector matched, the
 * classes of a problem. Items may be read as they lie; who changes the list does
 * it through these functions only, because a list of more than a few names keeps
 * an index beside them. A small list is an array and nothing else.
 *
 * The same name may stand in a list more than once (names_add); where a place is
 * asked for, it is the first.
 *
 * A zeroed list is empty. Finding changes nothing, so threads may share a list.
 */
#ifndef NAMES_H
#define NAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buffer.h"

struct names {
	char **items;
	size_t n, room;
	uint32_t *slots;                /* private: the index, NULL while the list is small */
	size_t n_slots;
};

#define NO_NAME ((size_t)-1)

void names_add(struct names *names, const char *name);          /* copies */
void names_take(struct names *names, char *owned);              /* the same without a copy: freed with the list */
bool names_add_new(struct names *names, const char *name);      /* unless it is there; true: it was new */
bool names_have(const struct names *names, const char *name);
size_t names_find(const struct names *names, const char *name); /* the place of the first; NO_NAME */
bool names_overlap(const struct names *a, const struct names *b);       /* whether they share a name */
void names_copy(struct names *to, const struct names *from);    /* `to` is overwritten, not released */
/* For people: "a, b, c and 9 more", at most `most` of them by name. */
void names_print(const struct names *names, size_t most, struct buffer *to);
void names_release(struct names *names);

#endif
