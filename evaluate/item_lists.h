/* SPDX-License-Identifier: MIT */
/*
 * The items that metrics are to be measured for, of those kinds that have items of
 * their own: what is in the brackets of within[5], within[10%]. They come from the
 * kind's option and from conditions; what they mean only the kind knows (metric.h).
 */
#ifndef ITEM_LISTS_H
#define ITEM_LISTS_H

#include <stdbool.h>
#include <stddef.h>

#include "error.h"

struct metric_kind;
struct metric_item { char *text; double value; bool percent; };         /* "10%": 0.1 and true */
struct item_list { const struct metric_kind *kind; struct metric_item *items; size_t n, room; };
struct item_lists { struct item_list *lists; size_t n, room; };         /* zeroed: empty */

/* Adds to those of the kind those of "5,10%" that are not there yet, by their text. STATUS_USAGE: one is no number, or not good to the kind. */
int items_read(struct item_lists *to, const struct metric_kind *kind, const char *list, struct error *err) MUST_CHECK;
const struct item_list *items_of(const struct item_lists *lists, const struct metric_kind *kind);       /* never empty; NULL: there are none */
void items_release(struct item_lists *lists);

#endif
