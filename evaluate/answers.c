/* SPDX-License-Identifier: MIT */
#include "answers.h"

#include <math.h>

#include "classes.h"
#include "memory.h"

void answers_release(struct answers *answers)
{
	if (answers->free)
		answers->free(answers->state);
	subject_release(&answers->subject);
	*answers = (struct answers){ .state = NULL };
}

int baseline_read(struct subject *subject, object baseline, struct error *err)
{
	struct baseline *to = &subject->baseline;
	size_t n = subject->n_trained;
	bool read;

	to->trained = true;
	if (subject->task == TASK_CLUSTERING)
		return 0;
	if (subject->task == TASK_REGRESSION) {
		read = object_real(map_get(baseline, "mean"), &to->mean) && isfinite(to->mean);
	} else {
		to->prior = mem_new(n, sizeof *to->prior);
		read = n > 0 && object_finite_reals(map_get(baseline, "shares"), to->prior, n);
		to->majority = read ? (uint32_t)most_probable(to->prior, n) : 0;
	}
	return read ? 0 : error_set(err, STATUS_FAILED, "no baseline of the training: its model, or the header, is broken");
}
