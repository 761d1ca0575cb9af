/* SPDX-License-Identifier: MIT */
#include "segment.h"

#include <stdlib.h>
#include <string.h>

#include "columns.h"
#include "cutter.h"
#include "explain.h"
#include "memory.h"
#include "agenda.h"
#include "spool.h"
#include "text.h"

struct turn_slot { struct tallies tallies; struct rejects *rejects; uint64_t rows_in; };
struct lane_state { struct work work; struct pieces pieces; struct batch view; };

struct segment {
	struct chain *chain;
	struct source in;
	struct agenda agenda;
	struct header header;           /* of what comes out, without lineage */
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

/* ---- opening the units of a pass ---- */

/* Whether the pass may drop what its units make: the rows are kept, none goes, and no unit was used so before. */
static bool may_look(const struct segment *segment)
{
	bool may = segment->spool && !segment->last;

	for (size_t i = 0; i < segment->agenda.n_due; i++) {
		const struct due_unit *due = &segment->agenda.due[i];

		may &= !due->now || (due->unit->acts == ACTS_ON_COLUMNS && !due->looked);
	}
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
	struct agenda *agenda = &segment->agenda;
	size_t n_left = 0;

	agenda_due(agenda, &segment->fits, segment->last);
	segment->looks = may_look(segment);
	schema_release(&segment->fields);
	schema_copy(&segment->fields, &header->schema);
	for (size_t i = 0; i < agenda->n_due; i++) {
		struct due_unit *due = &agenda->due[i];
		const struct unit *unit = due->unit;
		size_t step = due->step;

		due->looked |= due->now;
		if (!due->now || segment->looks)
			agenda->due[n_left++] = *due;
		if (!due->now)
			continue;
		if (ops_add(segment->ops, unit, &segment->fields, step - agenda->first, err) < 0)
			return step_fail(&segment->chain->steps[step], err);
	}
	agenda->n_due = n_left;
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
	batch->schema = segment->last ? &segment->header.schema : &segment->fields;
	if (batch->n_rows == 0)
		return 0;
	if (!segment->last)
		return feed(segment, lane, batch, turn, err);
	if (segment->order)
		batch_arrange(batch, segment->order, segment->header.schema.n_fields);
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
		tallies_take(&segment->chain->totals, segment->agenda.first, &slot->tallies);
	if (segment->agenda.first == 0 && !segment->spool)
		segment->chain->rows_in += slot->rows_in;
	slot->rows_in = 0;
	return rejects_take(segment->chain->options.rejects, slot->rejects, err);
}

static void start_lanes(struct segment *segment)
{
	const struct lanes_work work = { .n_gates = segment->ops->n_gates + (segment->last ? 0 : 1), .work = work_on, .give = take_slot,
	                                 .state = segment, .host = segment->chain->options.host };

	(void)schema_find(segment->last ? &segment->header.schema : &segment->fields, "");     /* makes its index, before lanes share it */
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
	step->units[fit->unit - step->entry.units].fitted = true;
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
	struct agenda *agenda = &segment->agenda;

	for (;;) {
		if (agenda_ready(agenda, err) < 0)
			return -1;
		if (agenda->n_open == agenda->n_steps && segment->fits.n == 0)
			break;
		if (segment->fits.n == 0 && agenda_fits(agenda, &segment->fits, err) < 0)
			return -1;
		if (pass_run(segment, err) < 0)
			return -1;
	}
	segment->last = true;
	ops_clear(segment->ops);
	if (open_ops(segment, err) < 0)
		return -1;
	free(schema_settle(&agenda->schema));
	segment->header.schema = agenda->schema;
	agenda->schema = (struct schema)SCHEMA_INIT;
	find_order(segment);
	explain_pass(segment);
	schema_release(&segment->fields);
	segment->fields = (struct schema)SCHEMA_INIT;
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
	size_t first = segment->agenda.first, behind = first + segment->agenda.n_steps;     /* the table step that comes next */
	bool split = schema_find_role(&segment->fields, ROLE_SPLIT) != NO_FIELD;

	if (!to)
		return;
	buffer_format(to, "pass %u: reads ", ++segment->chain->pass);
	if (segment->spool)
		buffer_add_text(to, "the rows kept");
	else if (first > 0)
		buffer_format(to, "the rows of step %zu", steps[first - 1].arguments->number);
	else
		buffer_add_text(to, "the input");
	if (segment->last && behind < segment->chain->n_steps)
		buffer_format(to, ", gives them to step %zu\n", steps[behind].arguments->number);
	else
		buffer_add_text(to, segment->last ? ", writes the output\n" : segment->looks ? "\n" : ", keeps the rows\n");
	for (size_t i = 0; i < segment->ops->n; i++) {
		const struct op *op = &segment->ops->items[i];

		if (i == 0 || op->tally != segment->ops->items[i - 1].tally)
			explain_step(to, segment->looks ? "look" : "apply", &steps[first + op->tally], "");
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
	agenda_release(&segment->agenda);
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
	segment->agenda = (struct agenda){ .chain = chain, .first = first, .n_steps = n };
	segment->n_lanes = chain->options.threads > 1 ? (size_t)chain->options.threads : 1;
	segment->ops = ops_new(false);
	segment->ops->host = chain->options.host;
	segment->ops->seen = chain->seen;
	segment->lane_states = mem_new(segment->n_lanes, sizeof *segment->lane_states);
	segment->slots = mem_new(lanes_slots(segment->n_lanes), sizeof *segment->slots);
	for (size_t i = 0; i < lanes_slots(segment->n_lanes); i++) {
		tallies_init(&segment->slots[i].tallies, n);
		segment->slots[i].rejects = rejects_part(chain->options.rejects);
	}
	fits_init(&segment->fits, segment->n_lanes, chain->options.host);
	schema_copy(&segment->agenda.schema, &segment->in.header->schema);
	*out = (struct source){ .header = &segment->header, .next = segment_next, .end = segment_end, .close = segment_close,
	                        .cancel = segment_cancel, .state = segment };
	if (prepare(segment, err) == 0)
		return 0;
	source_close(out);
	return -1;
}
