/* SPDX-License-Identifier: MIT */
/*
 * How the input of a lineage was read, so that another file can be read alike: it
 * stands beside the inputs, and in no digest, for what was learned does not hang on it.
 *
 * The options are those of the format, as the user said them; what he did not say is
 * not there, and was the format's default. Without a format it tells nothing:
 * the records brought their types along, or a script did.
 */
#ifndef READ_STYLE_H
#define READ_STYLE_H

#include <stdbool.h>

#include "buffer.h"
#include "error.h"
#include "names.h"
#include "pack.h"

struct read_style {
	char *format;                   /* "csv"; NULL: nothing is known */
	struct names options, values;   /* option i, and what it was given; one that may be given several times stands so often. A flag: "yes" */
	struct names nulls;             /* words that were null in all columns; may be empty texts */
};
#define READ_STYLE_INIT { .format = NULL }

void style_copy(struct read_style *to, const struct read_style *from);      /* `to` is overwritten, not released */
void style_release(struct read_style *style);          /* it is READ_STYLE_INIT then */
/* The first value of an option; NULL: not given. */
const char *style_option(const struct read_style *style, const char *option);

/* One msgpack map; nothing known: not to be packed. */
void style_pack(const struct read_style *style, struct buffer *to);
/* Into a READ_STYLE_INIT. NULL: nothing is known. */
int style_read(struct read_style *style, object value, struct error *err) MUST_CHECK;

/* What a text shows depends on the words that were null and on blanks that were dropped. false, and `how` tells the difference:
 * "with other null words than in training: 'NA' then, none now". One that tells nothing reads alike. */
bool style_texts_alike(const struct read_style *now, const struct read_style *then, struct buffer *how);

#endif
