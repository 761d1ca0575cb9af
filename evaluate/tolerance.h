/* SPDX-License-Identifier: MIT */
/* How far off an answer may be: "5" in the target's unit, "10%" of the truth. */
#ifndef TOLERANCE_H
#define TOLERANCE_H

#include <stdbool.h>
#include <stddef.h>

#include "error.h"

struct tolerance { char *text; double value; bool relative; };
struct tolerances { struct tolerance *items; size_t n, room; };         /* zeroed: empty */

/* Adds those of "5,10%" that are not there yet, by their text. STATUS_USAGE: one is no number, or below 0. */
int tolerances_read(struct tolerances *to, const char *list, struct error *err) MUST_CHECK;
void tolerances_release(struct tolerances *tolerances);

#endif
