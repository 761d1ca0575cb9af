/* SPDX-License-Identifier: MIT */
/* A lesson as bytes: what a checkpoint and a model keep of it. Private to the lesson. */
#ifndef LESSON_STATE_H
#define LESSON_STATE_H

#include "lesson.h"

/* The checkpoint: all but the rows. */
void lesson_state_pack(const struct lesson *lesson, struct buffer *to);
/* Into a lesson that has not begun. What the family packed, or NULL: broken, or of another lesson. */
object lesson_state_read(struct lesson *lesson, object checkpoint, struct error *err);

#endif
