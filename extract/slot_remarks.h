/* SPDX-License-Identifier: MIT */
/* What was done to the cells of a column, and what its type leaves to be said, once all of it was built. n_lines: of the only file; 0: there are several, or no lines.
 * dates: it is a column of dates, of which more is said than that it is text for some of them. */
#ifndef SLOT_REMARKS_H
#define SLOT_REMARKS_H

#include "build.h"
#include "remarks.h"

enum { FOOTER_LINES = 3 };      /* at the end of a file, which may be sums and sources below its table */

void slot_remark(struct remarks *remarks, const struct slots *slots, size_t slot, const struct build *build, const char *name, bool several_files,
                 uint64_t n_lines, bool dates);

#endif
