/* SPDX-License-Identifier: MIT */
/* The parts of describe's text. Each appends lines, ended by an empty one; width: of the terminal, 0: any. */
#ifndef DESCRIBE_H
#define DESCRIBE_H

#include "buffer.h"
#include "modelfile.h"
#include "output.h"
#include "survey.h"

/* describe_stream.c; survey NULL: the rows were not read. */
void describe_schema(const struct header *header, const struct survey *survey, size_t width, struct buffer *to);
void describe_statistics(const struct survey *survey, size_t width, struct buffer *to);
/* describe_lineage.c */
void describe_lineage(const struct lineage *lineage, size_t width, struct buffer *to);
/* describe_model.c; message: that the file was read from */
void describe_model(const struct modelfile *file, const struct bytes *message, bool whole_history, size_t width, struct buffer *to);
/* describe_records.c: a record per field of the survey, and the end of the stream described behind it. */
int describe_records(const struct survey *survey, const struct end *end, struct output *output, const struct host *host,
                     struct error *err) MUST_CHECK;
/* The end of records that were made of n_rows of the stream described: its stages, and this one. */
int describe_end(const struct end *upstream, uint64_t n_rows, struct output *output, const struct host *host, struct error *err) MUST_CHECK;

/* A value for people; time in the field's form. */
void describe_time(const struct field *field, int64_t micros, struct buffer *to);

#endif
