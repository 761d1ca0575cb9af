/* SPDX-License-Identifier: MIT */
/*
 * Which columns hold levels: whole numbers from 0 on that are names of something
 * and no amounts, as the step `levels` makes them. A column is what the last unit that
 * wrote it made of it, so one that was scaled, or computed anew, is a number again.
 */
#ifndef LEVELS_OF_H
#define LEVELS_OF_H

#include "lineage.h"

/* By name (counts: names->n of them): how many levels the column holds behind all steps, its values are 0 .. n - 1 or null; 0: it is
 * what its type says. Of records that came with such a column, and not through the step, anything may stand there. */
void levels_of(const struct lineage *lineage, const struct names *names, uint32_t *counts);

/* For people: what they are called, of level 1, 2, …; 0 is all others, and a last one behind those that have names the missing ones'. */
struct level_names {
	char *column;                   /* whose values they were; NULL: the column holds no levels */
	struct names names;
};
/* By name (all: names->n of them, overwritten, each to be released). */
void level_names_of(const struct lineage *lineage, const struct names *names, struct level_names *all);
void level_names_release(struct level_names *levels);

#endif
