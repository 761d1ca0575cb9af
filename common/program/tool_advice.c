/* SPDX-License-Identifier: MIT */
/* What libraries advise, in the words of our programs: the one place in common that knows them. */
#include "tool.h"

#include <string.h>

#include "buffer.h"

/* {}: the field's name (or a format's), as it stands within `...` of a step within '...' of a shell; {step}: a step within '...'. @: the prefix of
 * our programs' names (tool_prefix); #: the program that says it. */
static const char *const texts[N_ADVICES] = {
	[ADVICE_READ_TEXT] = "read it with @extract",
	[ADVICE_READ_RECORDS] = "read them with @extract -f msgpack",
	[ADVICE_READ_PIPED] = "@extract -f {} -",
	[ADVICE_READ_ROWS] = "@extract --no-header --names a,b",
	[ADVICE_GIVE_STREAM] = "a stream of ours needs no @extract: give it to the next program as it is",
	[ADVICE_OTHER_ROLE] = "give the other another: @transform 'role `{}` feature'",
	[ADVICE_MAKE_FEATURE] = "@transform 'role `{}` feature' makes it one",
	[ADVICE_NAME_TARGET] = "# TARGET, @train --model kmeans without one, or: @transform 'role COLUMN target'",
	[ADVICE_READ_STEP] = "@transform '{step}' reads them",
	[ADVICE_READ_STEP_OR_NULL] = "@transform '{step}' reads them, or @extract --null takes a word for missing",
	[ADVICE_READ_STEPS] = "@transform makes numbers of them",
	[ADVICE_READ_TIMES] = "@transform makes times of them",
	[ADVICE_READ_DATES] = "@transform '{step}' reads them: derive a number from that",
	[ADVICE_MAKE_MARKS] = "@transform 'split from=COLUMN replace' makes marks",
	[ADVICE_PREPARE] = "or leave out --no-prepare",
	[ADVICE_PASS_TABLE] = "@transform --apply with the same model or recipe",
	[ADVICE_READ_ALIKE] = "@extract --like with the same model reads it alike",
	[ADVICE_NAME_UNREAD] = "@extract --like with the same model names the line",
	[ADVICE_MAKE_MODEL] = "@train -o FILE writes one",
	[ADVICE_KEEP_MODEL] = "give -o FILE, or | @evaluate",
	[ADVICE_PROVE_HEADER] = "write it anew: @transform <FILE >NEW",
	[ADVICE_GIVE_ANSWERS] = "put @train or @predict before @evaluate, name a MODEL, or give --prediction NAME",
	[ADVICE_GIVE_PROBABILITIES] = "@predict --probabilities writes those of all",
	[ADVICE_GIVE_TRUTH] = "@evaluate MODEL makes it out of them, or another field is the truth: --truth NAME",
};

static void add_name(struct buffer *to, const char *name, bool in_backquotes)
{
	for (; *name; name++) {
		if (*name == '`' && in_backquotes)
			buffer_add_text(to, "``");
		else if (*name == '\'')
			buffer_add_text(to, "'\\''");
		else
			buffer_add_byte(to, (unsigned char)*name);
	}
}

void tool_advise(void *state, enum advice advice, const char *name, struct buffer *to)
{
	(void)state;
	for (const char *text = texts[advice]; *text; text++) {
		if (*text == '{' && name) {
			add_name(to, name, text[1] == '}');
			text = strchr(text, '}');
		} else if (*text == '@') {
			buffer_add_text(to, tool_prefix());
		} else if (*text == '#') {
			buffer_add_text(to, tool_command());
		} else {
			buffer_add_byte(to, (unsigned char)*text);
		}
	}
}
