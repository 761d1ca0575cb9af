/* SPDX-License-Identifier: MIT */
/*
 * A ring of chunks of rows: the thread fills the next one, the caller empties the
 * oldest.
 *
 *     chunks   [ empty | being read | full | full ]
 *                        ^ emptied    ^ ...      ^ filled       counts; modulo N_CHUNKS they are places
 */
#include "ahead.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"

enum { N_CHUNKS = 4, CHUNK_ROWS = 1024, CHUNK_CELLS = 12 * 1024, CHUNK_BYTES = 384 * 1024 };

struct chunk {
	struct row rows[CHUNK_ROWS];
	size_t n;
	struct cell *cells;
	char *bytes;
	size_t n_cells, room_cells, n_bytes, room_bytes;
	bool last;                      /* nothing comes behind it: the end, or an error */
	struct error err;
};

struct ahead {
	struct files *files;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	size_t filled, emptied;         /* chunks, since the start */
	bool stop;
	size_t at;                      /* the next row of the chunk being read */
	struct chunk chunks[N_CHUNKS];
};

static char *copy(struct chunk *chunk, const char *bytes, size_t size)
{
	char *to = chunk->bytes + chunk->n_bytes;

	if (size)
		memcpy(to, bytes, size);
	chunk->n_bytes += size;
	return to;
}

/* Cells of `row` as those of the copy: their texts lie as far into the copies of raw and text as they did. */
static void copy_cells(const struct row *row, struct row *to, size_t n_cells, const char *text)
{
	for (size_t i = 0; i < n_cells; i++) {
		struct cell cell = row->cells[i];

		if (cell_is_text(&cell) && cell.size) {
			bool in_raw = cell.as.text >= row->raw && cell.as.text < row->raw + row->raw_size;

			cell.as.text = in_raw ? to->raw + (cell.as.text - row->raw) : text + (cell.as.text - row->text);
		}
		to->cells[i] = cell;
	}
}

/* False: there is no room for it. An empty chunk makes room. */
static bool chunk_add(struct chunk *chunk, const struct row *row, size_t n_columns)
{
	size_t n_cells = row->n_cells < row->room ? row->n_cells : row->room, room = n_cells > n_columns ? n_cells : n_columns;
	size_t broken_size = row->broken ? strlen(row->broken) + 1 : 0, size = row->raw_size + row->text_size + broken_size;
	struct row *kept = &chunk->rows[chunk->n];

	if (chunk->n == CHUNK_ROWS || chunk->n_cells + room > chunk->room_cells || chunk->n_bytes + size > chunk->room_bytes) {
		if (chunk->n > 0)
			return false;
		if (room > chunk->room_cells || chunk->room_cells == 0) {
			chunk->room_cells = room > CHUNK_CELLS ? room : CHUNK_CELLS;
			chunk->cells = mem_resize(chunk->cells, chunk->room_cells, sizeof *chunk->cells);
		}
		if (size > chunk->room_bytes || chunk->room_bytes == 0) {
			chunk->room_bytes = size + CHUNK_BYTES;
			chunk->bytes = mem_resize(chunk->bytes, chunk->room_bytes, 1);
		}
	}
	*kept = *row;
	kept->cells = chunk->cells + chunk->n_cells;
	kept->room = room;
	kept->raw = copy(chunk, row->raw, row->raw_size);
	kept->text = copy(chunk, row->text, row->text_size);
	copy_cells(row, kept, n_cells, kept->text);
	if (row->broken)
		kept->broken = copy(chunk, row->broken, broken_size);
	chunk->n_cells += room;
	chunk->n++;
	return true;
}

/* ---- the thread ---- */

/* The next chunk to fill; NULL: stop. */
static struct chunk *wait_for_empty(struct ahead *ahead)
{
	struct chunk *chunk = NULL;

	pthread_mutex_lock(&ahead->lock);
	while (!ahead->stop && ahead->filled - ahead->emptied == N_CHUNKS)
		pthread_cond_wait(&ahead->changed, &ahead->lock);
	if (!ahead->stop)
		chunk = &ahead->chunks[ahead->filled % N_CHUNKS];
	pthread_mutex_unlock(&ahead->lock);
	return chunk;
}

static void count(struct ahead *ahead, size_t *counter)
{
	pthread_mutex_lock(&ahead->lock);
	++*counter;
	pthread_cond_signal(&ahead->changed);
	pthread_mutex_unlock(&ahead->lock);
}

static void *parse(void *state)
{
	struct ahead *ahead = state;
	struct row *row = NULL;         /* read, but not in a chunk yet */
	struct chunk *chunk;
	bool last = false;

	while (!last && (chunk = wait_for_empty(ahead))) {
		chunk->n = chunk->n_cells = chunk->n_bytes = 0;
		chunk->err = (struct error)ERROR_INIT;
		for (;;) {
			if (!row && (files_next(ahead->files, &row, &chunk->err) < 0 || !row)) {
				last = true;
				break;
			}
			if (!chunk_add(chunk, row, ahead->files->columns.schema.n_fields))
				break;
			row = NULL;
		}
		chunk->last = last;
		count(ahead, &ahead->filled);
	}
	return NULL;
}

/* ---- the caller ---- */

struct ahead *ahead_new(struct files *files)
{
	struct ahead *ahead = mem_new(1, sizeof *ahead);

	ahead->files = files;
	pthread_mutex_init(&ahead->lock, NULL);
	pthread_cond_init(&ahead->changed, NULL);
	if (pthread_create(&ahead->thread, NULL, parse, ahead) == 0)
		return ahead;
	pthread_cond_destroy(&ahead->changed);
	pthread_mutex_destroy(&ahead->lock);
	free(ahead);
	return NULL;
}

static struct chunk *wait_for_full(struct ahead *ahead)
{
	pthread_mutex_lock(&ahead->lock);
	while (ahead->filled == ahead->emptied)
		pthread_cond_wait(&ahead->changed, &ahead->lock);
	pthread_mutex_unlock(&ahead->lock);
	return &ahead->chunks[ahead->emptied % N_CHUNKS];
}

int ahead_next(struct ahead *ahead, struct row **row, struct error *err)
{
	struct chunk *chunk = &ahead->chunks[ahead->emptied % N_CHUNKS];

	*row = NULL;
	if (ahead->at == 0)
		chunk = wait_for_full(ahead);
	while (ahead->at == chunk->n) {
		if (chunk->last) {      /* it stays: asked again, the end is still the end */
			if (chunk->err.code)
				*err = chunk->err;
			return chunk->err.code ? -1 : 0;
		}
		ahead->at = 0;
		count(ahead, &ahead->emptied);
		chunk = wait_for_full(ahead);
	}
	*row = &chunk->rows[ahead->at++];
	return 0;
}

void ahead_free(struct ahead *ahead)
{
	if (!ahead)
		return;
	pthread_mutex_lock(&ahead->lock);
	ahead->stop = true;
	pthread_cond_signal(&ahead->changed);
	pthread_mutex_unlock(&ahead->lock);
	pthread_join(ahead->thread, NULL);
	pthread_cond_destroy(&ahead->changed);
	pthread_mutex_destroy(&ahead->lock);
	for (size_t i = 0; i < N_CHUNKS; i++) {
		free(ahead->chunks[i].cells);
		free(ahead->chunks[i].bytes);
	}
	free(ahead);
}
