/* SPDX-License-Identifier: MIT */
/* Private to the stream: the messages as maps, between reader.c and writer.c. */
#ifndef MESSAGE_H
#define MESSAGE_H

#include "pack.h"
#include "stream.h"

enum { STREAM_FORMAT = 2 };

/* A map of a header or a model that is longer is written in pieces of so many bytes. A reader takes pieces of any size that a
 * message may have. */
enum { PIECE_BYTES = 64 << 20 };
void writer_pieces(struct writer *writer, size_t size);         /* another size than that, for tests */

void header_pack(const struct header *header, struct buffer *to);       /* the map alone */
int header_read(struct header *header, object map, struct error *err) MUST_CHECK;       /* header: zeroed */
/* Up to and including the key "check"; the caller adds its value. */
void end_pack(const struct end *end, struct buffer *to);
/* What an end has as its check: a number, nil (plain records, which scripts may change), no such key (a script's own end). */
enum end_check { END_PROVEN, END_UNPROVEN, END_SILENT };
int end_read(struct end *end, object map, enum end_check *has, uint64_t *check, struct error *err) MUST_CHECK;
void error_pack(const struct error *err, const char *program, struct buffer *to);
int error_read(struct error *err, object map);          /* fills err from the message; -1 */

#endif
