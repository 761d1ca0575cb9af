/* SPDX-License-Identifier: MIT */
/*
 * A feed over a feed (feed.h) that leaves out the last lines of a text, such as totals
 * and sources below a table: --skip-footer. They are held back in memory until the end
 * tells that they are the last; it rewinds where the feed below does.
 */
#ifndef FOOTER_H
#define FOOTER_H

#include "feed.h"

/* n_lines: of those that end in LF or CRLF, or, where the first line ends in a lone CR, in CR; the last one may lack its end. `over` is taken
 * over. `read` fails with E2BIG where the lines take more than 64 MiB. */
void feed_open_footer(struct feed *feed, const struct feed *over, uint64_t n_lines);

#endif
