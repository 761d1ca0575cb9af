/* SPDX-License-Identifier: MIT */
/*
 * Ints that might as well be reals: inputs of which nothing but numbers are made, by
 * steps that give the same number for 2 and for 2.0. Later records may hold 2.5 there.
 * Where an int becomes a level, a text or a class, its digits count, and it stays int.
 */
#ifndef AS_REAL_H
#define AS_REAL_H

#include "lineage.h"

/* Marks these inputs (field.as_real). numbers: what comes out and is used as numbers; levels: what is used otherwise. What neither is
 * made of is not marked. beyond: inputs that hold ints which no double tells apart. */
void as_real_mark(struct lineage *lineage, const struct names *numbers, const struct names *levels, const struct names *beyond);

#endif
