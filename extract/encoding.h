/* SPDX-License-Identifier: MIT */
/*
 * A feed over a feed (feed.h) whose bytes are a text in another encoding: it gives
 * UTF-8, and rewinds where the feed below does. So formats know of UTF-8 only.
 *
 * Without a name the first bytes tell: the mark of UTF-16 or UTF-32; else it is UTF-8,
 * which passes as it is. The mark itself stays, as that of UTF-8 (input_start_text
 * drops it).
 */
#ifndef ENCODING_H
#define ENCODING_H

#include "feed.h"

enum bad_utf8 { BAD_UTF8_FAIL, BAD_UTF8_REPLACE };

/*
 * name: NULL, or as iconv_open(3) takes it, in any case, and also with a '-' or '_' too many ("latin-1"); it stays the caller's. UTF-16 and
 * UTF-32 without a byte order go by the mark, and are little-endian without one. An error (usage) if there is no such encoding.
 *
 * bad: BAD_UTF8_REPLACE puts U+FFFD for each broken sequence: of UTF-8 the longest beginning of a character, or a byte; of UTF-16 and
 * UTF-32 a unit; else a byte. BAD_UTF8_FAIL: `read` fails with EILSEQ there, once all before it was read; broken UTF-8 passes, who reads
 * its cells judges them.
 *
 * `over` is taken over, also on failure. Reads are of 16 bytes or more.
 */
int feed_open_encoding(struct feed *feed, const struct feed *over, const char *name, enum bad_utf8 bad, struct error *err) MUST_CHECK;

#endif
