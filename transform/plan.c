/* SPDX-License-Identifier: MIT */
/*
 *     input --segment--> [ table step --segment--> ]... out
 *
 * A table step is a source over the rows of the segment before it, and the source
 * of the next.
 */
#include "plan.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "explain.h"
#include "memory.h"
#include "segment.h"
#include "table_step.h"
#include "text.h"
#include "told.h"

enum { RULES_SHOWN = 4 };       /* that rejected rows, in a remark */

struct plan {
	struct chain chain;
	struct source rows;             /* of the last segment or table step */
	struct end end;
	struct stage stage;
	bool ended;
};

/* ---- table steps ---- */

static void explain_table(struct chain *chain, const struct plan_step *step)
{
	struct buffer *to = chain->options.explain;

	if (!to)
		return;
	buffer_format(to, "  over  %2zu  ", step->arguments->number);
	text_show_name(to, step->arguments->line);
	buffer_add_text(to, "   (all rows)\n");
	for (size_t i = 0; i < step->entry.n_units; i++)
		explain_unit(to, &step->entry.units[i]);
}

/* The step over `in`, which is taken over. */
static int open_table(struct source *out, struct source *in, struct chain *chain, struct plan_step *step, struct error *err)
{
	const struct step_limits limits = { .memory = chain->options.memory, .host = chain->options.host };
	struct unit *unit;

	if (step_bind(chain, step, &in->header->schema, 0, err) != BIND_DONE)
		return -1;
	explain_table(chain, step);
	unit = &step->entry.units[0];
	chain_add(chain, step, &in->header->schema);
	if (table_step_open(out, in, unit, step->arguments->line, &limits, err) < 0)
		return step_fail(step, err);
	if (table_step_read(out, err) == 0)
		return 0;
	source_close(out);
	return -1;
}

/* ---- the whole ---- */

static int open_segments(struct plan *plan, struct source *in, struct error *err)
{
	struct chain *chain = &plan->chain;
	struct source rows = *in, next = { .state = NULL };
	size_t at = 0;
	int result = 0;

	*in = (struct source){ .state = NULL };
	for (;;) {
		size_t end = at;

		while (end < chain->n_steps && !chain->steps[end].kind->over)
			end++;
		result = segment_open(&next, &rows, chain, at, end - at, err);
		if (result < 0 || end == chain->n_steps)
			break;
		rows = next;
		result = open_table(&next, &rows, chain, &chain->steps[end], err);
		if (result < 0)
			break;
		rows = next;
		at = end + 1;
	}
	if (result < 0) {
		source_close(&rows);
		return -1;
	}
	plan->rows = next;
	return 0;
}

void plan_counts(const struct source *source, struct buffer *to)
{
	const struct plan *plan = source->state;
	const struct chain *chain = &plan->chain;

	for (size_t i = 0; i < chain->n_steps; i++) {
		const struct tally *tallies[2] = { &chain->totals.dropped[i], &chain->totals.counts[i] };

		buffer_format(to, "%2zu  ", chain->steps[i].arguments->number);
		text_show_name(to, chain->steps[i].arguments->line);
		buffer_add_text(to, "\n");
		for (int t = 0; t < 2; t++)
			for (size_t j = 0; j < tallies[t]->n; j++) {
				buffer_add_text(to, t ? "      " : "      rows dropped, ");
				tally_item_print_within(&tallies[t]->items[j], to);
				buffer_format(to, ": %llu\n", (unsigned long long)tallies[t]->items[j].count);
			}
	}
}

static uint64_t count_rejected(const struct tally *counts)
{
	uint64_t n = 0;

	for (size_t i = 0; i < counts->n; i++)
		n += strcmp(counts->items[i].what, REJECTED) == 0 ? counts->items[i].count : 0;
	return n;
}

void plan_print_unread(const struct source *source, bool all, struct buffer *to)
{
	const struct chain *chain = &((const struct plan *)source->state)->chain;

	unseen_print(&chain->totals.unseen, chain->rows_in, false, all, to);
}

void plan_print_told(const struct source *source, bool all, struct buffer *to)
{
	const struct chain *chain = &((const struct plan *)source->state)->chain;
	struct tally told = { .items = NULL };

	for (size_t i = 0; i < chain->n_steps; i++) {
		char *step = recipe_step_name(chain->steps[i].arguments->line, i + 1);

		told_add(&told, chain->steps[i].kind, step, &chain->totals.dropped[i], &chain->totals.counts[i], chain->options.rejects != NULL);
		free(step);
	}
	told_print(&told, chain->rows_in, all, to);
	tally_release(&told);
}

void plan_print_rejected(const struct source *source, struct buffer *to)
{
	const struct plan *plan = source->state;
	const struct chain *chain = &plan->chain;
	size_t n = 0;

	if (plan->stage.rejected == 0 || chain->options.rejects)
		return;
	buffer_format(to, "rejected %" PRIu64 " of %" PRIu64 " row%s: ", plan->stage.rejected, chain->rows_in, chain->rows_in == 1 ? "" : "s");
	for (size_t i = 0; i < chain->n_steps; i++) {
		uint64_t rows = count_rejected(&chain->totals.counts[i]);
		char *step = recipe_step_name(chain->steps[i].arguments->line, i + 1);

		if (rows && n++ < RULES_SHOWN) {
			buffer_add_text(to, n > 1 ? ", '" : "'");
			text_show_name(to, step);
			buffer_add_text(to, "'");
			if (rows < plan->stage.rejected)
				buffer_format(to, " %" PRIu64, rows);
		}
		free(step);
	}
	if (n > RULES_SHOWN)
		buffer_format(to, " and %zu step%s more", n - RULES_SHOWN, n == RULES_SHOWN + 1 ? "" : "s");
	buffer_add_text(to, " (--rejects FILE keeps them)");
}

static void stage_fill(struct plan *plan)
{
	const struct chain *chain = &plan->chain;
	struct stage *stage = &plan->stage;

	stage->program = mem_text(chain->options.program);
	stage->rows_in = chain->rows_in;
	stage->seconds = host_seconds(chain->options.host);
	for (size_t i = 0; i < chain->n_steps; i++) {
		char *step = recipe_step_name(chain->steps[i].arguments->line, i + 1);

		tally_merge_as(&stage->dropped, &chain->totals.dropped[i], step);
		tally_merge_as(&stage->counts, &chain->totals.counts[i], step);
		stage->rejected += count_rejected(&chain->totals.counts[i]);
		free(step);
	}
	end_add_stage(&plan->end, stage);
}

static int plan_next(void *state, struct batch *to, bool now, struct error *err)
{
	struct plan *plan = state;
	int result;

	batch_clear(to);
	if (plan->ended)
		return 0;
	result = source_next(&plan->rows, to, now, err);
	if (result == 1) {
		plan->stage.rows_out += to->n_rows;
		to->schema = &plan->chain.header.schema;
	}
	if (result == 0) {
		plan->ended = true;
		end_copy(&plan->end, plan->rows.end(plan->rows.state));
		stage_fill(plan);
	}
	return result;
}

static const struct end *plan_end(void *state)
{
	return &((struct plan *)state)->end;
}

static void plan_cancel(void *state) { source_cancel(&((struct plan *)state)->rows); }

static void plan_close(void *state)
{
	struct plan *plan = state;
	struct chain *chain = &plan->chain;

	source_close(&plan->rows);
	chain->header.schema = (struct schema)SCHEMA_INIT;
	for (size_t i = 0; i < chain->n_steps; i++) {
		entry_release(&chain->steps[i].entry);
		free(chain->steps[i].units);
	}
	free(chain->steps);
	header_release(&chain->header);
	tallies_release(&chain->totals);
	hash_store_free(chain->seen);
	end_release(&plan->end);
	stage_release(&plan->stage);
	free(plan);
}

enum { FIT_SPARE = 16 * 1024 * 1024 };         /* of the 64 MB that stand beside --memory: what is learned can't go to a file; */
enum { LANE_SPARE = 8 * 1024 * 1024 };         /* and what threads have in work */

/* What is kept at the same time shares the memory: half is for what is learned; the rows of each stretch that learns,
 * those of each table step, and the rows that steps remember share the rest, as files take what they don't hold. Of stretches and table
 * steps two hold rows at once, however many there are: one gives them to the next, and is empty then. */
static void divide_memory(struct chain *chain)
{
	struct plan_options *options = &chain->options;
	size_t n_remember = 0, n_shares = 0;
	bool stretch = false, learns = false;

	if (options->lane_memory == 0)
		options->lane_memory = options->memory / 2 + LANE_SPARE;
	for (size_t i = 0; i < chain->n_steps; i++) {
		const struct step_kind *kind = chain->steps[i].kind;

		n_remember += kind->remembers;
		n_shares += kind->over || (kind->fit_new && !stretch);
		learns |= kind->fit_new != NULL;
		stretch = !kind->over && (stretch || kind->fit_new);
	}
	n_shares = (n_shares < 2 ? n_shares : 2) + (n_remember > 0);
	if (learns && options->fit_memory == 0) {
		uint64_t half = options->memory / 2;

		options->memory -= half;
		options->fit_memory = half + (half < FIT_SPARE ? half : FIT_SPARE);
	}
	options->memory /= n_shares ? n_shares : 1;
	if (n_remember > 0)
		chain->seen = hash_store_new(options->memory, n_remember, options->host);
}

/* Where the first step behind a select stands. */
static size_t behind_select(const struct chain *chain)
{
	const struct lineage *lineage = &chain->header.lineage;
	size_t at = 0;

	for (size_t e = 0; e < lineage->n_entries; e++)
		for (size_t u = 0; u < lineage->entries[e].n_units; u++)
			if (strcmp(lineage->entries[e].units[u].kind, "select") == 0)
				return 0;
	while (at < chain->n_steps && strcmp(chain->steps[at].kind->name, "select") != 0)
		at++;
	return at + 1;
}

int plan_open(struct source *out, struct source *in, const struct recipe *recipe, const struct plan_options *options, struct error *err)
{
	struct plan *plan = mem_new(1, sizeof *plan);
	struct chain *chain = &plan->chain;
	struct source rows = *in;
	int result = 0;

	*in = (struct source){ .state = NULL };
	chain->options = *options;
	chain->n_steps = recipe->n;
	chain->steps = mem_new(recipe->n, sizeof *chain->steps);
	lineage_copy(&chain->header.lineage, &rows.header->lineage);
	chain->header.source = mem_text(rows.header->source);
	tallies_init(&chain->totals, recipe->n);
	*out = (struct source){ .next = plan_next, .end = plan_end, .close = plan_close, .cancel = plan_cancel, .state = plan };
	for (size_t i = 0; i < recipe->n && result == 0; i++) {
		chain->steps[i].arguments = &recipe->steps[i];
		chain->steps[i].kind = step_require(&recipe->steps[i], err);
		if (!chain->steps[i].kind)
			result = -1;
	}
	if (result == 0) {
		chain->selected = behind_select(chain);
		divide_memory(chain);
	}
	if (result == 0)
		result = open_segments(plan, &rows, err);
	if (result < 0) {
		source_close(&rows);
		source_close(out);
		return -1;
	}
	(void)schema_find(&plan->rows.header->schema, "");      /* makes its index: both share it */
	chain->header.schema = plan->rows.header->schema;       /* borrowed: of 100,000 fields one list more is 15 MB */
	out->header = &chain->header;
	return 0;
}
