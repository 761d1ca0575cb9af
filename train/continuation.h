/* SPDX-License-Identifier: MIT */
/*
 * Going on from a model (train --continue): its rounds are over, more follow, on these
 * rows. They pass the steps that are stored in it, as for predict, and nothing is
 * fitted anew; target, task, classes and features are the model's, and so is every
 * parameter that is not given another value.
 *
 *     continuation_open        the model; what the words say beside it
 *     continuation_match       -> the columns that it takes of these records
 *     continuation_classes     -> the rows of each class; classes that the model does not know are refused
 *     continuation_source      -> its features and target, the marks and weights as they came
 *     continuation_tell        what could not be used, behind the pass
 *     continuation_release
 *
 * Marks and weights are those of the new records: rows that a stored split held out once are not known by it.
 */
#ifndef CONTINUATION_H
#define CONTINUATION_H

#include "modelfile.h"
#include "names.h"
#include "options.h"
#include "replay.h"
#include "setup.h"
#include "stream.h"

struct continuation {
	const char *path;
	const struct host *host;
	struct modelfile file;          /* kind NULL: there is none */
	struct text_list operands;      /* those that were given, and the model's parameters that were not */
	struct names made;              /* texts among them */
	struct names reads;             /* columns of the records */
	struct replay *replay;          /* of continuation_source */
};

/* Overwrites the continuation, and in `words` what the model says: family, operands, from, reads. Both STATUS_USAGE: a family that can't go
 * on from a model, words that contradict it. To be released, also after -1. */
int continuation_open(struct continuation *from, const char *path, struct setup_options *words, struct error *err) MUST_CHECK;
/* STATUS_REQUIREMENT: records that can't be brought to the model's features and target (replay.h). */
int continuation_match(struct continuation *from, const struct header *header, struct error *err) MUST_CHECK;
/* in: a trainset's source, which is taken over. rows: by class, added to, of the rows marked train. STATUS_REQUIREMENT: other classes, which
 * are named. */
int continuation_classes(const struct continuation *from, struct source *in, uint64_t *rows, struct error *err) MUST_CHECK;
/* in: as there. out: its header has the model's lineage; it borrows the continuation. Behind -1 it may be closed. */
int continuation_source(struct continuation *from, struct source *out, struct source *in, struct error *err) MUST_CHECK;
void continuation_tell(const struct continuation *from, bool all);
void continuation_release(struct continuation *from);   /* fine on a zeroed one, and twice */

#endif
