/* SPDX-License-Identifier: MIT */
/*
 * Standard output of a program that emits records: msgpack into a pipe or file,
 * a readable table on a terminal (the first rows of what came; the
 * whole goes through `load -f table`). With --records: plain records.
 */
#ifndef OUTPUT_H
#define OUTPUT_H

#include "stream.h"

struct output;
struct output *output_new(bool records);                /* standard output */
void output_free(struct output *output);
int output_model(struct output *output, const struct bytes *map, struct error *err) MUST_CHECK;
int output_header(struct output *output, const struct header *header, struct error *err) MUST_CHECK;
int output_batch(struct output *output, struct batch *batch, struct error *err) MUST_CHECK;
int output_end(struct output *output, const struct end *end, struct error *err) MUST_CHECK;
/* Prints the error (tool_report), then passes the cause on: the same, or what it was before this program said what it did not do. output may be NULL. */
void output_fail(struct output *output, struct error *err, const struct error *cause);
uint64_t output_rows(const struct output *output);
/* What the stages of the pipe did, on standard error: -v of its last program. */
void output_stages(const struct end *end);

#endif
