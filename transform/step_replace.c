/* SPDX-License-Identifier: MIT */
/*
 * `replace COLUMN... OLD=NEW...`: whole texts, all pairs at once (a=b b=a swaps);
 * with `part` wherever OLD stands in a text, one pair after the other. A unit per
 * column.
 */
#include <stdlib.h>
#include <string.h>

#include "binding.h"
#include "memory.h"
#include "text_column.h"
#include "text_edit.h"

/* ---- binding ---- */

static int read_words(const struct arguments *arguments, struct selector_word *columns, size_t *n_columns, struct names *pairs, bool *part,
                      struct error *err)
{
	for (size_t i = 1; i < arguments->n_words; i++) {
		const struct word *word = &arguments->words[i];

		if (word->key) {
			names_add(pairs, word->key);
			names_add(pairs, word->text);
		} else if (!word->quoted && strcmp(word->text, "part") == 0) {
			*part = true;
		} else {
			columns[(*n_columns)++] = (struct selector_word){ .text = word->text, .quoted = word->quoted };
		}
	}
	for (size_t i = 0; *part && i < pairs->n; i += 2)
		if (!*pairs->items[i])
			return arguments_fail(arguments, arguments->words[1].at, err, "part: an empty text stands everywhere");
	if (*n_columns && pairs->n)
		return BIND_DONE;
	return arguments_fail(arguments, strlen(arguments->line), err, "%s (replace COLUMN... OLD=NEW... [part])",
	                      *n_columns ? "what by what?" : "which columns?");
}

static int replace_bind(struct binding *binding, struct error *err)
{
	struct selector_word *words = mem_array(binding->arguments->n_words, sizeof *words);
	struct names names = { .items = NULL }, pairs = { .items = NULL };
	struct buffer state = BUFFER_INIT;
	size_t n_words = 0;
	bool part = false;
	int result = read_words(binding->arguments, words, &n_words, &pairs, &part, err);

	if (result == BIND_DONE)
		result = bind_selectors(binding, words, n_words, &names, err);
	if (result == BIND_DONE)
		result = bind_types(binding, &names, TYPES_TEXT, "numbers change by derive: if(x == 6, 5, x)", err);
	if (result == BIND_DONE) {
		pack_map(&state, 2);
		pack_text(&state, "part");
		pack_bool(&state, part);
		state_names(&state, "pairs", &pairs);
		bind_units(binding, "replace", &names, true, &state);
	}
	names_release(&names);
	names_release(&pairs);
	free(words);
	return result;
}

/* ---- at work ---- */

struct replace { size_t col; bool part; struct names pairs; };
/* Over the texts of one batch. `made`: what a pair made, for the next one. */
struct replacing { const struct names *pairs; struct buffer made[2]; };

static void replace_close(void *op)
{
	struct replace *replace = op;

	if (!replace)
		return;
	names_release(&replace->pairs);
	free(replace);
}

static void *replace_open(const struct unit *unit, const struct schema *before, const struct step_limits *limits, struct error *err)
{
	struct replace *replace = mem_new(1, sizeof *replace);
	struct unpacked state;
	int col, result;

	(void)limits;
	col = text_column_open(unit, before, &state, err);
	if (col == NO_FIELD)
		goto fail;
	replace->col = (size_t)col;
	result = state_read_names(&state, "pairs", &replace->pairs, err);
	if (!object_bool(map_get(&state.object, "part"), &replace->part) || replace->pairs.n % 2)
		result = error_set(err, STATUS_FAILED, "broken state of 'replace'");
	unpacked_free(&state);
	if (result == 0)
		return replace;
fail:
	replace_close(replace);
	return NULL;
}

static void replace_whole(void *state, const char *bytes, size_t size, struct buffer *to)
{
	const struct names *pairs = ((struct replacing *)state)->pairs;

	for (size_t i = 0; i < pairs->n; i += 2)
		if (strlen(pairs->items[i]) == size && memcmp(pairs->items[i], bytes, size) == 0) {
			buffer_add_text(to, pairs->items[i + 1]);
			return;
		}
	buffer_add(to, bytes, size);
}

static void replace_parts(void *state, const char *bytes, size_t size, struct buffer *to)
{
	struct replacing *replacing = state;
	const struct names *pairs = replacing->pairs;

	for (size_t i = 0; i < pairs->n; i += 2) {
		struct buffer *made = &replacing->made[i / 2 % 2];

		buffer_clear(made);
		text_replace(made, bytes, size, pairs->items[i], strlen(pairs->items[i]), pairs->items[i + 1], strlen(pairs->items[i + 1]));
		bytes = buffer_text(made);
		size = made->size;
	}
	buffer_add(to, bytes, size);
}

static int replace_apply(void *op, struct batch *batch, struct work *work, struct error *err)
{
	const struct replace *replace = op;
	struct replacing replacing = { &replace->pairs, { BUFFER_INIT, BUFFER_INIT } };
	int result = text_column_apply(batch, replace->col, replace->part ? replace_parts : replace_whole, &replacing, err);

	(void)work;
	buffer_free(&replacing.made[0]);
	buffer_free(&replacing.made[1]);
	return result;
}

const struct step_kind step_replace = {
	.name = "replace",
	.usage = "replace COLUMN... OLD=NEW... [part]",
	.summary = "put texts in the place of others: whole ones, or parts",
	.example = "replace city Oporto=Porto",
	.bind = replace_bind,
	.fields = text_column_fields,
	.open = replace_open,
	.apply = replace_apply,
	.close = replace_close,
};
