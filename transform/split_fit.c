/* SPDX-License-Identifier: MIT */
#include "split_fit.h"

#include <stdlib.h>

#include "memory.h"

static const char *const how_names[] = { "chance", "by", "from", "rows", "class", "time" };

bool split_plan_read(struct split_plan *plan, object state)
{
	object how = map_get(state, "how"), folds = map_get(state, "folds"), gap = map_get(state, "gap");
	int64_t seed;

	*plan = (struct split_plan){ .marks = { .split = NO_FIELD } };
	for (enum split_how i = SPLIT_BY_CHANCE; i <= SPLIT_BY_TIME; i++)
		if (object_is_text(how, how_names[i]))
			plan->how = i;
	if (!object_real(map_get(state, "test"), &plan->marks.test) || !object_real(map_get(state, "valid"), &plan->marks.valid) ||
	    !object_int(map_get(state, "seed"), &seed) || (folds && (!object_uint(folds, &plan->n_folds) || plan->n_folds > MOST_FOLDS)) ||
	    (gap && !object_real(gap, &plan->gap)))
		return false;
	plan->marks.seed = (uint64_t)seed;
	return true;
}

void split_plan_pack(const struct split_plan *plan, uint32_t more, struct buffer *to)
{
	bool learns = plan->how == SPLIT_BY_CLASS || plan->how == SPLIT_BY_TIME;

	pack_map(to, 4 + (plan->n_folds > 0) + learns + more);
	pack_key_text(to, "how", how_names[plan->how]);
	pack_key_real(to, "test", plan->marks.test);
	pack_key_real(to, "valid", plan->marks.valid);
	pack_key_int(to, "seed", (int64_t)plan->marks.seed);
	if (plan->n_folds > 0) {
		pack_text(to, "folds");
		pack_uint(to, plan->n_folds);
	}
	if (learns)
		pack_key_real(to, "gap", plan->gap);
}

/* ---- what was learned ---- */

bool split_learned_read(const struct split_plan *plan, object state, struct split_learned *learned)
{
	struct split_times *times = &learned->times;
	object from;

	*learned = (struct split_learned){ .cuts = { .keys = NULL } };
	if (plan->how == SPLIT_BY_CLASS)
		return cuts_unpack(&learned->cuts, map_get(state, "cuts")) && learned->cuts.n_cuts == (plan->n_folds ? plan->n_folds - 1 : 2);
	from = map_get(state, "times");
	times->test = object_real(array_get(from, 0), &times->test_from);
	times->valid = object_real(array_get(from, 1), &times->valid_from);
	return array_size(from) == 2;
}

void split_learned_release(struct split_learned *learned) { cuts_release(&learned->cuts); }

static bool is_before(double time, double from, double gap) { return time < from && time <= from - gap; }

enum mark split_time_mark(const struct split_times *times, double gap, double time)
{
	if (times->test && !is_before(time, times->test_from, gap))
		return time >= times->test_from ? MARK_TEST : MARK_NONE;
	if (times->valid && !is_before(time, times->valid_from, gap))
		return time >= times->valid_from ? MARK_VALID : MARK_NONE;
	return MARK_TRAIN;
}

/* ---- learning ---- */

struct split_fit {
	const struct host *host;
	char *column;
	enum type type;
	size_t col;
	struct split_plan plan;
	struct strata strata;           /* by class */
	struct group_medians values;    /* by time: in one group */
	uint64_t *keys;
	size_t room;
};

static bool is_learned(object state) { return map_get(state, "cuts") || map_get(state, "times"); }

bool split_learns(const struct unit *unit)
{
	struct error err = ERROR_INIT;
	struct split_plan plan;
	struct unpacked state;
	bool learns;

	if (unit_state(unit, &state, &err) < 0)
		return false;                   /* open will tell */
	learns = split_plan_read(&plan, &state.object) && (plan.how == SPLIT_BY_CLASS || plan.how == SPLIT_BY_TIME) && !is_learned(&state.object);
	unpacked_free(&state);
	return learns;
}

void split_fit_free(void *state)
{
	struct split_fit *fit = state;

	if (!fit)
		return;
	strata_release(&fit->strata);
	group_medians_release(&fit->values);
	free(fit->column);
	free(fit->keys);
	free(fit);
}

void *split_fit_new(const struct unit *unit, const struct schema *schema, const struct step_limits *limits, struct error *err)
{
	struct split_fit *fit = mem_new(1, sizeof *fit);
	struct unpacked state;
	bool fine;
	int col;

	fit->host = limits->host;
	if (unit_state(unit, &state, err) < 0)
		goto fail;
	fine = split_plan_read(&fit->plan, &state.object) && unit->reads.n == 1;
	unpacked_free(&state);
	if (!fine) {
		error_set(err, STATUS_FAILED, "broken state of 'split'");
		goto fail;
	}
	if ((col = open_column(schema, unit->reads.items[0], TYPES_ANY, err)) == NO_FIELD)
		goto fail;
	fit->col = (size_t)col;
	fit->column = mem_text(unit->reads.items[0]);
	fit->type = schema->fields[col].type;
	strata_init(&fit->strata, fit->type, limits->memory, limits->host, limits->runs);
	group_medians_init(&fit->values, limits->memory, limits->host, limits->runs);
	return fit;
fail:
	split_fit_free(fit);
	return NULL;
}

static double time_of(const struct column *column, enum type type, size_t row)
{
	return type == TYPE_REAL ? column_real(column, row) : (double)column_int(column, row);
}

int split_fit_update(void *state, struct batch *batch, const uint64_t *rows, struct error *err)
{
	struct split_fit *fit = state;
	const struct column *column = column_read(batch, fit->col, err);

	(void)rows;
	if (!column)
		return -1;
	if (fit->plan.how == SPLIT_BY_CLASS) {
		if (batch->n_rows > fit->room) {
			fit->room = batch->n_rows;
			fit->keys = mem_resize(fit->keys, fit->room, sizeof *fit->keys);
		}
		marks_keys(&fit->plan.marks, batch, fit->keys);
		return strata_add(&fit->strata, column, batch->n_rows, NULL, fit->keys, err) < 0 ? error_prefix(err, "column '%s'", fit->column) : 0;
	}
	group_medians_room(&fit->values, 1);
	for (size_t row = 0; row < batch->n_rows; row++)
		if (column_valid(column, row) && group_medians_add(&fit->values, 0, time_of(column, fit->type, row), err) < 0)
			return -1;
	return 0;
}

int split_fit_merge(void *state, void *other, struct error *err)
{
	static const uint32_t same[1] = { 0 };
	struct split_fit *to = state, *from = other;

	if (strata_merge(&to->strata, &from->strata, err) < 0)
		return error_prefix(err, "column '%s'", to->column);
	group_medians_room(&to->values, 1);
	return group_medians_merge(&to->values, &from->values, same, 1, err);
}

int split_fit_pack(const void *state, struct buffer *to, struct error *err)
{
	const struct split_fit *fit = state;

	pack_array(to, 2);
	if (strata_pack(&fit->strata, to, err) < 0)
		return -1;
	return group_medians_pack(&fit->values, to, err);
}

int split_fit_unpack(void *state, object from, struct error *err)
{
	struct split_fit *fit = state;

	if (array_size(from) != 2)
		return error_set(err, STATUS_FAILED, "broken fit of 'split'");
	if (strata_unpack(&fit->strata, array_get(from, 0), err) < 0)
		return -1;
	return group_medians_unpack(&fit->values, 1, array_get(from, 1), err);
}

/* ---- finishing: by class ---- */

/* Rows of all classes, one behind the other, are dealt to the folds in turn: each class, and all rows, are even to within one. */
static void fold_ranks(const struct cut_rule *rule, uint64_t before, uint64_t n, uint64_t *ranks)
{
	uint64_t n_folds = rule->n_cuts + 1, rank = 0;

	for (uint64_t fold = 0; fold + 1 < n_folds; fold++) {
		rank += (before + n + n_folds - 1 - fold) / n_folds - (before + n_folds - 1 - fold) / n_folds;
		ranks[fold] = rank;
	}
}

static void note_rare(const struct split_fit *fit, const struct cuts *cuts, const struct shares *shares)
{
	struct buffer line = BUFFER_INIT;
	size_t n = 0;

	if (fit->plan.n_folds == 0 && shares_rare(cuts, shares, fit->column, host_shows_values(fit->host), &line))
		host_note(fit->host, "split: %s", buffer_text(&line));
	for (size_t i = 0; i < cuts->classes.n; i++)
		n += cuts->classes.items[i].count < fit->plan.n_folds;
	if (n > 0)
		host_note(fit->host, "split: %zu of %zu classes of '%s' %s fewer rows than there are folds", n, cuts->classes.n, fit->column,
		          n == 1 ? "has" : "have");
	buffer_free(&line);
}

static int finish_classes(struct split_fit *fit, struct buffer *to, struct error *err)
{
	const struct shares shares = { fit->plan.marks.test, fit->plan.marks.valid };
	const struct cut_rule rule = fit->plan.n_folds ? (struct cut_rule){ (size_t)fit->plan.n_folds - 1, fold_ranks, NULL } : shares_rule(&shares);
	struct cuts cuts;
	int result = strata_finish(&fit->strata, &rule, &cuts, err);

	if (result == 0) {
		note_rare(fit, &cuts, &shares);
		pack_text(to, "cuts");
		cuts_pack(&cuts, to);
	}
	cuts_release(&cuts);
	return result;
}

/* ---- finishing: by time ---- */

/* In order: the value at a rank; how many lie the gap before `from` or more. */
struct time_look { uint64_t rank, seen, n_before; double value, from, gap; };

static int look_at(void *state, uint32_t group, double value, struct error *err)
{
	struct time_look *looking = state;

	(void)group, (void)err;
	if (looking->seen++ == looking->rank)
		looking->value = value;
	looking->n_before += is_before(value, looking->from, looking->gap);
	return 0;
}

/* Of the first *n times in order the last `rows`, or more, begin at *from; *n: those that are left before it. */
static int cut_times(struct split_fit *fit, uint64_t rows, uint64_t *n, double *from, struct error *err)
{
	struct time_look looking = { .rank = *n - rows };

	if (rows < *n) {
		if (group_medians_in_order(&fit->values, look_at, &looking, err) < 0)
			return -1;
		*from = looking.value;
		looking = (struct time_look){ .rank = UINT64_MAX, .from = *from, .gap = fit->plan.gap };
		if (group_medians_in_order(&fit->values, look_at, &looking, err) < 0)
			return -1;
	}
	*n = looking.n_before;
	if (*n == 0)
		return error_set(err, STATUS_FAILED, "column '%s': no row would be left to train on", fit->column);
	return 0;
}

static int finish_times(struct split_fit *fit, struct buffer *to, struct error *err)
{
	uint64_t n = fit->values.n_groups ? fit->values.counts[0] : 0, left = n;
	uint64_t test = share_of(fit->plan.marks.test, n), valid = share_of(fit->plan.marks.valid, n);
	double from[2];

	if ((test > 0 && cut_times(fit, test, &left, &from[0], err) < 0) || (valid > 0 && cut_times(fit, valid, &left, &from[1], err) < 0))
		return -1;
	pack_text(to, "times");
	pack_array(to, 2);
	for (int i = 0; i < 2; i++)
		if ((i ? valid : test) > 0)
			pack_real(to, from[i]);
		else
			pack_nil(to);
	return 0;
}

/* What was said, and what was learned. */
int split_fit_finish(void *state, struct unit *unit, struct error *err)
{
	struct split_fit *fit = state;
	struct buffer learned = BUFFER_INIT, packed = BUFFER_INIT;
	int result = fit->plan.how == SPLIT_BY_CLASS ? finish_classes(fit, &learned, err) : finish_times(fit, &learned, err);

	if (result == 0) {
		split_plan_pack(&fit->plan, 1, &packed);
		buffer_add(&packed, learned.data, learned.size);
		unit_set_state(unit, &packed);
	}
	buffer_free(&learned);
	buffer_free(&packed);
	return result < 0 ? FIT_FAILED : FIT_DONE;
}
