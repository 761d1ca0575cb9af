/* SPDX-License-Identifier: MIT */
/* A task is a machine, or one of its folds. */
#include "svm_train.h"

#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "rng.h"

enum { FEW_ROWS = 512, WHOLE = 0 };     /* rows whose matrix is made at once in any case; the part of a task that is the machine itself, folds from 1 on */

struct training_run {
	const struct svm_kernel *kernel;
	const struct svm_table *table;
	const struct svm_options *options;
	struct svm_machine *machines;
	struct svm_cache *whole;        /* of all rows; NULL: each task has its own */
	uint64_t memory;                /* of each of these */
	uint32_t *folds;                /* by row, from 1 on; NULL: none */
	double **decisions;             /* by machine, of its rows */
	pthread_mutex_t lock;
	size_t failed;                  /* the first task that did */
	struct error err;
};

/* The variables of a task. */
struct task {
	struct svm_problem problem;
	size_t n_rows;                  /* of numbers there are two variables for each */
	uint32_t *rows;
	signed char *y;
	double *p, *c;
};

uint64_t svm_variables_memory(uint64_t n_rows, size_t n_classes, size_t threads)
{
	return (n_classes == 0 ? 2 * n_rows : n_rows) * SVM_VARIABLE * (threads < 1 ? 1 : threads);
}

uint64_t svm_coefficients_memory(uint64_t n_rows, size_t n_classes) { return n_rows * (n_classes < 2 ? 1 : n_classes - 1) * sizeof(double); }

static double weight_of(const struct svm_table *table, size_t row) { return table->weights ? table->weights[row] : 1; }

/* Row i of a machine: of its first class, then of the second. */
static size_t row_at(const struct svm_table *table, const struct svm_machine *machine, size_t i)
{
	size_t n_first;

	if (table->n_classes == 0)
		return i;
	n_first = table->starts[machine->first + 1] - table->starts[machine->first];
	return i < n_first ? table->starts[machine->first] + i : table->starts[machine->second] + i - n_first;
}

static size_t rows_in(const struct svm_table *table, size_t class) { return table->starts[class + 1] - table->starts[class]; }

static size_t n_rows_of(const struct svm_table *table, const struct svm_machine *machine)
{
	return table->n_classes == 0 ? table->rows.n_rows : rows_in(table, machine->first) + rows_in(table, machine->second);
}

static bool is_first(const struct svm_table *table, const struct svm_machine *machine, size_t i)
{
	return table->n_classes == 0 || i < rows_in(table, machine->first);
}

/* ---- variables ---- */

static void task_release(struct task *task)
{
	free(task->rows);
	free(task->y);
	free(task->p);
}

/* Rows that are not in the fold. */
static void task_start(struct task *task, const struct training_run *run, const struct svm_machine *machine, size_t fold)
{
	const struct svm_table *table = run->table;
	const struct svm_options *options = run->options;
	size_t n = n_rows_of(table, machine), room = table->n_classes == 0 ? 2 * n : n;

	*task = (struct task){ .rows = mem_array(room + 1, sizeof *task->rows), .y = mem_array(room + 1, sizeof *task->y), .p = mem_array(3 * room + 1, sizeof *task->p) };
	task->c = task->p + room;
	task->problem = (struct svm_problem){ .rows = task->rows, .y = task->y, .p = task->p, .c = task->c, .alpha = task->c + room, .nu = options->nu > 0,
	                                      .shrinking = options->shrinking, .tol = options->tol, .max_iter = options->max_iter,
	                                      .stopped = options->stopped, .state = options->state };
	for (size_t i = 0; i < n; i++) {
		size_t row = row_at(table, machine, i), k = task->n_rows;

		if (fold != WHOLE && run->folds[row] == fold)
			continue;
		task->rows[k] = (uint32_t)row;
		task->y[k] = is_first(table, machine, i) ? 1 : -1;
		task->p[k] = options->nu > 0 ? 0 : -1;
		task->c[k] = weight_of(table, row) * (options->nu > 0 && table->n_classes > 0 ? 1 : options->c);
		task->problem.alpha[k] = 0;
		task->n_rows++;
	}
	task->problem.n = task->n_rows;
}

/* Twice all rows: above and below the tube around the targets. */
static void double_rows(struct task *task, const struct training_run *run)
{
	size_t n = task->n_rows;
	double left = 0;

	for (size_t k = 0; k < n; k++) {
		double target = run->table->targets[task->rows[k]], epsilon = run->options->nu > 0 ? 0 : run->options->epsilon;

		task->rows[n + k] = task->rows[k];
		task->y[n + k] = -1;
		task->p[k] = epsilon - target;
		task->p[n + k] = epsilon + target;
		task->c[n + k] = task->c[k];
		task->problem.alpha[n + k] = 0;
		left += run->options->nu * task->c[k] / 2;
	}
	for (size_t k = 0; k < n && run->options->nu > 0; k++) {
		task->problem.alpha[k] = task->problem.alpha[n + k] = fmin(left, task->c[k]);
		left -= task->problem.alpha[k];
	}
	task->problem.n = 2 * n;
}

/* The first variables of each class, up to half of nu each. */
static void start_nu(struct task *task, double nu)
{
	double sums[2] = { 0, 0 }, left[2], all = 0, half;

	for (size_t k = 0; k < task->n_rows; k++) {
		sums[task->y[k] < 0] += task->c[k];
		all += nu * task->c[k];
	}
	half = fmin(all / 2, fmin(sums[0], sums[1]));
	left[0] = left[1] = half;
	for (size_t k = 0; k < task->n_rows; k++) {
		double *of = &left[task->y[k] < 0];

		task->problem.alpha[k] = fmin(task->c[k], *of);
		*of -= task->problem.alpha[k];
	}
}

/* ---- solving ---- */

static struct svm_cache *own_cache(const struct training_run *run, const struct svm_machine *machine)
{
	const struct svm_table *table = run->table;
	struct svm_range ranges[2] = { { 0, table->rows.n_rows } };
	size_t n_ranges = 1;

	if (table->n_classes > 2) {
		ranges[0] = (struct svm_range){ table->starts[machine->first], table->starts[machine->first + 1] };
		ranges[1] = (struct svm_range){ table->starts[machine->second], table->starts[machine->second + 1] };
		n_ranges = 2;
		if (ranges[0].end == ranges[1].first) {
			ranges[0].end = ranges[1].end;
			n_ranges = 1;
		}
	}
	return svm_cache_new(run->kernel, &table->rows, ranges, n_ranges, run->memory);
}

/* Into the units of C: there a free row is at a distance of 1. false: there is no margin. */
static bool unscale_nu(const struct task *task, struct svm_solution *solution)
{
	double r = solution->r;

	if (!(r > 0))
		return false;
	for (size_t k = 0; k < task->n_rows; k++)
		task->problem.alpha[k] /= r;
	solution->rho /= r;
	solution->objective /= r * r;
	return true;
}

/* The coefficients come to lie in alpha. 1; 0: nu finds no margin; -1. */
static int solve_task(struct task *task, const struct training_run *run, struct svm_cache *cache, struct svm_solution *solution, size_t *n_bound, struct error *err)
{
	bool numbers = run->table->n_classes == 0;
	double *alpha = task->problem.alpha;

	task->problem.cache = cache;
	if (numbers)
		double_rows(task, run);
	else if (run->options->nu > 0)
		start_nu(task, run->options->nu);
	if (svm_solve(&task->problem, solution, err) < 0)
		return -1;
	for (size_t k = 0; k < task->problem.n; k++)
		*n_bound += alpha[k] >= task->c[k];
	if (!numbers && run->options->nu > 0 && !unscale_nu(task, solution))
		return 0;
	for (size_t k = 0; k < task->n_rows; k++)
		alpha[k] = numbers ? alpha[k] - alpha[task->n_rows + k] : alpha[k] * task->y[k];
	return 1;
}

/* Decisions on the rows of a fold, by the machine of the others. */
static int judge_fold(const struct task *task, const struct training_run *run, size_t number, size_t fold, struct svm_cache *cache, double rho)
{
	const struct svm_machine *machine = &run->machines[number];
	double *decisions = run->decisions[number];
	size_t n = n_rows_of(run->table, machine), n_in = 0, *places = mem_array(2 * n + 1, sizeof *places), *columns = places + n;
	int result = 0;

	for (size_t i = 0; i < n; i++)
		if (run->folds[row_at(run->table, machine, i)] == fold) {
			places[n_in] = i;
			columns[n_in++] = svm_cache_column(cache, row_at(run->table, machine, i));
		}
	for (size_t k = 0; k < task->n_rows && result == 0; k++) {
		const float *values = task->problem.alpha[k] != 0 ? svm_cache_row(cache, task->rows[k]) : NULL;

		result = values || task->problem.alpha[k] == 0 ? 0 : -1;
		for (size_t i = 0; values && i < n_in; i++)
			decisions[places[i]] += task->problem.alpha[k] * values[columns[i]];
	}
	for (size_t i = 0; i < n_in; i++)
		decisions[places[i]] -= rho;
	free(places);
	return result;
}

/* The same where training has one class only, or none: 1, -1 or 0. */
static void judge_without(const struct training_run *run, size_t number, size_t fold, double decision)
{
	const struct svm_machine *machine = &run->machines[number];
	size_t n = n_rows_of(run->table, machine);

	for (size_t i = 0; i < n; i++)
		if (run->folds[row_at(run->table, machine, i)] == fold)
			run->decisions[number][i] = decision;
}

static int do_fold(struct task *task, const struct training_run *run, size_t number, size_t fold, struct svm_cache *cache, struct error *err)
{
	struct svm_solution solution;
	bool has_first = task->n_rows > 0 && task->y[0] > 0, has_second = task->n_rows > 0 && task->y[task->n_rows - 1] < 0;
	size_t n_bound = 0;
	int solved = 0;

	if (has_first && has_second && (solved = solve_task(task, run, cache, &solution, &n_bound, err)) < 0)
		return -1;
	if (solved > 0)
		return judge_fold(task, run, number, fold, cache, solution.rho) < 0 ? svm_overflow(err) : 0;
	judge_without(run, number, fold, (double)has_first - (double)has_second);
	return 0;
}

static int no_margin(const struct training_run *run, const struct svm_machine *machine, struct error *err)
{
	const struct names *classes = run->table->classes;

	return error_set(err, STATUS_FAILED, "nu=%g: classes '%s' and '%s' have no margin between them (a smaller nu, other features, or C= instead)", run->options->nu,
	                 classes->items[machine->first], classes->items[machine->second]);
}

/* A class without rows loses against every other. */
static void win_without(struct svm_machine *machine, bool first)
{
	machine->solution.rho = first ? -1 : 1;
}

static int do_machine(struct task *task, const struct training_run *run, size_t number, struct svm_cache *cache, struct error *err)
{
	struct svm_machine *machine = &run->machines[number];
	int solved = solve_task(task, run, cache, &machine->solution, &machine->n_bound, err);

	if (solved < 0)
		return -1;
	for (size_t k = 0; k < task->n_rows && solved > 0; k++)
		if (!isfinite(task->problem.alpha[k]))
			solved = 0;
	if (solved == 0 || !isfinite(machine->solution.rho))
		return run->options->nu > 0 && run->table->n_classes > 0 ? no_margin(run, machine, err)
		       : error_set(err, STATUS_FAILED, "no solution is a finite number (scale the features and the target, or lower C=)");
	machine->coefficients = mem_array(task->n_rows + 1, sizeof *machine->coefficients);
	memcpy(machine->coefficients, task->problem.alpha, task->n_rows * sizeof *machine->coefficients);
	return 0;
}

static bool may_skip(struct training_run *run, size_t number)
{
	bool skip;

	pthread_mutex_lock(&run->lock);
	skip = number > run->failed;
	pthread_mutex_unlock(&run->lock);
	return skip;
}

/* Of all that failed the first one tells why. */
static void keep_error(struct training_run *run, size_t number, const struct error *err)
{
	pthread_mutex_lock(&run->lock);
	if (number < run->failed) {
		run->failed = number;
		run->err = *err;
	}
	pthread_mutex_unlock(&run->lock);
}

static size_t parts_of(const struct svm_options *options) { return 1 + options->n_folds; }

static void do_task(void *state, size_t i)
{
	struct training_run *run = state;
	const struct svm_table *table = run->table;
	size_t number = i / parts_of(run->options), part = i % parts_of(run->options);
	struct svm_machine *machine = &run->machines[number];
	struct error err = ERROR_INIT;
	struct svm_cache *own = NULL;
	struct task task;

	if (may_skip(run, i))
		return;
	if (table->n_classes > 0 && (rows_in(table, machine->first) == 0 || rows_in(table, machine->second) == 0)) {
		if (part == WHOLE)
			win_without(machine, rows_in(table, machine->first) > 0);
		else
			judge_without(run, number, part, rows_in(table, machine->first) > 0 ? 1 : -1);
		return;
	}
	if (!run->whole)
		own = own_cache(run, machine);
	task_start(&task, run, machine, part);
	if ((part == WHOLE ? do_machine(&task, run, number, own ? own : run->whole, &err) : do_fold(&task, run, number, part, own ? own : run->whole, &err)) < 0)
		keep_error(run, i, &err);
	task_release(&task);
	svm_cache_free(own);
}

/* ---- all of them ---- */

/* Class by class, so that each part has its share of every one. */
static uint32_t *divide_rows(const struct svm_table *table, size_t n_folds, uint32_t seed)
{
	uint32_t *folds = mem_array(table->rows.n_rows + 1, sizeof *folds), *order = mem_array(table->rows.n_rows + 1, sizeof *order);
	struct rng rng;

	rng_seed(&rng, seed);
	for (size_t class = 0; class < table->n_classes; class++) {
		size_t n = rows_in(table, class), first = table->starts[class];

		for (size_t i = 0; i < n; i++)
			order[i] = (uint32_t)i;
		rng_shuffle(&rng, order, n);
		for (size_t i = 0; i < n; i++)
			folds[first + order[i]] = (uint32_t)(1 + i * n_folds / n);
	}
	free(order);
	return folds;
}

/* The least class of a pair can't hold half of nu. */
static int check_nu(const struct training_run *run, struct error *err)
{
	const struct svm_table *table = run->table;
	double *weights = mem_new(table->n_classes + 1, sizeof *weights), nu = run->options->nu;
	int result = 0;

	for (size_t class = 0; class < table->n_classes; class++)
		for (size_t row = table->starts[class]; row < table->starts[class + 1]; row++)
			weights[class] += weight_of(table, row);
	for (size_t number = 0, n = svm_n_machines(table->n_classes); number < n && result == 0; number++) {
		size_t i = run->machines[number].first, j = run->machines[number].second;
		double least = fmin(weights[i], weights[j]), both = weights[i] + weights[j];

		if (least > 0 && nu * both / 2 > least)
			result = error_set(err, STATUS_FAILED, "nu=%g is too much for the classes '%s' and '%s', of %g and %g rows%s (below %.6g)", nu,
			                   table->classes->items[i], table->classes->items[j], weights[i], weights[j], table->weights ? " by weight" : "",
			                   floor(2 * least / both * 1e6) / 1e6);
	}
	free(weights);
	return result;
}

/* Whether all of the matrix is made at once: machines share it, threads share the work, or it is small; not for the few rows of few steps. */
static bool wants_whole(const struct training_run *run, size_t n_tasks)
{
	const struct svm_options *options = run->options;
	size_t n = run->table->rows.n_rows;
	struct svm_range all = { 0, n };
	bool few = options->max_iter >= 0 && (uint64_t)options->max_iter < n / (8 * n_tasks);

	return svm_cache_memory(&all, 1) <= options->memory && (n <= FEW_ROWS || ((n_tasks > 1 || options->threads > 1) && !few));
}

static int make_whole(struct training_run *run, struct workers *workers, struct error *err)
{
	const struct svm_options *options = run->options;
	struct svm_range all = { 0, run->table->rows.n_rows };

	run->whole = svm_cache_new(run->kernel, &run->table->rows, &all, 1, UINT64_MAX);
	if (svm_cache_fill(run->whole, workers, options->stopped, options->state))
		return 0;
	return options->stopped && options->stopped(options->state) ? error_set(err, STATUS_INTERRUPT, "interrupted") : svm_overflow(err);
}

static void name_classes(const struct training_run *run)
{
	size_t number = 0;

	for (size_t i = 0; i < run->table->n_classes; i++)
		for (size_t j = i + 1; j < run->table->n_classes; j++, number++) {
			run->machines[number].first = i;
			run->machines[number].second = j;
		}
}

static void start_folds(struct training_run *run, size_t n_machines)
{
	run->folds = divide_rows(run->table, run->options->n_folds, run->options->seed);
	run->decisions = mem_new(n_machines + 1, sizeof *run->decisions);
	for (size_t i = 0; i < n_machines; i++)
		run->decisions[i] = mem_new(n_rows_of(run->table, &run->machines[i]) + 1, sizeof **run->decisions);
}

static void fit_sigmoid(void *state, size_t number)
{
	struct training_run *run = state;
	struct svm_machine *machine = &run->machines[number];
	size_t n = n_rows_of(run->table, machine);
	bool *first = mem_array(n + 1, sizeof *first);
	double *weights = run->table->weights ? mem_array(n + 1, sizeof *weights) : NULL;

	for (size_t i = 0; i < n; i++) {
		first[i] = is_first(run->table, machine, i);
		if (weights)
			weights[i] = weight_of(run->table, row_at(run->table, machine, i));
	}
	machine->sigmoid = svm_sigmoid_fit(run->decisions[number], first, weights, n);
	free(first);
	free(weights);
}

int svm_train(const struct svm_kernel *kernel, const struct svm_table *table, const struct svm_options *options, struct svm_cache *shared,
              struct svm_machine *machines, struct error *err)
{
	struct training_run run = { .kernel = kernel, .table = table, .options = options, .machines = machines, .whole = shared, .failed = SIZE_MAX };
	size_t n_machines = svm_n_machines(table->n_classes), n_tasks = n_machines * parts_of(options);
	struct workers *workers = NULL;
	int result = -1;

	pthread_mutex_init(&run.lock, NULL);
	name_classes(&run);
	if (options->nu > 0 && table->n_classes > 0 && check_nu(&run, err) < 0)
		goto out;
	workers = workers_new(options->threads);
	if (!shared && wants_whole(&run, n_tasks) && make_whole(&run, workers, err) < 0)
		goto out;
	run.memory = options->memory / (n_tasks < (size_t)options->threads ? n_tasks : (size_t)options->threads);
	if (options->n_folds > 0)
		start_folds(&run, n_machines);
	workers_run(workers, n_tasks, do_task, &run);
	if (run.failed < SIZE_MAX) {
		*err = run.err;
		goto out;
	}
	if (options->n_folds > 0)
		workers_run(workers, n_machines, fit_sigmoid, &run);
	result = 0;
out:
	workers_free(workers);
	if (run.whole != shared)
		svm_cache_free(run.whole);
	for (size_t i = 0; run.decisions && i < n_machines; i++)
		free(run.decisions[i]);
	free(run.decisions);
	free(run.folds);
	pthread_mutex_destroy(&run.lock);
	return result;
}
