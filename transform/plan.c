/* SPDX-License-Identifier: MIT */
/*
 *     input --ops of pass 1, fits--> spool --ops of pass 2, fits--> spool ... --last ops--> out
 *
 * A step is opened (becomes an op) once every step before it is open and its own
 * units are fitted. Each pass applies the steps opened since the pass before, and
 * fits the first unfitted step together with every later one that can be bound by
 * now and reads nothing that a waiting step writes.
 */
#include "plan.h"

#include <stdlib.h>
#include <string.h>

#include "columns.h"
#include "memory.h"
#include "ops.h"
#include "tool.h"
#include "workers.h"

struct plan_step {
	const struct arguments *arguments;
	const struct step_kind *kind;
	struct entry entry;             /* its units, once bound */
	bool bound, *fitted;            /* by unit */
};

struct fit { size_t step, unit; void *state; int result; struct error err; };

struct plan {
	struct source in;
	struct plan_options options;
	struct header header;           /* of what comes out */
	struct plan_step *steps;
	size_t n_steps, n_open, n_passed;       /* steps opened; those whose ops belong to earlier passes */
	struct ops *ops;                /* of the current pass */
	struct fit *fits;
	size_t n_fits, room_fits;
	struct workers *workers;
	struct spool *spool;            /* what the last pass wrote; NULL: reads `in` */
	struct header spooled;          /* its header */
	struct source from;             /* the spool's; else `in` is read */
	struct end end;
	struct stage stage;
	uint64_t rows_in;
	bool stopped, in_ended, ended;
	unsigned pass;
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

static void units_release(struct entry *entry)
{
	for (size_t i = 0; i < entry->n_units; i++)
		unit_release(&entry->units[i]);
	entry->n_units = 0;
}

static int step_bind(struct plan *plan, struct plan_step *step, const struct schema *schema, bool open, struct error *err)
{
	struct binding binding = {.arguments = step->arguments, .schema = schema, .open = open, .seed = plan->options.seed, .entry = &step->entry};
	int result;

	if (step->bound)
		return BIND_DONE;
	result = step->kind->bind(&binding, err);
	if (result != BIND_DONE) {
		units_release(&step->entry);
		return result;
	}
	step->bound = true;
	step->fitted = mem_new(step->entry.n_units, sizeof *step->fitted);
	return BIND_DONE;
}

/* A field that a step would read and that is not what it must be: the message gets the step's place. */
static int step_fail(const struct plan_step *step, struct error *err)
{
	return error_prefix(err, "step %zu '%s'", step->arguments->number, step->arguments->line);
}

/* A second split: what was learned on the old train rows has seen rows that are held out now. */
static void forget_split(struct plan *plan, const struct plan_step *step)
{
	int mark = schema_find_role(&plan->header.schema, ROLE_SPLIT);

	if (mark == NO_FIELD || step->entry.n_units != 1
	    || !names_have(&step->entry.units[0].writes, plan->header.schema.fields[mark].name))
		return;
	for (size_t e = 0; e < plan->header.lineage.n_entries; e++)
		for (size_t u = 0; u < plan->header.lineage.entries[e].n_units; u++) {
			struct unit *unit = &plan->header.lineage.entries[e].units[u];

			if (unit->fitted == FITTED_TRAIN) {
				unit->fitted = FITTED_ALL;
				unit_seal(unit);
			}
		}
}

static int step_open(struct plan *plan, struct plan_step *step, struct error *err)
{
	struct entry *entry;

	forget_split(plan, step);
	entry = lineage_add(&plan->header.lineage, step->arguments->line);
	for (size_t i = 0; i < step->entry.n_units; i++) {
		struct unit *unit = &step->entry.units[i];

		unit_seal(unit);
		array_grow(entry->units, entry->n_units, entry->room);
		unit_copy(&entry->units[entry->n_units++], unit);
		if (ops_add(plan->ops, unit, &plan->header.schema, (size_t)(step - plan->steps), err))
			return step_fail(step, err);
	}
	return 0;
}

/* Opens steps up to the first that has to learn. */
static int open_ready(struct plan *plan, struct error *err)
{
	for (; plan->n_open < plan->n_steps; plan->n_open++) {
		struct plan_step *step = &plan->steps[plan->n_open];

		if (step_bind(plan, step, &plan->header.schema, false, err) != BIND_DONE)
			return -1;
		if (step_learns(step))
			return 0;
		if (step_open(plan, step, err))
			return -1;
	}
	return 0;
}

/* ---- which units this pass fits ---- */

/* The fits of a pass share the memory. */
static int fits_start(struct plan *plan, struct error *err)
{
	struct step_limits limits = {.memory = plan->options.memory / (plan->n_fits ? plan->n_fits : 1)};

	for (size_t i = 0; i < plan->n_fits; i++) {
		struct fit *fit = &plan->fits[i];
		struct plan_step *step = &plan->steps[fit->step];

		fit->state = step->kind->fit_new(&step->entry.units[fit->unit], &plan->header.schema, &limits, err);
		if (!fit->state)
			return step_fail(step, err);
	}
	return 0;
}

/* The fields behind a waiting step, as far as they are known: its units are opened for that and closed at once. */
static int look_behind(const struct plan_step *step, struct schema *known, struct error *err)
{
	for (size_t i = 0; i < step->entry.n_units; i++) {
		void *op = step->kind->open(&step->entry.units[i], known, err);

		if (!op && err->code != STATUS_DONE)
			return step_fail(step, err);
		if (step->kind->close)
			step->kind->close(op);
	}
	return 0;
}

static int fits_choose(struct plan *plan, struct error *err)
{
	struct names pending = {.items = NULL};
	struct schema known;
	bool open = false;
	int result = 0;

	schema_copy(&known, &plan->header.schema);
	for (size_t i = plan->n_open; i < plan->n_steps && result == 0; i++) {
		struct plan_step *step = &plan->steps[i];
		bool rows = false;

		result = step_bind(plan, step, &known, open, err);
		if (result == BIND_WAIT)
			break;
		for (size_t u = 0; result == 0 && u < step->entry.n_units; u++) {
			const struct unit *unit = &step->entry.units[u];

			rows |= unit->acts != ACTS_ON_COLUMNS;
			if (!learns(step, u) || names_overlap(&unit->reads, &pending) || names_overlap(&unit->learned_from, &pending))
				continue;
			array_grow(plan->fits, plan->n_fits, plan->room_fits);
			plan->fits[plan->n_fits++] = (struct fit){.step = i, .unit = u};
		}
		if (rows || result)
			break;          /* what comes behind must not see the rows that go here */
		for (size_t u = 0; u < step->entry.n_units; u++)
			for (size_t w = 0; w < step->entry.units[u].writes.n; w++)
				names_add(&pending, step->entry.units[u].writes.items[w]);
		open |= step->kind->adds_by_fit && step_learns(step);
		result = look_behind(step, &known, err);
	}
	names_release(&pending);
	schema_release(&known);
	return result == BIND_FAILED ? -1 : fits_start(plan, err);
}

/* ---- fitting ---- */

struct update { struct plan *plan; struct batch *batch; const uint64_t *rows; };

static void update_one(void *state, size_t i)
{
	struct update *update = state;
	struct fit *fit = &update->plan->fits[i];

	if (fit->result == 0)
		fit->result = update->plan->steps[fit->step].kind->fit_update(fit->state, update->batch, update->rows, &fit->err);
}

/* Rows marked `train`; NULL: no split before, all rows. */
static int train_rows(struct batch *batch, const uint64_t **rows, struct error *err)
{
	int col = schema_find_role(batch->schema, ROLE_SPLIT);
	const struct column *marks;
	uint64_t *bits;

	*rows = NULL;
	if (col == NO_FIELD)
		return 0;
	marks = column_read(batch, (size_t)col, err);
	if (!marks)
		return -1;
	bits = batch_bits(batch);
	for (size_t row = 0; row < batch->n_rows; row++) {
		size_t size;
		const char *mark = column_text(marks, row, &size);

		bits[row / 64] |= (uint64_t)(size == 5 && memcmp(mark, "train", 5) == 0) << row % 64;
	}
	*rows = bits;
	return 0;
}

static int fits_update(struct plan *plan, struct batch *batch, struct error *err)
{
	struct update update = {.plan = plan, .batch = batch};

	if (train_rows(batch, &update.rows, err))
		return -1;
	/* Columns are read here, before threads share the batch. */
	for (size_t i = 0; i < plan->n_fits; i++) {
		const struct unit *unit = &plan->steps[plan->fits[i].step].entry.units[plan->fits[i].unit];

		for (size_t r = 0; r < unit->reads.n + unit->learned_from.n; r++) {
			const char *name = r < unit->reads.n ? unit->reads.items[r] : unit->learned_from.items[r - unit->reads.n];
			int col = schema_find(batch->schema, name);

			if (col != NO_FIELD && !column_read(batch, (size_t)col, err))
				return -1;
		}
	}
	workers_run(plan->workers, plan->n_fits, update_one, &update);
	for (size_t i = 0; i < plan->n_fits; i++)
		if (plan->fits[i].result) {
			*err = plan->fits[i].err;
			return step_fail(&plan->steps[plan->fits[i].step], err);
		}
	return 0;
}

/* Ends the fits; those that want the rows again stay. */
static int fits_finish(struct plan *plan, struct error *err)
{
	bool split = schema_find_role(&plan->header.schema, ROLE_SPLIT) != NO_FIELD;
	size_t n_left = 0;

	for (size_t i = 0; i < plan->n_fits; i++) {
		struct fit *fit = &plan->fits[i];
		struct plan_step *step = &plan->steps[fit->step];
		struct unit *unit = &step->entry.units[fit->unit];
		int result = err->code ? FIT_FAILED : step->kind->fit_finish(fit->state, unit, err);

		if (result == FIT_AGAIN) {
			plan->fits[n_left++] = *fit;
			continue;
		}
		if (result == FIT_FAILED)
			step_fail(step, err);
		unit->fitted = split ? FITTED_TRAIN : FITTED_ALL;
		step->fitted[fit->unit] = true;
		step->kind->fit_free(fit->state);
	}
	plan->n_fits = n_left;
	return err->code ? -1 : 0;
}

static void fits_drop(struct plan *plan)
{
	for (size_t i = 0; i < plan->n_fits; i++)
		if (plan->fits[i].state)
			plan->steps[plan->fits[i].step].kind->fit_free(plan->fits[i].state);
	plan->n_fits = 0;
}

/* ---- passes ---- */

/* The next batch of what this pass reads, with the ops of this pass applied; NULL at the end. */
static int step_batch(struct plan *plan, struct batch **batch, struct error *err)
{
	struct source *from = plan->spool ? &plan->from : &plan->in;
	bool stop = false;

	*batch = NULL;
	while (!plan->stopped) {
		if (source_next(from, batch, err))
			return -1;
		if (!*batch)
			break;
		if (!plan->spool)
			plan->rows_in += (*batch)->n_rows;
		if (ops_run(plan->ops, *batch, true, plan->options.rejects, &stop, err))
			return -1;
		(*batch)->schema = &plan->header.schema;        /* behind the steps opened so far */
		plan->stopped = stop;
		if ((*batch)->n_rows)
			return 0;
	}
	*batch = NULL;
	if (!plan->in_ended) {          /* a stopped plan leaves the rest of its input unread: it can't prove the end */
		plan->in_ended = true;
		if (!plan->stopped)
			end_copy(&plan->end, plan->in.end(plan->in.state));
		plan->end.partial |= plan->stopped;
	}
	plan->stopped = false;
	return 0;
}

static void spool_replace(struct plan *plan, struct spool *fresh)
{
	source_close(&plan->from);
	if (plan->spool != fresh) {
		spool_free(plan->spool);
		plan->spool = fresh;
		header_release(&plan->spooled);
		header_copy(&plan->spooled, &plan->header);
	}
}

/* The next pass reads what the last one wrote; `last`: nobody will again. */
static void read_again(struct plan *plan, bool last)
{
	if (!plan->spool)
		return;
	if (last)
		spool_drain(plan->spool, &plan->spooled, NULL, &plan->from);
	else
		spool_source(plan->spool, &plan->spooled, NULL, &plan->from);
}

/* One pass: ops applied, fits fed, rows kept for the next. A pass that changes nothing leaves the spool as it is. */
static int pass_run(struct plan *plan, struct error *err)
{
	bool keep = !plan->spool || plan->ops->n > 0;
	struct spool *fresh = keep ? spool_new(plan->options.memory) : plan->spool;
	struct batch *batch;
	int result;

	plan->pass++;
	read_again(plan, keep);
	while ((result = step_batch(plan, &batch, err)) == 0 && batch) {
		result = fits_update(plan, batch, err);
		if (result == 0 && keep)
			result = spool_add(fresh, batch, err);
		if (result)
			break;
	}
	if (result) {
		if (keep)
			spool_free(fresh);
		return -1;
	}
	spool_replace(plan, fresh);
	ops_clear(plan->ops);
	plan->n_passed = plan->n_open;
	return fits_finish(plan, err);
}

static void explain_pass(struct plan *plan);

static int plan_prepare(struct plan *plan, struct error *err)
{
	for (;;) {
		if (open_ready(plan, err))
			return -1;
		if (plan->n_open == plan->n_steps && plan->n_fits == 0)
			break;
		if (plan->n_fits == 0 && fits_choose(plan, err))
			return -1;
		explain_pass(plan);
		if (pass_run(plan, err))
			return -1;
	}
	explain_pass(plan);
	read_again(plan, true);
	return 0;
}

/* ---- explaining ---- */

static void explain_names(struct buffer *to, const struct names *names)
{
	for (size_t i = 0; i < names->n; i++)
		buffer_format(to, "%s%s", i ? ", " : "", names->items[i]);
}

static void explain_unit(struct buffer *to, const struct unit *unit)
{
	static const char *const acts[] = { "columns", "rows", "table" };

	buffer_format(to, "      %s", acts[unit->acts]);
	if (unit->reads.n) {
		buffer_add_text(to, unit->acts == ACTS_ON_COLUMNS ? " " : " by ");
		explain_names(to, &unit->reads);
	}
	if (unit->writes.n) {
		buffer_add_text(to, " -> ");
		explain_names(to, &unit->writes);
	}
	buffer_add_text(to, "\n");
}

/* What the pass about to run does: steps opened since the last one, and what is fitted. */
static void explain_pass(struct plan *plan)
{
	struct buffer *to = plan->options.explain;
	bool split = schema_find_role(&plan->header.schema, ROLE_SPLIT) != NO_FIELD;

	if (!to)
		return;
	if (plan->n_fits)
		buffer_format(to, "pass %u: %s, keeps the rows\n", plan->pass + 1, plan->spool ? "reads the rows kept" : "reads the input");
	else
		buffer_format(to, "pass %u: %s, writes the output\n", plan->pass + 1, plan->spool ? "reads the rows kept" : "reads the input");
	for (size_t i = plan->n_passed; i < plan->n_open; i++) {
		buffer_format(to, "  apply %2zu  %s\n", plan->steps[i].arguments->number, plan->steps[i].arguments->line);
		for (size_t u = 0; u < plan->steps[i].entry.n_units; u++)
			explain_unit(to, &plan->steps[i].entry.units[u]);
	}
	for (size_t i = 0; i < plan->n_fits; i++) {
		const struct plan_step *step = &plan->steps[plan->fits[i].step];

		if (i == 0 || plan->fits[i].step != plan->fits[i - 1].step)
			buffer_format(to, "  fit   %2zu  %s   (on %s rows)\n", step->arguments->number, step->arguments->line, split ? "train" : "all");
		explain_unit(to, &step->entry.units[plan->fits[i].unit]);
	}
}

void plan_counts(const struct source *source, struct buffer *to)
{
	const struct plan *plan = source->state;

	for (size_t i = 0; i < plan->n_steps; i++) {
		const struct tally *tallies[2] = {&plan->ops->dropped[i], &plan->ops->counts[i]};

		buffer_format(to, "%2zu  %s\n", plan->steps[i].arguments->number, plan->steps[i].arguments->line);
		for (int t = 0; t < 2; t++)
			for (size_t j = 0; j < tallies[t]->n; j++) {
				buffer_add_text(to, t ? "      " : "      rows dropped, ");
				tally_item_print_within(&tallies[t]->items[j], to);
				buffer_format(to, ": %llu\n", (unsigned long long)tallies[t]->items[j].count);
			}
	}
}

/* ---- the source ---- */

static void stage_fill(struct plan *plan)
{
	struct stage *stage = &plan->stage;

	stage->program = mem_text(plan->options.program);
	stage->rows_in = plan->rows_in;
	stage->rejected = rejects_count(plan->options.rejects);
	stage->seconds = tool_seconds();
	for (size_t i = 0; i < plan->n_steps; i++) {
		const char *step = plan->steps[i].arguments->line;

		tally_merge_as(&stage->dropped, &plan->ops->dropped[i], step);
		tally_merge_as(&stage->counts, &plan->ops->counts[i], step);
	}
	end_add_stage(&plan->end, stage);
}

static int plan_next(void *state, struct batch **batch, struct error *err)
{
	struct plan *plan = state;

	if (plan->ended) {
		*batch = NULL;
		return 0;
	}
	if (step_batch(plan, batch, err))
		return -1;
	if (*batch) {
		plan->stage.rows_out += (*batch)->n_rows;
	} else {
		plan->ended = true;
		stage_fill(plan);
	}
	return 0;
}

static const struct end *plan_end(void *state)
{
	return &((struct plan *)state)->end;
}

static void plan_close(void *state)
{
	struct plan *plan = state;

	fits_drop(plan);
	ops_free(plan->ops);
	source_close(&plan->from);
	spool_free(plan->spool);
	header_release(&plan->spooled);
	source_close(&plan->in);
	for (size_t i = 0; i < plan->n_steps; i++) {
		units_release(&plan->steps[i].entry);
		free(plan->steps[i].entry.units);
		free(plan->steps[i].fitted);
	}
	free(plan->steps);
	free(plan->fits);
	workers_free(plan->workers);
	header_release(&plan->header);
	end_release(&plan->end);
	stage_release(&plan->stage);
	free(plan);
}

int plan_open(struct source *out, struct source *in, const struct recipe *recipe, const struct plan_options *options, struct error *err)
{
	struct plan *plan = mem_new(1, sizeof *plan);
	int result = 0;

	plan->in = *in;
	*in = (struct source){NULL, NULL, NULL, NULL, NULL};
	plan->options = *options;
	plan->n_steps = recipe->n;
	plan->steps = mem_new(recipe->n, sizeof *plan->steps);
	plan->ops = ops_new(recipe->n);
	plan->workers = workers_new(options->threads);
	header_copy(&plan->header, plan->in.header);
	*out = (struct source){&plan->header, plan_next, plan_end, plan_close, plan};
	for (size_t i = 0; i < recipe->n && result == 0; i++) {
		plan->steps[i].arguments = &recipe->steps[i];
		plan->steps[i].kind = step_require(&recipe->steps[i], err);
		if (!plan->steps[i].kind)
			result = -1;
	}
	if (result == 0)
		result = plan_prepare(plan, err);
	if (result)
		source_close(out);
	return result;
}
