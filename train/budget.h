/* SPDX-License-Identifier: MIT */
/*
 * What --memory is divided into. It is what train takes in all, up to a fifth more:
 *
 *     the program | threads: batches on their way, panels, samples | rows as they came | the same rows, prepared | the family
 *
 * Less memory means fewer rows in memory, then fewer threads. What one thread needs
 * at least is taken in any case, and so is what the family needs: both are said
 * before the work where --memory is less. None of it changes a byte of what comes out.
 */
#ifndef BUDGET_H
#define BUDGET_H

#include "schema.h"
#include "setup.h"

struct budget {
	uint64_t memory;                /* --memory, or the least */
	size_t lanes;                   /* threads that fit in */
	uint64_t rows;                  /* for the rows as they came, and for all that is made of them: half of what threads leave */
	uint64_t profile, lane;         /* of one profile; of a thread */
	uint64_t working;               /* of that, what a lesson's threads may take for panels and the like */
};

/* Says what does not fit. */
struct budget budget_of(uint64_t memory, size_t threads, const struct schema *schema, const struct setup *setup);
/* What stands beside a lesson: the program and the rows that are kept (bytes); prepared: a plan passes them on. */
uint64_t budget_beside_lesson(const struct budget *budget, uint64_t kept, bool prepared);
/* For the lesson: what that leaves. */
uint64_t budget_of_lesson(const struct budget *budget, uint64_t beside);

#endif
