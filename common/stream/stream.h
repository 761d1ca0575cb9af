/* SPDX-License-Identifier: MIT */
/*
 * The stream (common/stream/stream.5): msgpack messages on a pipe or in a file, in the
 * order `(model piece*)? (header piece* batch* end)+`, with an error possible anywhere.
 * Long heads and models go in pieces; reader and writer see to that.
 *
 * A `struct source` is how anything hands out records: a reader of a pipe, a
 * spool (spool.h), a plan, a test. Call `next` until it gives 0: then the end is proven (rows
 * counted, check compared) and `end` may be asked. A source that fails gives -1:
 * input that stopped without an end is STATUS_UPSTREAM.
 */
#ifndef STREAM_H
#define STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "batch.h"
#include "buffer.h"
#include "bytes.h"
#include "error.h"
#include "host.h"
#include "lineage.h"
#include "names.h"
#include "tally.h"

struct header {
	struct schema schema;
	struct lineage lineage;
	char *source;                   /* what was read ("deliveries.csv"), for people */
};
#define HEADER_INIT { .source = NULL }
void header_copy(struct header *to, const struct header *from);
void header_release(struct header *header);

/* What one program did, as `end` and -v tell it. */
struct stage {
	char *program;
	uint64_t rows_in, rows_out, rejected;
	double seconds;                 /* from its start to its end */
	struct tally dropped;           /* rows, by reason */
	struct tally counts;            /* anything else worth saying, as a step filling a field */
};
void stage_release(struct stage *stage);

/*
 * How far the sources of a stream were read, one msgpack value for each of them by its name, which nobody but that source
 * understands: it goes on from there the next time. A sink that can keep them shows rows and bookmarks together (sink.h).
 */
struct bookmarks { struct names sources; struct buffer *values; size_t room; };
void bookmarks_set(struct bookmarks *bookmarks, const char *source, const void *value, size_t size);   /* copies; a later value replaces */
const struct buffer *bookmarks_find(const struct bookmarks *bookmarks, const char *source);     /* NULL: none */

struct end {
	uint64_t rows;
	bool partial;                   /* a stage stopped reading by itself, as limit does */
	struct stage *stages;
	size_t n_stages, room;
	struct bookmarks bookmarks;     /* not of a partial stream: it can't say how far its rows go, so they leave with the next copy,
					   merge or program */
};
#define END_INIT { .rows = 0 }
void end_copy(struct end *to, const struct end *from);
void end_merge(struct end *to, const struct end *from);         /* concatenated streams: rows add up, stages by program; bookmarks join */
void end_add_stage(struct end *end, const struct stage *stage); /* copies */
void end_release(struct end *end);

/* ---- a source of records ---- */
struct source {
	const struct header *header;
	/* 1: `to` holds rows, and is the caller's (what was in it is dropped first); 0: the end is proven; -1. Rows are numbered:
	 * to->first_row counts those given out before. now: who calls passes on what it gets at once, so a batch that is not full
	 * leaves as soon as the input was silent for 2 ms; otherwise it may wait to be filled (plain records
	 * are looked at 64 Ki ahead, or to their end, before the first). */
	int (*next)(void *state, struct batch *to, bool now, struct error *err);
	const struct end *(*end)(void *state);          /* after 0 only */
	void (*close)(void *state);                     /* any time; once */
	/* From another thread: a `next` that waits for input gives up soon, and so does any later one. NULL: it never waits. */
	void (*cancel)(void *state);
	void *state;
};
int source_next(struct source *source, struct batch *to, bool now, struct error *err) MUST_CHECK;
void source_cancel(struct source *source);
void source_close(struct source *source);               /* fine on a zeroed source, and twice */
/* `end` and `cancel` of a source whose state begins with the struct source that it reads. */
const struct end *source_inner_end(void *state);
void source_inner_cancel(void *state);

/* ---- reading ---- */
struct reader;
struct reader_options {
	bool file_head;         /* a file given for its head, a model or a header: reader_open reads the rest, too, to the end, so that every byte
	                           is proven; there is nothing to call next for */
	bool head_only;         /* nothing but the head is used, and the rest is not read: a header has to prove itself */
	bool model_alone;       /* nothing need stand behind a model: reader_has_header tells */
	bool partial;           /* who calls may stop early (limit): no complaint about unread input */
	const struct host *host;        /* may be NULL, here and below (host.h) */
	size_t read_size;       /* tests: at most so many bytes a read(); 0: as they come */
	bool by_place;          /* a file, from its first byte; fd's own place is left alone, so that others may read it at the same time */
	struct pool *pool;      /* where batches lie; NULL: one of its own */
	bool spare;             /* memory is scarce: its own pool asks for no huge pages (pool_spare) */
};
/* Waits for the header, or with file_head for all of it; fd stays the caller's. What it gives of a head is proven: a model has a check,
 * and so has a header, but where a script wrote it; such a one is proven by the end of its stream alone, so head_only refuses it.
 * `name` is for messages: "standard input", a path. No bytes at all, or too few: STATUS_UPSTREAM "no input: did the stage before this
 * one fail?"; of a file that is not standard input "x.mp is empty". Text instead of msgpack is named: "standard input is not a stream,
 * it looks like text". */
int reader_open(struct source *source, int fd, const char *name, const struct reader_options *options, struct error *err) MUST_CHECK;
/* The packed map of the model message that stood before the header, or NULL; bytes_use keeps it. The source must come from reader_open.
 * Its format and its check were compared (model_prove): what it holds is what was written. */
const struct bytes *reader_model(const struct source *source);
bool reader_has_header(const struct source *source);
/* The lineage at the head of the stream: the model's, where there is one, else the header's. */
int reader_lineage(const struct source *source, struct lineage *lineage, struct error *err) MUST_CHECK;
enum { MODEL_FORMAT = 2 };
/* A model's map: its format is one that this program reads (a newer one: STATUS_REQUIREMENT), and its check is right. */
int model_prove(const struct bytes *map, struct error *err) MUST_CHECK;

/* ---- writing ---- */
enum { WRITE_RECORDS = 1 };     /* plain maps instead of batches */
struct writer;
struct writer *writer_new(int fd, int flags, const struct host *host);
void writer_free(struct writer *writer);
/* The map of a model, before the header. Nothing is written that can't be read: a value of 4 GiB or more in it is an error. */
int writer_model(struct writer *writer, const struct bytes *map, struct error *err) MUST_CHECK;
/* The same goes for the state of a step, which is named. */
int writer_header(struct writer *writer, const struct header *header, struct error *err) MUST_CHECK;
/* Columns are written from where they lie (writev). Its rows may exceed BATCH_ROWS only by what a step added; one that steps made
 * wider than a message may be leaves in pieces. The batch stays the caller's. */
int writer_batch(struct writer *writer, struct batch *batch, struct error *err) MUST_CHECK;
int writer_end(struct writer *writer, const struct end *end, struct error *err) MUST_CHECK;     /* end->rows is set by the writer */
/* ["error"] instead of end; also before a header. Behind a write that failed nothing is written: the reader finds the input cut short. */
void writer_fail(struct writer *writer, const struct error *err);
uint64_t writer_rows(const struct writer *writer);

/* Pipes move 1 MiB at once; a refusal is no error. */
void pipe_widen(int fd);
/* All bytes or -1; EPIPE is STATUS_PIPE. write_counted: *n tells how many were, also where it failed. */
int write_counted(int fd, const void *bytes, size_t size, const struct host *host, size_t *n, struct error *err) MUST_CHECK;
int write_all(int fd, const void *bytes, size_t size, const struct host *host, struct error *err) MUST_CHECK;

#endif
