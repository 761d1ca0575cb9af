/* SPDX-License-Identifier: MIT */
/* What was done to the cells of a column, and what its type leaves to be said, once all of it was built. */
#ifndef SLOT_REMARKS_H
#define SLOT_REMARKS_H

#include "build.h"
#include "remarks.h"

void slot_remark(struct remarks *remarks, const struct slots *slots, size_t slot, const struct build *build, const char *name, bool several_files);

#endif
