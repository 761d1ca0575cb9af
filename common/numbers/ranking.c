/* SPDX-License-Identifier: MIT */
/*
 * Rows are sorted in runs that the cache holds; a run stays in memory or, where the
 * bound is reached, lies in the file. The heads of the runs play a tournament (Knuth, volume 3,
 * 5.4.1) by key and, among equals, by run: a run holds rows that came before those of
 * the next one.
 */
#include "ranking.h"

#include <stdlib.h>
#include <unistd.h>

#include "file.h"
#include "memory.h"
#include "order_key.h"
#include "row_order.h"

enum { FEWEST_ROWS = 128, MOST_ROWS = 1 << 17, OUT_ROWS = 1024, FEWEST_READ = 64 };    /* of a run; handed out, read at once */
/* A row of an open run, and what sorting it takes beside it. */
enum { ROW_BYTES = 2 * sizeof(struct ranked_row) + sizeof(uint64_t) + sizeof(uint32_t) + 12 };

/* rows: n of them, from `next` on, are to be handed out; first, end: of the file, in which those from `at` on were not read yet. */
struct run { uint64_t first, at, end; struct ranked_row *rows; size_t n_rows, n, next; };
struct contender { uint64_t key, run; };     /* the run's next row; NO_KEY: there is none */
#define LEAST_KEY UINT64_C(0)           /* less than that of any number */
#define NO_KEY UINT64_MAX               /* and more */

struct ranking {
	const struct host *host;
	uint64_t memory;                /* for runs */
	size_t most;                    /* rows of a run */
	struct ranked_row *open;        /* the open run */
	size_t n_open, room;
	uint64_t n_rows;
	uint64_t n_kept;                /* rows of closed runs that stay in memory */
	struct ranking_file mine, *file;        /* file: that one, or the caller's */
	struct run *runs;
	size_t n_runs, runs_room, n_filed_runs;
	struct contender *heads;             /* the tournament: 0 is the winner, and node i has who lost there; below it are 2i and 2i + 1 */
	size_t n_leaves;                /* runs, which enter below the nodes */
	uint64_t *keys;                 /* for sorting, room of each: */
	uint32_t *order;
	struct order_space space;
	size_t sort_room;
	struct ranked_row *out;         /* once sorted */
};

void ranking_file_init(struct ranking_file *file, const struct host *host)
{
	*file = (struct ranking_file){ .host = host, .fd = -1 };
	pthread_mutex_init(&file->lock, NULL);
}

void ranking_file_release(struct ranking_file *file)
{
	if (file->fd >= 0)
		close(file->fd);
	file->fd = -1;
	pthread_mutex_destroy(&file->lock);
}

/* A place for n rows; -1: there is no file. */
static int file_room(struct ranking_file *file, size_t n, uint64_t *first, struct error *err)
{
	int result = 0;

	pthread_mutex_lock(&file->lock);
	if (file->fd < 0 && (file->fd = file_unnamed(file->host, err)) < 0)
		result = -1;
	*first = file->n_rows;
	if (result == 0)
		file->n_rows += n;
	pthread_mutex_unlock(&file->lock);
	return result;
}

struct ranking *ranking_new(uint64_t memory, const struct host *host, struct ranking_file *file)
{
	struct ranking *ranking = mem_new(1, sizeof *ranking);
	uint64_t most = memory / 2 / ROW_BYTES;

	*ranking = (struct ranking){ .host = host, .memory = memory / 2, .file = file ? file : &ranking->mine };
	ranking_file_init(&ranking->mine, host);
	ranking->most = most < FEWEST_ROWS ? FEWEST_ROWS : most > MOST_ROWS ? MOST_ROWS : (size_t)most;
	return ranking;
}

static void free_sorting(struct ranking *ranking)
{
	free(ranking->keys);
	free(ranking->order);
	free(ranking->space.keys);
	free(ranking->space.rows);
	ranking->keys = ranking->space.keys = NULL;
	ranking->order = ranking->space.rows = NULL;
	ranking->sort_room = 0;
}

void ranking_free(struct ranking *ranking)
{
	if (!ranking)
		return;
	ranking_file_release(&ranking->mine);
	for (size_t i = 0; i < ranking->n_runs; i++)
		free(ranking->runs[i].rows);
	free(ranking->runs);
	free(ranking->open);
	free_sorting(ranking);
	free(ranking->heads);
	free(ranking->out);
	free(ranking);
}

static struct ranked_row *sorted_rows(struct ranking *ranking)
{
	const struct ranked_row *rows = ranking->open;
	size_t n = ranking->n_open;
	struct ranked_row *sorted = mem_array(n, sizeof *sorted);

	if (ranking->sort_room < n) {
		free_sorting(ranking);
		ranking->sort_room = n;
		ranking->keys = mem_array(n, sizeof *ranking->keys);
		ranking->order = mem_array(n, sizeof *ranking->order);
		ranking->space = (struct order_space){ mem_array(n, sizeof *ranking->space.keys), mem_array(n, sizeof *ranking->space.rows) };
	}
	for (size_t i = 0; i < n; i++)
		ranking->keys[i] = rows[i].key;
	rows_in_order(ranking->keys, n, ranking->order, &ranking->space);
	for (size_t i = 0; i < n; i++)
		sorted[i] = rows[ranking->order[i]];
	return sorted;
}

static int file_run(struct ranking *ranking, const struct ranked_row *rows, size_t n, uint64_t *first, struct error *err)
{
	size_t size = sizeof *rows;

	if (file_room(ranking->file, n, first, err) < 0)
		return -1;
	ranking->n_filed_runs++;
	return file_write_at(ranking->file->fd, rows, n * size, *first * size, ranking->host, err);
}

static int end_run(struct ranking *ranking, struct error *err)
{
	size_t n = ranking->n_open;
	struct run run = { .rows = sorted_rows(ranking), .n_rows = n, .n = n };
	int result = 0;

	if ((ranking->n_kept + n) * sizeof *run.rows <= ranking->memory) {
		ranking->n_kept += n;
	} else {
		result = file_run(ranking, run.rows, n, &run.first, err);
		run.at = run.first;
		run.end = run.first + n;
		free(run.rows);
		run.rows = NULL;
		run.n = 0;
	}
	array_grow(ranking->runs, ranking->n_runs, ranking->runs_room);
	ranking->runs[ranking->n_runs++] = run;
	ranking->n_open = 0;
	return result;
}

int ranking_add(struct ranking *ranking, double key, double weight, uint32_t mark, struct error *err)
{
	if (ranking->n_open == ranking->most && end_run(ranking, err) < 0)
		return -1;
	if (ranking->n_open == ranking->room) {
		size_t room = ranking->room ? 2 * ranking->room : OUT_ROWS;

		ranking->room = room < ranking->most ? room : ranking->most;
		ranking->open = mem_resize(ranking->open, ranking->room, sizeof *ranking->open);
	}
	ranking->open[ranking->n_open++] = (struct ranked_row){ order_key(key), weight, (uint32_t)ranking->n_rows++, mark };
	return 0;
}

/* ---- merging ---- */

/* The next rows of a run that has handed out what it had; n 0: there are none. */
static int refill(struct ranking *ranking, struct run *run, struct error *err)
{
	size_t size = sizeof *run->rows;
	uint64_t left = run->end - run->at, room = left > 0 ? ranking->memory / size / ranking->n_filed_runs : 0;

	room = room < FEWEST_READ ? FEWEST_READ : room > MOST_ROWS ? MOST_ROWS : room;
	run->n = left < room ? (size_t)left : (size_t)room;
	run->next = 0;
	if (run->n == 0)
		return 0;
	if (!run->rows)
		run->rows = mem_array(room, size);
	if (file_read_at(ranking->file->fd, run->rows, run->n * size, run->at * size, ranking->host, err) < 0)
		return -1;
	run->at += run->n;
	return 0;
}

static struct contender head_of(const struct ranking *ranking, size_t i)
{
	const struct run *run = &ranking->runs[i];

	return (struct contender){ run->n > 0 ? run->rows[run->next].key : NO_KEY, i };
}

/* The run's head goes up from its leaf, and at each node the greater one stays. Without branches, which nobody could foretell. */
static void play(struct ranking *ranking, size_t run)
{
	struct contender up = head_of(ranking, run);

	for (size_t node = (ranking->n_leaves + run) / 2; node > 0; node /= 2) {
		struct contender *other = &ranking->heads[node];
		uint64_t wins = (uint64_t)(other->key < up.key) | ((uint64_t)(other->key == up.key) & (uint64_t)(other->run < up.run));
		uint64_t keys = (other->key ^ up.key) & (0 - wins), runs = (other->run ^ up.run) & (0 - wins);

		other->key ^= keys;
		other->run ^= runs;
		up.key ^= keys;
		up.run ^= runs;
	}
	ranking->heads[0] = up;
}

static int start_tournament(struct ranking *ranking, struct error *err)
{
	for (size_t node = 0; node <= ranking->n_leaves; node++)
		ranking->heads[node] = (struct contender){ node > 0 ? LEAST_KEY : NO_KEY, 0 };
	for (size_t i = 0; i < ranking->n_runs; i++) {
		if (ranking->runs[i].n == 0 && refill(ranking, &ranking->runs[i], err) < 0)
			return -1;
		play(ranking, i);
	}
	return 0;
}

static int start_merge(struct ranking *ranking, struct error *err)
{
	if (ranking->n_open > 0 && end_run(ranking, err) < 0)
		return -1;
	free_sorting(ranking);
	free(ranking->open);
	ranking->open = NULL;
	ranking->n_leaves = ranking->n_runs;
	ranking->heads = mem_array(ranking->n_leaves + 1, sizeof *ranking->heads);
	ranking->out = mem_array(OUT_ROWS, sizeof *ranking->out);
	return start_tournament(ranking, err);
}

static void rewind_run(struct run *run)
{
	run->at = run->first;
	run->n = run->end > run->first ? 0 : run->n_rows;
	run->next = 0;
}

int ranking_rewind(struct ranking *ranking, struct error *err)
{
	for (size_t i = 0; i < ranking->n_runs; i++)
		rewind_run(&ranking->runs[i]);
	return ranking->out ? start_tournament(ranking, err) : 0;
}

uint64_t ranking_rows(const struct ranking *ranking)
{
	return ranking->n_rows;
}

int ranking_next(struct ranking *ranking, size_t most, const struct ranked_row **rows, struct error *err)
{
	size_t n = 0;

	if (!ranking->out && start_merge(ranking, err) < 0)
		return -1;
	for (most = most < OUT_ROWS ? most : OUT_ROWS; n < most && ranking->heads[0].key != NO_KEY; n++) {
		size_t least = (size_t)ranking->heads[0].run;
		struct run *run = &ranking->runs[least];

		ranking->out[n] = run->rows[run->next++];
		if (run->next == run->n && refill(ranking, run, err) < 0)
			return -1;
		play(ranking, least);
	}
	*rows = ranking->out;
	return (int)n;
}

static int look_at(const struct ranked_row *rows, size_t n, int (*see)(void *state, const struct ranked_row *row, struct error *err), void *state, struct error *err)
{
	for (size_t i = 0; i < n; i++)
		if (see(state, &rows[i], err) < 0)
			return -1;
	return 0;
}

int ranking_look(struct ranking *ranking, int (*see)(void *state, const struct ranked_row *row, struct error *err), void *state, struct error *err)
{
	int result = 0;

	for (size_t i = 0; i < ranking->n_runs && result == 0; i++) {
		struct run *run = &ranking->runs[i];

		if (run->n == 0)
			result = refill(ranking, run, err);
		while (result == 0 && run->n > 0)
			if ((result = look_at(run->rows, run->n, see, state, err)) == 0)
				result = refill(ranking, run, err);
		if (run->end > run->first) {
			free(run->rows);
			run->rows = NULL;
		}
		rewind_run(run);
	}
	return result < 0 ? -1 : look_at(ranking->open, ranking->n_open, see, state, err);
}
