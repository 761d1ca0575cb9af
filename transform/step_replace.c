/* SPDX-License-Identifier: MIT */
/*
 * `replace COLUMN... OLD=NEW...`: whole texts, all pairs at once (a=b b=a swaps);
 * with `part` wherever OLD stands in a text, one pair after the other. A unit per
 * column.
 */
#include <stdlib.h>
#include <string.h>

#include "binding.h"
#include "column_edit.h"
#include "memory.h"
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
	size_t n_words = 0;
	bool part = false;
	int result = read_words(binding->arguments, words, &n_words, &pairs, &part, err);

	if (result == BIND_DONE)
		result = bind_selectors(binding, words, n_words, &names, err);
	if (result == BIND_DONE)
		result = bind_types(binding, &names, TYPES_TEXT, "numbers change by derive: if(x == 6, 5, x)", err);
	for (size_t i = 0; result == BIND_DONE && i < names.n; i++) {
		struct unit *unit = entry_add(binding->entry, "replace");
		struct buffer state = BUFFER_INIT;

		names_add(&unit->reads, names.items[i]);
		names_add(&unit->writes, names.items[i]);
		pack_map(&state, 2);
		pack_text(&state, "part");
		pack_bool(&state, part);
		state_names(&state, "pairs", &pairs);
		unit_set_state(unit, &state);
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
	if (unit->writes.n != 1) {
		error_set(err, STATUS_FAILED, "broken state of 'replace': not one column");
		goto fail;
	}
	col = open_column(before, unit->writes.items[0], TYPES_TEXT, err);
	if (col == NO_FIELD || unit_state(unit, &state, err) < 0)
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
	const struct column *from = column_read(batch, replace->col, err);
	struct replacing replacing = { &replace->pairs, { BUFFER_INIT, BUFFER_INIT } };
	struct column column;
	int result;

	(void)work;
	if (!from)
		return -1;
	result = column_edit_texts(batch, from, replace->part ? replace_parts : replace_whole, &replacing, &column, err);
	if (result == 0)
		batch_put(batch, replace->col, TYPE_TEXT, &column);
	buffer_free(&replacing.made[0]);
	buffer_free(&replacing.made[1]);
	return result;
}

/* It is text of another form. */
static int replace_fields(const struct unit *unit, struct schema *schema, struct error *err)
{
	int col = unit->writes.n == 1 ? schema_require(schema, unit->writes.items[0], err) : NO_FIELD;

	if (col == NO_FIELD)
		return err->code == STATUS_DONE ? error_set(err, STATUS_FAILED, "broken state of 'replace': not one column") : -1;
	schema_set_form(schema, (size_t)col, NULL);
	return 0;
}

const struct step_kind step_replace = {
	.name = "replace",
	.usage = "replace COLUMN... OLD=NEW... [part]",
	.summary = "put texts in the place of others: whole ones, or parts",
	.example = "replace city Oporto=Porto",
	.bind = replace_bind,
	.fields = replace_fields,
	.open = replace_open,
	.apply = replace_apply,
	.close = replace_close,
};
