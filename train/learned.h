/* SPDX-License-Identifier: MIT */
/* What a lesson learned, as a model file. */
#ifndef LEARNED_H
#define LEARNED_H

#include "lesson.h"
#include "modelfile.h"
#include "profile.h"

struct learned {
	struct modelfile file;          /* without its training: that stands in `map` only */
	struct bytes *map;              /* the model's message */
};

/* lesson: finished; model: what it gave, `learned` takes it over. rows: the header of the rows as they came in, behind which the lesson's lineage
 * goes on; profile: of the training rows. Overwrites `learned`. It can't fail. */
void learned_make(struct learned *learned, const struct lesson *lesson, void *model, const struct header *rows, const struct profile *profile);
void learned_release(struct learned *learned);         /* fine on a zeroed one, and twice */

#endif
