/* SPDX-License-Identifier: MIT */
/* What to know of classes before their metrics are read: training never saw one, or no row shows what it learned of another. */
#ifndef CLASS_REMARKS_H
#define CLASS_REMARKS_H

#include "score.h"

/* A line for each split and kind, appended to scores->remarks; behind scores_finish. */
void class_remarks(struct scores *scores);
/* The classes that scores_absent finds in the split, quoted; false: there are none. */
bool absent_classes(const struct scores *scores, enum split split, struct buffer *to);

#endif
