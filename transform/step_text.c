/* SPDX-License-Identifier: MIT */
/*
 * `text COLUMN... EDIT...`: edits of text, each distinct one once, in the order
 * given. A unit per column.
 */
#include <stdlib.h>
#include <string.h>

#include "binding.h"
#include "memory.h"
#include "text_column.h"
#include "text_edit.h"

enum edit { TRIM, SQUEEZE, LOWER, UPPER, STRIP_PREFIX, STRIP_SUFFIX, N_EDITS };
static const char *const edits[N_EDITS] = { "trim", "squeeze", "lower", "upper", "strip-prefix", "strip-suffix" };

static enum edit edit_of(const char *name, bool has_argument)
{
	for (enum edit edit = 0; edit < N_EDITS; edit++)
		if (strcmp(name, edits[edit]) == 0 && has_argument == (edit >= STRIP_PREFIX))
			return edit;
	return N_EDITS;
}

/* ---- binding ---- */

/* Parts the words: selectors into `columns`, edits into the state as [name, argument?] in their order. */
static int read_words(const struct arguments *arguments, struct selector_word *columns, size_t *n_columns, struct buffer *edits_state,
                      size_t *n_edits, struct error *err)
{
	for (size_t i = 1; i < arguments->n_words; i++) {
		const struct word *word = &arguments->words[i];
		enum edit edit = word->key ? edit_of(word->key, true) : word->quoted ? N_EDITS : edit_of(word->text, false);

		if (word->key && edit == N_EDITS)
			return arguments_fail(arguments, word->at, err, "takes no '%s=' (strip-prefix=, strip-suffix=)", word->key);
		if (edit == N_EDITS) {
			columns[(*n_columns)++] = (struct selector_word){ .text = word->text, .quoted = word->quoted };
			continue;
		}
		pack_array(edits_state, word->key ? 2 : 1);
		pack_text(edits_state, edits[edit]);
		if (word->key)
			pack_text(edits_state, word->text);
		++*n_edits;
	}
	if (*n_columns == 0)
		return arguments_fail(arguments, strlen(arguments->line), err, "which columns? (text :text trim)");
	if (*n_edits == 0)
		return arguments_fail(arguments, strlen(arguments->line), err,
		                      "which edits? (trim, squeeze, lower, upper, strip-prefix=, strip-suffix=)");
	return 0;
}

static int text_bind(struct binding *binding, struct error *err)
{
	struct selector_word *words = mem_array(binding->arguments->n_words, sizeof *words);
	struct names names = { .items = NULL };
	struct buffer state = BUFFER_INIT, packed = BUFFER_INIT;
	size_t n_words = 0, n_edits = 0;
	int result = read_words(binding->arguments, words, &n_words, &state, &n_edits, err);

	if (result == BIND_DONE)
		result = bind_selectors(binding, words, n_words, &names, err);
	if (result == BIND_DONE)
		result = bind_types(binding, &names, TYPES_TEXT, "':text' matches all text columns", err);
	if (result == BIND_DONE) {
		pack_map(&packed, 1);
		pack_text(&packed, "edits");
		pack_array(&packed, n_edits);
		buffer_add(&packed, state.data, state.size);
		bind_units(binding, "text", &names, true, &packed);
	}
	buffer_free(&state);
	names_release(&names);
	free(words);
	return result;
}

/* ---- at work ---- */

struct text_step {
	size_t col, n;
	struct item { enum edit edit; char *argument; } *items;
};
/* Over the texts of one batch. `made`: what an edit made, for the next one. */
struct editing { const struct text_step *step; struct buffer made[2]; };

static void text_close(void *op)
{
	struct text_step *step = op;

	if (!step)
		return;
	for (size_t i = 0; i < step->n; i++)
		free(step->items[i].argument);
	free(step->items);
	free(step);
}

static int read_edits(struct text_step *step, object list, struct error *err)
{
	step->items = mem_new(array_size(list), sizeof *step->items);
	for (size_t i = 0; i < array_size(list); i++) {
		object item = array_get(list, i);
		char *name = object_text(array_get(item, 0));
		bool has_argument = array_size(item) == 2;

		step->items[i].edit = name ? edit_of(name, has_argument) : N_EDITS;
		step->items[i].argument = has_argument ? object_text(array_get(item, 1)) : NULL;
		free(name);
		step->n = i + 1;
		if (step->items[i].edit == N_EDITS || (has_argument && !step->items[i].argument))
			return error_set(err, STATUS_FAILED, "broken state of 'text'");
	}
	return 0;
}

static void *text_open(const struct unit *unit, const struct schema *before, const struct step_limits *limits, struct error *err)
{
	struct text_step *step = mem_new(1, sizeof *step);
	struct unpacked state;
	int col, result;

	(void)limits;
	col = text_column_open(unit, before, &state, err);
	if (col == NO_FIELD)
		goto fail;
	step->col = (size_t)col;
	result = read_edits(step, map_get(&state.object, "edits"), err);
	unpacked_free(&state);
	if (result == 0)
		return step;
fail:
	text_close(step);
	return NULL;
}

/* One edit: moves the ends of the text, or makes another one in `to`. */
static void edit_once(const struct item *item, const char **bytes, size_t *size, struct buffer *to)
{
	size_t length = item->argument ? strlen(item->argument) : 0;

	buffer_clear(to);
	switch (item->edit) {
	case TRIM:
		text_trim(bytes, size);
		return;
	case STRIP_PREFIX:
		if (text_begins(*bytes, *size, item->argument, length)) {
			*bytes += length;
			*size -= length;
		}
		return;
	case STRIP_SUFFIX:
		if (text_ends(*bytes, *size, item->argument, length))
			*size -= length;
		return;
	case SQUEEZE:
		text_squeeze(to, *bytes, *size);
		break;
	case LOWER:
		text_lower(to, *bytes, *size);
		break;
	default:
		text_upper(to, *bytes, *size);
	}
	*bytes = buffer_text(to);
	*size = to->size;
}

static void edit_text(void *state, const char *bytes, size_t size, struct buffer *to)
{
	struct editing *editing = state;
	const struct text_step *step = editing->step;

	for (size_t i = 0; i < step->n; i++)
		edit_once(&step->items[i], &bytes, &size, &editing->made[i % 2]);
	buffer_add(to, bytes, size);
}

static int text_apply(void *op, struct batch *batch, struct work *work, struct error *err)
{
	const struct text_step *step = op;
	struct editing editing = { step, { BUFFER_INIT, BUFFER_INIT } };
	int result = text_column_apply(batch, step->col, edit_text, &editing, err);

	(void)work;
	buffer_free(&editing.made[0]);
	buffer_free(&editing.made[1]);
	return result;
}

const struct step_kind step_text = {
	.name = "text",
	.usage = "text COLUMN... [trim] [squeeze] [lower] [upper] [strip-prefix=TEXT] [strip-suffix=TEXT]",
	.summary = "tidy text: blanks, case, what stands before or behind, in the order given",
	.example = "text :text trim lower",
	.bind = text_bind,
	.fields = text_column_fields,
	.open = text_open,
	.apply = text_apply,
	.close = text_close,
};
