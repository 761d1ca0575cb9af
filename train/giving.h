/* SPDX-License-Identifier: MIT */
/*
 * What a training gives: the model, to a file and at the head of the stream, and behind
 * it the rows that were held out, as they came in.
 *
 *     giving_open, before the work -> giving_file -> giving_stream -> giving_release
 */
#ifndef GIVING_H
#define GIVING_H

#include "file.h"
#include "intake.h"
#include "output.h"
#include "panels.h"

struct giving {
	const char *path;               /* of the file; NULL: none */
	struct file file;
	struct output *output;          /* NULL: standard output is a terminal */
	const struct host *host;
};

/* What is handed on; all of it borrowed. */
struct handed {
	const struct bytes *map;        /* the model's message */
	struct intake *intake;          /* the rows; giving_stream is the last to read its spools */
	const struct header *header;    /* theirs */
	const struct marks *marks;
	const struct panel_rows *rows;  /* that were learned from, and watched */
	bool watched;                   /* valid rows were looked at */
	size_t n_lanes;
	bool verbose;                   /* the table of all stages is shown */
};

/* A model that can't be kept is not learned. giving: zeroed; output and host are set already. */
int giving_open(struct giving *giving, const char *path, struct error *err) MUST_CHECK;
/* Whole or not at all; without a path it does nothing. */
int giving_file(struct giving *giving, const struct handed *what, struct error *err) MUST_CHECK;
/* Model, rows and end into giving->output, which there is. */
int giving_stream(struct giving *giving, const struct handed *what, struct error *err) MUST_CHECK;
/* Behind a failure: who asked for a file and gets none is told so, also where the program that failed has said why. */
void giving_say(const struct giving *giving, struct error *err);
void giving_release(struct giving *giving);    /* the output too; fine on a zeroed one, and twice */

#endif
