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

#endif
