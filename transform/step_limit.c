/* SPDX-License-Identifier: MIT */
/* `limit N`: the first N rows. Nothing behind them is read, so how many there were is not counted. */
#include <stdlib.h>
#include <string.h>

#include "columns.h"
#include "memory.h"
#include "number.h"
#include "step.h"

struct limit { uint64_t left; };

static int limit_bind(struct binding *binding, struct error *err)
{
	const struct arguments *arguments = binding->arguments;
	int64_t rows;
	struct buffer state = BUFFER_INIT;
	struct unit *unit;

	if (arguments->n_words != 2 || arguments->words[1].key)
		return arguments_fail(arguments, arguments->n_words > 2 ? arguments->words[2].at : strlen(arguments->line), err,
			"how many rows? (usage: limit N)");
	if (!number_int(arguments->words[1].text, strlen(arguments->words[1].text), &rows) || rows < 0)
		return arguments_fail(arguments, arguments->words[1].at, err, "not a number of rows");

	unit = entry_add(binding->entry, "limit");
	unit->acts = ACTS_ON_ROWS;
	pack_map(&state, 1);
	pack_key_int(&state, "rows", rows);
	unit_set_state(unit, &state);
	return BIND_DONE;
}

static void *limit_open(const struct unit *unit, const struct schema *before, const struct step_limits *limits, struct error *err)
{
	struct unpacked state;
	struct limit *limit = NULL;
	uint64_t rows;

	(void)before, (void)limits;
	if (unit_state(unit, &state, err) < 0)
		return NULL;
	if (object_uint(map_get(&state.object, "rows"), &rows)) {
		limit = mem_new(1, sizeof *limit);
		limit->left = rows;
	} else {
		error_set(err, STATUS_FAILED, "broken state: 'rows'");
	}
	unpacked_free(&state);
	return limit;
}

/* The first N rows are those of the stream. */
static bool limit_ordered(const struct unit *unit)
{
	(void)unit;
	return true;
}

static int limit_judge(void *op, struct batch *batch, uint64_t *keep, struct work *work, struct error *err)
{
	struct limit *limit = op;

	(void)err;
	for (size_t word = 0; word < bits_words(batch->n_rows); word++) {
		uint64_t bits = bits_word(keep, word, batch->n_rows), n = bits_ones(bits);

		while (n > limit->left) {       /* the last bits go */
			bits &= ~(UINT64_C(1) << (63 - __builtin_clzll(bits)));
			n--;
		}
		keep[word] = bits;
		limit->left -= n;
	}
	work->stop |= limit->left == 0;
	return 0;
}

const struct step_kind step_limit = {
	.name = "limit",
	.usage = "limit N",
	.summary = "keep the first N rows and stop reading",
	.example = "limit 1000",
	.also = "head",
	.bind = limit_bind,
	.open = limit_open,
	.judge = limit_judge,
	.close = free,
	.ordered = limit_ordered,
};
