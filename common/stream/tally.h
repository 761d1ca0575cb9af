/* SPDX-License-Identifier: MIT */
/*
 * Counts worth a word: rows dropped, values filled, cells that could not be read. What is counted is said in parts, so that
 * nobody has to take a text apart: the step that counted ("impute km median"; "": no step), what ("filled"), and the field
 * that it is about ("km"; "": none). Counts of the same three add up.
 *
 *     a zeroed struct tally -> (tally_add | tally_add_as | tally_merge | tally_merge_as) ... -> items, tally_total, tally_lines -> tally_release
 *
 * Items stand in the order in which they first came; the tally owns their texts, which are copies. A count of 0 adds
 * nothing. Nothing here fails. A released tally is a zeroed one. The `end` of a stream carries tallies for each program (stream.h).
 */
#ifndef TALLY_H
#define TALLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buffer.h"
#include "names.h"
#include "pack.h"

struct tally_item { char *step, *what, *field; uint64_t count; };
struct tally { struct tally_item *items; size_t n, room; struct names keys /* private */; };

void tally_add(struct tally *tally, const char *what, const char *field, uint64_t count);      /* no step; field may be NULL */
void tally_add_as(struct tally *tally, const char *step, const char *what, const char *field, uint64_t count);  /* both may be NULL: step, field */
void tally_merge(struct tally *to, const struct tally *from);
void tally_merge_as(struct tally *to, const struct tally *from, const char *step);             /* all of them counted by this step */
void tally_release(struct tally *tally);
uint64_t tally_total(const struct tally *tally);

/* For people, without the number: "impute km median: km filled", without a step "km: not read as int", "learned from". */
void tally_item_print(const struct tally_item *item, struct buffer *to);
/* Where the step was told already: "km filled". */
void tally_item_print_within(const struct tally_item *item, struct buffer *to);

/* Appends a line with its number for each kind of thing: "km: not read as int: 3", or of several fields "not read as int: km 3, items 2 and 9
 * more, 31 in all", and a long step is cut. all: a line for each field, and steps whole. */
void tally_lines(const struct tally *tally, bool all, struct names *lines);

/* One msgpack value: an array of {step?, what, field?, number}. */
void tally_pack(const struct tally *tally, struct buffer *to);
/* Adds what stands there; what is no count is passed over: it is for people. */
void tally_read(struct tally *tally, object array);

#endif
