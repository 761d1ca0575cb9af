/* SPDX-License-Identifier: MIT */
/*
 * `expect CONDITION else ACTION`: what the data should be, and what is done where
 * they are not. A condition that is null passes.
 *
 *     drop, reject, fail   parts that act on rows; not replayed
 *     null COLUMN...       the columns lose their values there
 *     flag NAME            a new column, true there
 *     warn                 counted, nothing else
 *
 * With `null` every column that the condition does not read is a unit by itself.
 * Those that it reads are one unit together, behind the others: the condition is
 * decided once, before any of them is changed.
 */
#include <stdlib.h>
#include <string.h>

#include "binding.h"
#include "bits.h"
#include "cell.h"
#include "column_edit.h"
#include "columns.h"
#include "memory.h"

enum action { DROP, REJECT, FAIL, SET_NULL, FLAG, WARN, N_ACTIONS };
static const char *const actions[N_ACTIONS] = { "drop", "reject", "fail", "null", "flag", "warn" };

/* ---- binding ---- */

static struct unit *add_unit(struct binding *binding, const struct bound_expression *condition, enum action action)
{
	struct unit *unit = entry_add(binding->entry, "expect");
	struct buffer state = BUFFER_INIT;

	names_copy(&unit->reads, &condition->reads);
	unit->acts = action == DROP || action == REJECT || action == FAIL ? ACTS_ON_ROWS : ACTS_ON_COLUMNS;
	pack_map(&state, 2);
	pack_key_text(&state, "condition", condition->text);
	pack_key_text(&state, "action", actions[action]);
	unit_set_state(unit, &state);
	return unit;
}

static void add_null_units(struct binding *binding, const struct bound_expression *condition, const struct names *columns)
{
	struct unit *together = NULL;

	for (size_t i = 0; i < columns->n; i++) {
		struct unit *unit;

		if (names_have(&condition->reads, columns->items[i]))
			continue;
		unit = add_unit(binding, condition, SET_NULL);
		names_add(&unit->reads, columns->items[i]);
		names_add(&unit->writes, columns->items[i]);
	}
	for (size_t i = 0; i < columns->n; i++) {
		if (!names_have(&condition->reads, columns->items[i]))
			continue;
		if (!together)
			together = add_unit(binding, condition, SET_NULL);
		names_add(&together->writes, columns->items[i]);
	}
}

/* The columns behind `null`; none are needed where the condition reads a single one. */
static int bind_null(struct binding *binding, const struct bound_expression *condition, size_t first, struct error *err)
{
	const struct arguments *arguments = binding->arguments;
	struct selector_word *words = mem_array(arguments->n_words, sizeof *words);
	struct names columns = { .items = NULL };
	int result = BIND_DONE;
	size_t n = 0;

	for (size_t i = first; i < arguments->n_words; i++)
		words[n++] = (struct selector_word){ .text = arguments->words[i].text, .quoted = arguments->words[i].quoted };
	if (n)
		result = bind_selectors(binding, words, n, &columns, err);
	else if (condition->reads.n == 1)
		names_copy(&columns, &condition->reads);
	else
		result = arguments_fail(arguments, strlen(arguments->line), err, "null in which columns? (else null COLUMN...)");
	if (result == BIND_DONE)
		add_null_units(binding, condition, &columns);
	names_release(&columns);
	free(words);
	return result;
}

static int bind_flag(struct binding *binding, const struct bound_expression *condition, size_t first, struct error *err)
{
	const struct arguments *arguments = binding->arguments;
	const char *name;

	if (arguments->n_words != first + 1)
		return arguments_fail(arguments, strlen(arguments->line), err, "flag takes one new name (else flag NAME)");
	name = arguments->words[first].text;
	if (schema_check_name(name, strlen(name), err) < 0)
		return arguments_point(arguments, arguments->words[first].at, err);
	if (schema_find(binding->schema, name) != NO_FIELD)
		return arguments_fail(arguments, arguments->words[first].at, err, "there is a field '%s' already", name);
	names_add(&add_unit(binding, condition, FLAG)->writes, name);
	return BIND_DONE;
}

/* What stands behind `else`; `first` is its word. */
static int bind_action(struct binding *binding, const struct bound_expression *condition, size_t first, struct error *err)
{
	const struct arguments *arguments = binding->arguments;
	enum action action = N_ACTIONS;

	for (enum action i = 0; i < N_ACTIONS && first < arguments->n_words; i++)
		if (!arguments->words[first].key && strcmp(arguments->words[first].text, actions[i]) == 0)
			action = i;
	if (action == N_ACTIONS)
		return arguments_fail(arguments, first < arguments->n_words ? arguments->words[first].at : strlen(arguments->line), err,
		                      "what then? (else drop|null COLUMN...|flag NAME|reject|warn|fail)");
	if (action == SET_NULL)
		return bind_null(binding, condition, first + 1, err);
	if (action == FLAG)
		return bind_flag(binding, condition, first + 1, err);
	if (arguments->n_words > first + 1)
		return arguments_fail(arguments, arguments->words[first + 1].at, err, "nothing stands behind '%s'", actions[action]);
	add_unit(binding, condition, action);
	return BIND_DONE;
}

static int expect_bind(struct binding *binding, struct error *err)
{
	const struct arguments *arguments = binding->arguments;
	struct bound_expression condition = { .text = NULL };
	size_t at = arguments->n_words > 1 ? arguments->words[1].at : strlen(arguments->line), first = 1;
	int result = bind_expression(binding, at, "else", &condition, err);

	if (result != BIND_DONE)
		goto out;
	if (condition.type != TYPE_BOOL) {
		result = arguments_fail(arguments, at, err, "a condition is true or false, this is %s (compare it with something)",
		                        type_name(condition.type));
		goto out;
	}
	while (first < arguments->n_words && arguments->words[first].at < condition.end)
		first++;
	result = bind_action(binding, &condition, first + 1, err);      /* behind `else` */
out:
	bound_expression_release(&condition);
	return result;
}

/* ---- at work ---- */

struct expect {
	struct expression *condition;
	char *text;                     /* "expect age >= 18" */
	enum action action;
	struct names columns;           /* that are written */
	size_t *cols;                   /* their places */
	enum type *types;
};

static void expect_close(void *op)
{
	struct expect *expect = op;

	if (!expect)
		return;
	expression_free(expect->condition);
	names_release(&expect->columns);
	free(expect->cols);
	free(expect->types);
	free(expect->text);
	free(expect);
}

static enum action read_action(const struct unpacked *state)
{
	enum action action = 0;

	while (action < N_ACTIONS && !object_is_text(map_get(&state->object, "action"), actions[action]))
		action++;
	return action;
}

static int check_flag(const struct unit *unit, const struct schema *schema, struct error *err)
{
	if (unit->writes.n != 1)
		return error_set(err, STATUS_FAILED, "broken state of 'expect': not one flag");
	if (schema_find(schema, unit->writes.items[0]) != NO_FIELD)
		return error_set(err, STATUS_FAILED, "there is a field '%s' already", unit->writes.items[0]);
	return 0;
}

static int open_columns(struct expect *expect, const struct unit *unit, const struct schema *before, struct error *err)
{
	names_copy(&expect->columns, &unit->writes);
	if (expect->action == FLAG)
		return check_flag(unit, before, err);
	expect->cols = mem_array(unit->writes.n, sizeof *expect->cols);
	expect->types = mem_array(unit->writes.n, sizeof *expect->types);
	for (size_t i = 0; i < unit->writes.n; i++) {
		int col = schema_require(before, unit->writes.items[i], err);

		if (col == NO_FIELD)
			return -1;
		expect->cols[i] = (size_t)col;
		expect->types[i] = before->fields[col].type;
	}
	return 0;
}

static void *expect_open(const struct unit *unit, const struct schema *before, const struct step_limits *limits, struct error *err)
{
	struct expect *expect = mem_new(1, sizeof *expect);
	struct unpacked state;
	enum type type = TYPE_BOOL;
	char *text;

	(void)limits;
	expect->condition = open_expression(unit, "condition", before, &type, err);
	if (!expect->condition || unit_state(unit, &state, err) < 0)
		goto fail;
	expect->action = read_action(&state);
	text = object_text(map_get(&state.object, "condition"));
	expect->text = mem_format("expect %s", text);
	free(text);
	unpacked_free(&state);
	if (expect->action == N_ACTIONS || type != TYPE_BOOL) {
		error_set(err, STATUS_FAILED, "broken state of 'expect'");
		goto fail;
	}
	if (open_columns(expect, unit, before, err) == 0)
		return expect;
fail:
	expect_close(expect);
	return NULL;
}

static int expect_fields(const struct unit *unit, struct schema *schema, struct error *err)
{
	struct expect *expect = expect_open(unit, schema, NULL, err);

	if (!expect)
		return -1;
	if (expect->action == FLAG)
		schema_add(schema, unit->writes.items[0], TYPE_BOOL, ROLE_FEATURE);
	expect_close(expect);
	return 0;
}

/* Rejected rows are told in their order. */
static bool expect_ordered(const struct unit *unit)
{
	struct error err = ERROR_INIT;
	struct unpacked state;
	bool ordered;

	if (unit_state(unit, &state, &err) < 0)
		return false;                   /* open will tell */
	ordered = read_action(&state) == REJECT;
	unpacked_free(&state);
	return ordered;
}

/* The rows where the condition is false: a bit map in scratch memory, and how many. */
static int find_failing(const struct expect *expect, struct batch *batch, struct arena *scratch, uint64_t **rows, uint64_t *n,
                        struct error *err)
{
	struct column met;
	uint64_t no_answer = 0, *bits;
	const uint8_t *values;

	if (expression_run(expect->condition, batch, scratch, &met, &no_answer, err) < 0)
		return -1;
	bits = arena_new(scratch, bits_words(batch->n_rows), sizeof *bits);
	values = met.values;
	for (size_t row = 0; row < batch->n_rows; row++)
		bits[row / 64] |= (uint64_t)!values[row] << row % 64;
	for (size_t word = 0; met.valid && word < bits_words(batch->n_rows); word++)
		bits[word] &= met.valid[word];
	column_drop(&met);
	*rows = bits;
	*n = bits_count(bits, batch->n_rows);
	return 0;
}

static int set_null(const struct expect *expect, struct batch *batch, const uint64_t *rows, struct tally *counts, struct error *err)
{
	for (size_t i = 0; i < expect->columns.n; i++) {
		const struct column *from = column_read(batch, expect->cols[i], err);
		struct column fresh;
		uint64_t n_gone = 0;

		if (!from)
			return -1;
		column_forget(batch, from, expect->types[i], rows, &fresh, &n_gone);
		batch_put(batch, expect->cols[i], expect->types[i], &fresh);
		tally_add(counts, "set to null", expect->columns.items[i], n_gone);
	}
	return 0;
}

static void set_flag(const struct expect *expect, struct batch *batch, const uint64_t *rows, uint64_t n, struct tally *counts)
{
	struct column fresh = COLUMN_INIT;
	uint8_t *values = column_new_values(&fresh, batch->pool, TYPE_BOOL, batch->n_rows);

	for (size_t row = 0; row < batch->n_rows; row++)
		values[row] = bit_is_set(rows, row);
	batch_put(batch, batch->n_columns, TYPE_BOOL, &fresh);
	tally_add(counts, "flagged", expect->columns.items[0], n);
}

static int expect_apply(void *op, struct batch *batch, struct work *work, struct error *err)
{
	const struct expect *expect = op;
	uint64_t *rows, n;

	if (expect->action == DROP || expect->action == REJECT || expect->action == FAIL)
		return 0;
	if (find_failing(expect, batch, &work->scratch, &rows, &n, err) < 0)
		return -1;
	if (expect->action == WARN)
		tally_add(work->counts, "not met", NULL, n);
	if (expect->action == FLAG)
		set_flag(expect, batch, rows, n, work->counts);
	return expect->action == SET_NULL && n ? set_null(expect, batch, rows, work->counts, err) : 0;
}

static int fail_at(const struct expect *expect, struct batch *batch, size_t row, struct error *err)
{
	struct buffer place = BUFFER_INIT;

	cell_place(batch, row, batch->first_row + row, &place);
	error_set(err, STATUS_REQUIREMENT, "%s: not met: %s", buffer_text(&place), expect->text);
	buffer_free(&place);
	return -1;
}

static int expect_judge(void *op, struct batch *batch, uint64_t *keep, struct work *work, struct error *err)
{
	const struct expect *expect = op;
	bool fails = expect->action == FAIL && !work->replay, rejects = expect->action == REJECT && !work->replay;
	uint64_t *rows, n, n_going = 0;

	if (find_failing(expect, batch, &work->scratch, &rows, &n, err) < 0)
		return -1;
	for (size_t word = 0; word < bits_words(batch->n_rows); word++) {
		uint64_t going = rows[word] & keep[word];

		for (uint64_t bits = going; bits; bits &= bits - 1) {
			size_t row = word * 64 + (size_t)__builtin_ctzll(bits);

			if (fails)
				return fail_at(expect, batch, row, err);
			if (rejects && rejects_add(work->rejects, expect->text, batch, row, err) < 0)
				return -1;
		}
		keep[word] &= ~going;
		n_going += bits_ones(going);
	}
	if (rejects)
		tally_add(work->counts, REJECTED, NULL, n_going);      /* the stage counts them by themselves */
	else
		tally_add(work->dropped, expect->text, NULL, n_going);
	return 0;
}

static bool expect_takes_real(const struct unit *unit, const char *name)
{
	return expression_of_state_takes_real(unit, "condition", name);
}

const struct step_kind step_expect = {
	.name = "expect",
	.usage = "expect CONDITION else drop|null COLUMN...|flag NAME|reject|warn|fail",
	.summary = "say what rows should be like, and what happens where they are not",
	.example = "expect rating <= 5 else null rating",
	.also = "filter|where|dropna|assert",
	.bind = expect_bind,
	.fields = expect_fields,
	.open = expect_open,
	.apply = expect_apply,
	.judge = expect_judge,
	.close = expect_close,
	.takes_real = expect_takes_real,
	.ordered = expect_ordered,
	.told = true,
	.counts_on_replay = true,
};
