/* SPDX-License-Identifier: MIT */
#include "answers.h"

void answers_release(struct answers *answers)
{
	if (answers->free)
		answers->free(answers->state);
	subject_release(&answers->subject);
	*answers = (struct answers){ .state = NULL };
}
