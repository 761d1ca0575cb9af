/* SPDX-License-Identifier: MIT */
/*
 * How the files of a CSV source are read: what options say, and what the first bytes of the first file tell of the rest
 * (sniff.h). It is settled once, and said.
 *
 * Live input does not wait for these bytes where options or --like say all, or where the types are known and the first line
 * leaves nothing to be looked for (sniff_is_plain), or the first few do not (sniff_early).
 */
#ifndef CSV_SETTLE_H
#define CSV_SETTLE_H

#include "row.h"
#include "source_csv.h"

/* given: as the options have it, and else plain. Sets columns->settled, `looked`, and `found` for --like; the input stands at its beginning again. -1 also for
 * what is no CSV, but lines of another kind. */
int csv_settle(struct columns *columns, struct input *input, const struct csv_config *config, const struct settled *given, struct error *err) MUST_CHECK;

#endif
