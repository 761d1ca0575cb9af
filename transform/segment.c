/* SPDX-License-Identifier: MIT */
#include "segment.h"

#include <stdlib.h>
#include <string.h>

#include "columns.h"
#include "cutter.h"
#include "explain.h"
#include "fits.h"
#include "memory.h"
#include "spool.h"
#include "text.h"

/* A unit of a ready step that no pass has applied yet. */
struct due {
	struct unit *unit;
	size_t step;
	bool barrier;                   /* rows or fields go, or only roles change: nothing before it may wait */
	bool now;                       /* the pass that is made ready applies it */
	bool looked;                    /* a pass that only looked has */
};

struct turn_slot { struct tallies tallies; struct rejects *rejects; uint64_t rows_in; };
struct lane_state { struct work work; struct pieces pieces; struct batch view; };

struct segment {
	struct chain *chain;
	struct source in;
	size_t first, n_steps, n_open;  /* steps of the chain; n_open of them are ready */
	struct header header;           /* behind all steps that are ready */
	struct due *due;
	size_t n_due, room_due;
	struct fits fits;

	/* the pass that runs */
	struct ops *ops;
	struct schema fields;           /* behind its ops */
	size_t *order;                  /* last pass: of the output's columns among these; NULL: they are in order */
	struct lanes *lanes;
	struct lane_state *lane_states;
	struct turn_slot *slots;
	size_t n_lanes, n_used;         /* n_used: in this pass */
	struct cutter cutter;
	struct spool *fresh;            /* what it keeps; NULL: nothing */
	bool last, looks;               /* looks: what its ops make is dropped */

	struct spool *spool;            /* what the last pass kept; NULL: the pass reads `in` */
	struct header spooled;
	struct source from;             /* the spool's */
	struct end end;
	bool in_ended;
};

/* ---- binding and opening ---- */

static bool learns(const struct plan_step *step, size_t unit)
{
	return step->kind->fit_new && !step->fitted[unit] && (!step->kind->learns || step->kind->learns(&step->entry.units[unit]));
}

static bool step_learns(const struct plan_step *step)
{
	for (size_t i = 0; i < step->entry.n_units; i++)
		if (learns(step, i))
			return true;
	return false;
}

int step_bind(struct chain *chain, struct plan_step *step, const struct schema *schema, unsigned open, struct error *err)
{
	struct binding binding = { .arguments = step->arguments, .schema = schema, .open = open, .seed = chain->options.seed, .entry = &step->entry,
	                           .host = chain->options.host };
	int result;

	if (step->bound)
		return BIND_DONE;
	result = step->kind->bind(&binding, err);
	if (result != BIND_DONE) {
		for (size_t i = 0; i < step->entry.n_units; i++)
			unit_release(&step->entry.units[i]);
		step->entry.n_units = 0;
		return result;
	}
	step->bound = true;
	step->fitted = mem_new(step->entry.n_units, sizeof *step->fitted);
	return BIND_DONE;
}

int step_fail(const struct plan_step *step, struct error *err)
{
	return error_prefix(err, "step %zu '%s'", step->arguments->number, step->arguments->line);
}

/* A second split: what was learned on the old train rows has seen rows that are held out now. */
static void forget_split(struct header *header, const struct plan_step *step)
{
	const struct names *writes = step->entry.n_units == 1 ? &step->entry.units[0].writes : NULL;
	bool marks = false;

	for (size_t i = 0; writes && i < writes->n; i++) {
		int col = schema_find(&header->schema, writes->items[i]);

		marks |= col != NO_FIELD && header->schema.fields[col].role == ROLE_SPLIT;
	}
	if (!marks)
		return;
	for (size_t e = 0; e < header->lineage.n_entries; e++)
		for (size_t u = 0; u < header->lineage.entries[e].n_units; u++) {
			struct entry *entry = &header->lineage.entries[e];

			if (entry->units[u].fitted != FITTED_TRAIN)
				continue;
			entry_own(entry);
			entry->units[u].fitted = FITTED_ALL;
			unit_seal(&entry->units[u]);
		}
}

/* The unit's fields are those behind it now; it is due. */
static int add_due(struct segment *segment, struct unit *unit, size_t step, struct error *err)
{
	const struct step_kind *kind = segment->chain->steps[step].kind;
	struct schema *schema = &segment->header.schema;
	size_t n_fields = schema->n_fields - schema->n_holes;

	for (size_t i = 0; i < unit->writes.n; i++)
		n_fields += schema_find(schema, unit->writes.items[i]) == NO_FIELD;
	if (kind->fields && kind->fields(unit, schema, err) < 0)
		return -1;
	array_grow(segment->due, segment->n_due, segment->room_due);
	segment->due[segment->n_due++] = (struct due){ .unit = unit, .step = step,
		.barrier = unit->acts != ACTS_ON_COLUMNS || unit->writes.n == 0 || schema->n_fields - schema->n_holes != n_fields };
	return 0;
}

static int step_ready(struct segment *segment, size_t number, struct error *err)
{
	struct plan_step *step = &segment->chain->steps[number];

	forget_split(&segment->header, step);
	for (size_t i = 0; i < step->entry.n_units; i++) {
		unit_seal(&step->entry.units[i]);
		if (add_due(segment, &step->entry.units[i], number, err) < 0)
			return step_fail(step, err);
	}
	entry_share(lineage_add(&segment->header.lineage, step->arguments->line), &step->entry);
	return 0;
}

/* Steps up to the first that has to learn. */
static int open_ready(struct segment *segment, struct error *err)
{
	for (; segment->n_open < segment->n_steps; segment->n_open++) {
		size_t number = segment->first + segment->n_open;
		struct plan_step *step = &segment->chain->steps[number];

		if (step_bind(segment->chain, step, &segment->header.schema, 0, err) != BIND_DONE)
			return -1;
		if (step_learns(step))
			return 0;
		if (step_ready(segment, number, err) < 0)
			return -1;
	}
	return 0;
}

/* ---- which units this pass fits ---- */

/* The fields behind a waiting step, as far as they are known. */
static int look_behind(const struct plan_step *step, struct schema *known, struct error *err)
{
	for (size_t i = 0; i < step->entry.n_units; i++)
		if (step->kind->fields && step->kind->fields(&step->entry.units[i], known, err) < 0)
			return step_fail(step, err);
	return 0;
}

/* Adds the step's units that can be learned now; those behind a row part can't. *rows: it is one. */
static void add_fits(struct segment *segment, size_t number, const struct names *pending, bool *rows)
{
	struct plan_step *step = &segment->chain->steps[number];

	for (size_t u = 0; u < step->entry.n_units; u++) {
		struct unit *unit = &step->entry.units[u];

		*rows |= unit->acts != ACTS_ON_COLUMNS;
		if (learns(step, u) && !names_overlap(&unit->reads, pending) && !names_overlap(&unit->learned_from, pending))
			fits_add(&segment->fits, step->kind, unit, number);
	}
}

static int fits_choose(struct segment *segment, struct error *err)
{
	struct names pending = { .items = NULL };
	struct schema known;
	unsigned open = 0;
	int result = 0;

	schema_copy(&known, &segment->header.schema);
	for (size_t i = segment->n_open; i < segment->n_steps && result == 0; i++) {
		struct plan_step *step = &segment->chain->steps[segment->first + i];
		bool rows = false;

		if (step->kind->over)
			break;
		result = step_bind(segment->chain, step, &known, open, err);
		if (result == BIND_WAIT)
			break;
		if (result == 0)
			add_fits(segment, segment->first + i, &pending, &rows);
		if (rows || result < 0)
			break;          /* what comes behind must not see the rows that go here */
		for (size_t u = 0; u < step->entry.n_units; u++)
			for (size_t w = 0; w < step->entry.units[u].writes.n; w++)
				names_add_new(&pending, step->entry.units[u].writes.items[w]);
		if (step_learns(step))
			open |= step->kind->adds;
		result = look_behind(step, &known, err);
	}
	names_release(&pending);
	schema_release(&known);
	return result == BIND_FAILED ? -1 : 0;
}

/* ---- which units this pass applies ---- */

static void add_all(struct names *to, const struct names *names)
{
	for (size_t i = 0; i < names->n; i++)
		names_add_new(to, names->items[i]);
}

/*
 * From the last due unit to the first: one is applied now if a fit, a unit that is applied now, or a barrier needs it, or if one that
 * is applied now and stands behind it writes what it reads or writes.
 */
static void choose_due(struct segment *segment)
{
	struct names needed = { .items = NULL }, written = { .items = NULL };
	bool all = segment->last;

	for (size_t i = 0; i < segment->fits.n; i++) {
		add_all(&needed, &segment->fits.items[i].unit->reads);
		add_all(&needed, &segment->fits.items[i].unit->learned_from);
	}
	for (size_t i = segment->n_due; i-- > 0;) {
		struct due *due = &segment->due[i];
		const struct unit *unit = due->unit;

		all |= due->barrier;
		due->now = all || names_overlap(&unit->writes, &needed) || names_overlap(&unit->reads, &written) ||
			names_overlap(&unit->writes, &written);
		if (!due->now || all)
			continue;
		add_all(&needed, &unit->reads);
		add_all(&written, &unit->writes);
	}
	names_release(&needed);
	names_release(&written);
}

/* Whether the pass may drop what its units make: the rows are kept, none goes, and no unit was used so before. */
static bool may_look(const struct segment *segment)
{
	bool may = segment->spool && !segment->last;

	for (size_t i = 0; i < segment->n_due; i++)
		may &= !segment->due[i].now || (segment->due[i].unit->acts == ACTS_ON_COLUMNS && !segment->due[i].looked);
	return may;
}

enum { STANDING_BYTES = 512 };  /* what stands for a column in a batch, and its values where they are few */

/*
 * As many lanes as memory allows the batches of: each lane, and two that wait beside them, have one. A batch has BATCH_BYTES
 * when it comes, and more in proportion where steps widen it, until it is cut (ops_slice).
 */
static size_t choose_lanes(const struct segment *segment)
{
	struct chain *chain = segment->chain;
	const struct ops *ops = segment->ops;
	size_t n_fields = segment->fields.n_fields, n = segment->n_lanes;
	uint64_t bytes = BATCH_BYTES, most, left = chain->options.lane_memory;

	if (ops->n > 0 && ops->widest.n_fields > n_fields)
		n_fields = ops->widest.n_fields;
	most = slice_bytes(n_fields);
	if (ops->n > 0 && ops->base_width.bytes > 0)
		bytes = bytes * ops->widest.bytes / ops->base_width.bytes;
	bytes = (bytes < most ? bytes : most) + (uint64_t)n_fields * STANDING_BYTES;
	while (n > 1 && (lanes_slots(n) - 1) * bytes > left)
		n--;
	if (n < segment->n_lanes && !chain->fewer_said) {
		host_note(chain->options.host, "--memory: %zu threads need %llu MiB more than one: %zu %s used", segment->n_lanes,
		          (unsigned long long)((lanes_slots(segment->n_lanes) - 1) * bytes >> 20), n, n == 1 ? "is" : "are");
		chain->fewer_said = true;
	}
	return n;
}

/* Opens the chosen units on the fields of what the pass reads. */
static int open_ops(struct segment *segment, struct error *err)
{
	const struct header *header = segment->spool ? &segment->spooled : segment->in.header;
	size_t n_left = 0;

	choose_due(segment);
	segment->looks = may_look(segment);
	schema_release(&segment->fields);
	schema_copy(&segment->fields, &header->schema);
	for (size_t i = 0; i < segment->n_due; i++) {
		struct due *due = &segment->due[i];
		const struct unit *unit = due->unit;
		size_t step = due->step;

		due->looked |= due->now;
		if (!due->now || segment->looks)
			segment->due[n_left++] = *due;
		if (!due->now)
			continue;
		if (ops_add(segment->ops, unit, &segment->fields, step, err) < 0)
			return step_fail(&segment->chain->steps[step], err);
	}
	segment->n_due = n_left;
	ops_settle(segment->ops, &segment->fields);
	segment->n_used = choose_lanes(segment);
	return 0;
}

/* Units that waited appended their columns later than their steps stand: the last pass puts them where they belong. */
static void find_order(struct segment *segment)
{
	const struct schema *wanted = &segment->header.schema;
	bool in_order = true;

	segment->order = mem_array(wanted->n_fields + 1, sizeof *segment->order);
	for (size_t col = 0; col < wanted->n_fields; col++) {
		segment->order[col] = (size_t)schema_find(&segment->fields, wanted->fields[col].name);
		in_order &= segment->order[col] == col;
	}
	if (in_order) {
		free(segment->order);
		segment->order = NULL;
	}
}

/* ---- a pass over the rows ---- */

static int fail_fit(struct segment *segment, size_t failed, struct error *err)
{
	return failed < segment->fits.n ? step_fail(&segment->chain->steps[segment->fits.items[failed].step], err) : -1;
}

static int learn(struct segment *segment, size_t lane, struct error *err)
{
	struct lane_state *mine = &segment->lane_states[lane];
	size_t failed;

	if (mine->pieces.n > 0 && fits_update(&segment->fits, lane, &mine->pieces, &mine->work.scratch, &failed, err) < 0)
		return fail_fit(segment, failed, err);
	pieces_clear(&mine->pieces);
	return 0;
}

/* Rows behind the ops of a pass that is not the last: to the fits, and into the spool. */
static int feed(struct segment *segment, size_t lane, struct batch *batch, struct turn *turn, struct error *err)
{
	struct lane_state *mine = &segment->lane_states[lane];
	const struct fits *fits = &segment->fits;
	int result = 0;

	for (size_t i = 0; i < fits->fields.n_fields; i++)
		if (!column_read(batch, fits->cols[i], err))
			return -1;
	batch_view(&mine->view, batch, &fits->fields, fits->cols);
	if (segment->fresh)
		batch_compact(batch);
	pieces_clear(&mine->pieces);
	if (gate_enter(turn, segment->ops->n_gates) < 0)
		return -1;
	if (fits->n > 0)
		result = cutter_add(&segment->cutter, &mine->view, &mine->pieces, err);
	if (result == 0 && segment->fresh)
		result = spool_add(segment->fresh, batch, err);
	else
		batch_clear(batch);
	if (result == 0 && fits->in_turn)
		result = learn(segment, lane, err);
	if (result == 0)
		gate_leave(turn, segment->ops->n_gates);
	batch_clear(&mine->view);
	return result < 0 ? -1 : learn(segment, lane, err);     /* what was learned in turn is none any more */
}

static int work_on(void *state, size_t lane, size_t number, struct batch *batch, struct turn *turn, struct error *err)
{
	struct segment *segment = state;
	struct turn_slot *slot = &segment->slots[number];
	struct work *work = &segment->lane_states[lane].work;

	slot->rows_in = batch->n_rows;
	work->rejects = slot->rejects;
	if (ops_run(segment->ops, batch, turn, work, &slot->tallies, err) < 0)
		return -1;
	batch->schema = &segment->fields;
	if (batch->n_rows == 0)
		return 0;
	if (!segment->last)
		return feed(segment, lane, batch, turn, err);
	if (segment->order)
		batch_arrange(batch, segment->order, segment->header.schema.n_fields);
	batch->schema = &segment->header.schema;
	return 0;
}

/* In order: what the steps counted and rejected. */
static int take_slot(void *state, size_t number, struct batch *batch, bool failed, struct error *err)
{
	struct segment *segment = state;
	struct turn_slot *slot = &segment->slots[number];

	(void)batch, (void)failed;
	if (segment->looks)
		tallies_clear(&slot->tallies);
	else
		tallies_take(&segment->chain->totals, &slot->tallies);
	if (segment->first == 0 && !segment->spool)
		segment->chain->rows_in += slot->rows_in;
	slot->rows_in = 0;
	return rejects_take(segment->chain->options.rejects, slot->rejects, err);
}

static void start_lanes(struct segment *segment)
{
	const struct lanes_work work = { .n_gates = segment->ops->n_gates + (segment->last ? 0 : 1), .work = work_on, .give = take_slot,
	                                 .state = segment, .host = segment->chain->options.host };

	(void)schema_find(&segment->fields, "");        /* makes its index, before lanes share it */
	lanes_free(segment->lanes);
	for (size_t i = 0; i < lanes_slots(segment->n_lanes); i++) {
		struct turn_slot *slot = &segment->slots[i];         /* batches behind the last that the pass before wanted may have left something */

		tallies_clear(&slot->tallies);
		rejects_clear(slot->rejects);
		slot->rows_in = 0;
	}
	if (segment->spool) {
		if (segment->last || segment->fresh)
			spool_drain(segment->spool, &segment->spooled, NULL, &segment->from);
		else
			spool_source(segment->spool, &segment->spooled, NULL, &segment->from);
	}
	ops_slice(segment->ops, segment->spool ? &segment->from : &segment->in);
	segment->lanes = lanes_new(segment->spool ? &segment->from : &segment->in, segment->n_used, &work);
}

/* The input was read to its end, or as far as it is wanted: a plan that stopped can't prove the end. */
static void end_input(struct segment *segment)
{
	bool stopped = segment->lanes && lanes_stopped(segment->lanes);

	if (!segment->in_ended && !stopped)
		end_copy(&segment->end, segment->in.end(segment->in.state));
	segment->in_ended = true;
	segment->end.partial |= stopped;
}

static void replace_spool(struct segment *segment)
{
	lanes_free(segment->lanes);
	segment->lanes = NULL;
	source_close(&segment->from);
	if (!segment->fresh)
		return;
	spool_free(segment->spool);
	segment->spool = segment->fresh;
	segment->fresh = NULL;
	header_release(&segment->spooled);
	segment->spooled = (struct header)HEADER_INIT;
	schema_copy(&segment->spooled.schema, &segment->fields);
}

static void unit_learned(void *state, const struct fit *fit)
{
	struct segment *segment = state;
	struct plan_step *step = &segment->chain->steps[fit->step];

	fit->unit->fitted = segment->fits.split ? FITTED_TRAIN : FITTED_ALL;
	step->fitted[fit->unit - step->entry.units] = true;
}

static void explain_pass(struct segment *segment);

/* One pass: ops applied, fits fed, rows kept for the next. One that only looks leaves the spool as it is. */
static int pass_run(struct segment *segment, struct error *err)
{
	size_t failed;
	int result, threads;

	ops_clear(segment->ops);
	if (open_ops(segment, err) < 0)
		return -1;
	explain_pass(segment);
	if (fits_start(&segment->fits, &segment->fields, segment->n_used, segment->chain->options.fit_memory, &failed, err) < 0)
		return fail_fit(segment, failed, err);
	segment->cutter.uncut = segment->fits.in_turn;
	if (!segment->looks)
		segment->fresh = spool_new(segment->chain->options.memory, segment->chain->options.host);
	start_lanes(segment);
	result = lanes_run(segment->lanes, err);
	if (result == 0) {
		cutter_finish(&segment->cutter, &segment->lane_states[0].pieces);
		result = learn(segment, 0, err);
	}
	if (result == 0 && segment->fresh)
		result = spool_close(segment->fresh, err);
	if (result < 0)
		return -1;
	end_input(segment);
	threads = lanes_given(segment->lanes) > 1 ? (int)segment->n_used : 1;  /* few rows are no work for threads */
	replace_spool(segment);
	if (fits_finish(&segment->fits, threads, unit_learned, segment, &failed, err) < 0)
		return fail_fit(segment, failed, err);
	return 0;
}

/* Everything up to the last pass, which is left to `next`. */
static int prepare(struct segment *segment, struct error *err)
{
	for (;;) {
		if (open_ready(segment, err) < 0)
			return -1;
		if (segment->n_open == segment->n_steps && segment->fits.n == 0)
			break;
		if (segment->fits.n == 0 && fits_choose(segment, err) < 0)
			return -1;
		if (pass_run(segment, err) < 0)
			return -1;
	}
	segment->last = true;
	ops_clear(segment->ops);
	if (open_ops(segment, err) < 0)
		return -1;
	free(schema_settle(&segment->header.schema));
	find_order(segment);
	explain_pass(segment);
	start_lanes(segment);
	return 0;
}

/* ---- explaining ---- */

static void explain_step(struct buffer *to, const char *what, const struct plan_step *step, const char *rest)
{
	buffer_format(to, "  %-5s %2zu  ", what, step->arguments->number);
	text_show_name(to, step->arguments->line);
	buffer_format(to, "%s\n", rest);
}

/* What the pass about to run does: the units that it applies, and what is fitted. */
static void explain_pass(struct segment *segment)
{
	struct buffer *to = segment->chain->options.explain;
	const struct plan_step *steps = segment->chain->steps;
	size_t behind = segment->first + segment->n_steps;      /* the table step that comes next */
	bool split = schema_find_role(&segment->fields, ROLE_SPLIT) != NO_FIELD;

	if (!to)
		return;
	buffer_format(to, "pass %u: reads ", ++segment->chain->pass);
	if (segment->spool)
		buffer_add_text(to, "the rows kept");
	else if (segment->first > 0)
		buffer_format(to, "the rows of step %zu", steps[segment->first - 1].arguments->number);
	else
		buffer_add_text(to, "the input");
	if (segment->last && behind < segment->chain->n_steps)
		buffer_format(to, ", gives them to step %zu\n", steps[behind].arguments->number);
	else
		buffer_add_text(to, segment->last ? ", writes the output\n" : segment->looks ? "\n" : ", keeps the rows\n");
	for (size_t i = 0; i < segment->ops->n; i++) {
		const struct op *op = &segment->ops->items[i];

		if (i == 0 || op->tally != segment->ops->items[i - 1].tally)
			explain_step(to, segment->looks ? "look" : "apply", &steps[op->tally], "");
		explain_unit(to, op->unit);
	}
	for (size_t i = 0; i < segment->fits.n; i++) {
		const struct fit *fit = &segment->fits.items[i];

		if (i == 0 || fit->step != segment->fits.items[i - 1].step)
			explain_step(to, "fit", &steps[fit->step], split ? "   (on train rows)" : "   (on all rows)");
		explain_unit(to, fit->unit);
	}
}

/* ---- the source ---- */

static int segment_next(void *state, struct batch *to, bool now, struct error *err)
{
	struct segment *segment = state;
	int result = lanes_next(segment->lanes, to, now, err);

	if (result == 0)
		end_input(segment);
	return result;
}

static const struct end *segment_end(void *state)
{
	return &((struct segment *)state)->end;
}

static void segment_cancel(void *state)
{
	source_cancel(&((struct segment *)state)->in);
}

static void segment_close(void *state)
{
	struct segment *segment = state;

	lanes_free(segment->lanes);
	for (size_t i = 0; i < segment->n_lanes; i++) {
		work_release(&segment->lane_states[i].work);
		pieces_release(&segment->lane_states[i].pieces);
		batch_free(&segment->lane_states[i].view);
	}
	for (size_t i = 0; i < lanes_slots(segment->n_lanes); i++) {
		struct error ignored = ERROR_INIT;

		tallies_release(&segment->slots[i].tallies);
		(void)!rejects_close(segment->slots[i].rejects, &ignored);
	}
	free(segment->lane_states);
	free(segment->slots);
	free(segment->due);
	free(segment->order);
	fits_release(&segment->fits);
	cutter_release(&segment->cutter);
	ops_free(segment->ops);
	source_close(&segment->from);
	spool_free(segment->fresh);
	spool_free(segment->spool);
	schema_release(&segment->fields);
	header_release(&segment->spooled);
	source_close(&segment->in);
	header_release(&segment->header);
	end_release(&segment->end);
	free(segment);
}

int segment_open(struct source *out, struct source *in, struct chain *chain, size_t first, size_t n, struct error *err)
{
	struct segment *segment = mem_new(1, sizeof *segment);

	segment->in = *in;
	*in = (struct source){ .state = NULL };
	segment->chain = chain;
	segment->first = first;
	segment->n_steps = n;
	segment->n_lanes = chain->options.threads > 1 ? (size_t)chain->options.threads : 1;
	segment->ops = ops_new(false);
	segment->ops->host = chain->options.host;
	segment->ops->seen = chain->seen;
	segment->lane_states = mem_new(segment->n_lanes, sizeof *segment->lane_states);
	segment->slots = mem_new(lanes_slots(segment->n_lanes), sizeof *segment->slots);
	for (size_t i = 0; i < lanes_slots(segment->n_lanes); i++) {
		tallies_init(&segment->slots[i].tallies, chain->n_steps);
		segment->slots[i].rejects = rejects_part(chain->options.rejects);
	}
	fits_init(&segment->fits, segment->n_lanes, chain->options.host);
	header_copy(&segment->header, segment->in.header);
	*out = (struct source){ .header = &segment->header, .next = segment_next, .end = segment_end, .close = segment_close,
	                        .cancel = segment_cancel, .state = segment };
	if (prepare(segment, err) == 0)
		return 0;
	source_close(out);
	return -1;
}
