/* SPDX-License-Identifier: MIT */
/*
 * Reading alike: what --like tells, the inputs of a stream or a model and how they
 * were read; and what is told to who will read like this.
 *
 * The options by which a format reads alike are named by its kind (source.h). Those of
 * --like count where the command line does not give them, and only for the same format.
 */
#ifndef ALIKE_H
#define ALIKE_H

#include "config.h"
#include "lineage.h"
#include "source.h"

struct alike {
	struct lineage like;            /* of --like */
	struct kept_options kept;       /* the format's options, those of --like before those of the command line */
	struct buffer nulls;            /* the null words of --like, as --null would have them */
	struct read_style style;        /* of this run; no format: it tells nothing */
};
#define ALIKE_INIT { .like = LINEAGE_INIT, .style = READ_STYLE_INIT }

/* Reads the file of config->like, if there is one, and sets config->alike. Texts of the config are then borrowed from the struct, which
 * outlives it. Released in any case. */
int alike_open(struct alike *alike, struct extract_config *config, struct error *err) MUST_CHECK;
/* The format is known: makes `kept` and `style`, and sets config->style and config->inherited. */
void alike_settle(struct alike *alike, struct extract_config *config, const struct source_kind *kind);
/* What is told, as options for a shell, in one line: "-f csv --delimiter ';' --no-header". */
void alike_print(const struct read_style *style, struct buffer *to);
void alike_release(struct alike *alike);

#endif
