/* SPDX-License-Identifier: MIT */
/* What train prints when its output is a terminal. */
#ifndef TRAIN_REPORT_H
#define TRAIN_REPORT_H

#include "intake.h"
#include "lesson.h"
#include "modelfile.h"

/* path: where the model went; NULL: nowhere. */
int train_report(const struct lesson *lesson, const struct intake *intake, const struct modelfile *model, const char *path,
                 struct error *err) MUST_CHECK;

#endif
