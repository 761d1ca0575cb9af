/* SPDX-License-Identifier: MIT */
/*
 * Which units of a stretch of steps each pass over its rows learns, and which it
 * applies.
 *
 * A step is ready once every step before it is and its own units are learned; its
 * place is settled then, and the fields behind it are known. A unit of a ready step is
 * due until a pass applies it. So is a unit of a step that waits, if it has nothing to
 * learn and touches nothing that the units waiting before it read or write: else
 * `parse`, `impute`, `scale` for each of a thousand columns would take a thousand passes.
 *
 * A pass learns the first unit that has to, and every later one that can be bound by
 * now and reads nothing that a waiting unit writes. It looks at some hundred steps
 * beyond what it finds, not at all of them: ten thousand steps that wait for one another
 * take ten thousand passes, and each is to cost the same.
 *
 * A pass that is not the last applies only units that its fits or a row part need; each
 * of the others waits, as long as it is only passed by units that touch nothing of it;
 * so what only the output needs is made while that is written. None waits before a unit
 * that takes rows or fields away, or writes none (drop, rename, role, select).
 */
#ifndef AGENDA_H
#define AGENDA_H

#include "chain.h"
#include "fits.h"

/* A unit that no pass has applied yet. */
struct due_unit {
	struct unit *unit;
	size_t step;
	bool barrier;                   /* rows or fields go, or only roles change: nothing before it may wait */
	bool now;                       /* the pass that is made ready applies it */
	bool looked;                    /* a pass that only looked has */
};

struct agenda {
	struct chain *chain;
	size_t first, n_steps, n_open;  /* steps of the chain; n_open of them are ready */
	struct schema schema;           /* behind all steps that are ready */
	struct due_unit *due;           /* in an order in which they can be applied */
	size_t n_due, room_due;
};

/* Steps up to the first that has to learn become ready. */
int agenda_ready(struct agenda *agenda, struct error *err) MUST_CHECK;
/* What the next pass learns, into empty `fits`. */
int agenda_fits(struct agenda *agenda, struct fits *fits, struct error *err) MUST_CHECK;
/* Marks the units that the next pass applies: what its fits need; all: every unit. */
void agenda_due(struct agenda *agenda, const struct fits *fits, bool all);
void agenda_release(struct agenda *agenda);

#endif
