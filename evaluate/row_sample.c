/* SPDX-License-Identifier: MIT */
#include "row_sample.h"

#include <stdlib.h>
#include <string.h>

#include "batch_join.h"
#include "marks.h"
#include "memory.h"
#include "rng.h"

enum { SEED = 42 };

/* Rows with one of the marks. */
struct row_sample {
	struct batch *batches;
	uint64_t *hashes;               /* of their rows, one batch behind the other */
	size_t n, room, n_rows, room_rows;
	uint64_t below, n_seen;         /* rows whose hash is below that are kept; how many there were */
};

struct row_sampler {
	struct source *input;
	size_t most_rows;
	struct row_sample samples[2];   /* test rows, or all where there are no marks; valid rows */
	int split;
};

struct row_sampler *row_sampler_new(struct source *input, size_t most_rows)
{
	struct row_sampler *sampler = mem_new(1, sizeof *sampler);

	*sampler = (struct row_sampler){ .input = input, .most_rows = most_rows, .split = schema_find_role(&input->header->schema, ROLE_SPLIT) };
	for (int i = 0; i < 2; i++)
		sampler->samples[i].below = UINT64_MAX;
	return sampler;
}

static void sample_release(struct row_sample *sample)
{
	for (size_t i = 0; i < sample->n; i++)
		batch_free(&sample->batches[i]);
	free(sample->batches);
	free(sample->hashes);
}

void row_sampler_free(struct row_sampler *sampler)
{
	if (!sampler)
		return;
	for (int i = 0; i < 2; i++)
		sample_release(&sampler->samples[i]);
	free(sampler);
}

/* Keeps rows of a batch by their hashes, which are moved up; how many. */
static int keep_below(struct batch *batch, uint64_t *hashes, size_t n, uint64_t below, size_t *n_kept, struct error *err)
{
	uint64_t *bits = mem_new(bits_words(n) + 1, sizeof *bits);
	int result;

	*n_kept = 0;
	for (size_t row = 0; row < n; row++)
		if (hashes[row] < below) {
			bit_set(bits, row);
			hashes[(*n_kept)++] = hashes[row];
		}
	result = batch_keep(batch, bits, *n_kept, err);
	free(bits);
	return result;
}

/* Half of the hashes are enough. */
static int thin(struct row_sample *sample, struct error *err)
{
	size_t from = 0, n_batches = 0, n_rows = 0;

	sample->below /= 2;
	for (size_t i = 0; i < sample->n; i++) {
		struct batch *batch = &sample->batches[i];
		size_t n = batch->n_rows, n_kept;

		memmove(&sample->hashes[n_rows], &sample->hashes[from], n * sizeof *sample->hashes);
		from += n;
		if (keep_below(batch, &sample->hashes[n_rows], n, sample->below, &n_kept, err) < 0)
			return -1;
		n_rows += n_kept;
		if (n_kept == 0)
			batch_free(batch);
		else
			sample->batches[n_batches++] = *batch;
	}
	sample->n = n_batches;
	sample->n_rows = n_rows;
	return 0;
}

static int add_rows(const struct row_sampler *sampler, struct row_sample *sample, const struct batch *from, const unsigned char *marks, unsigned mark,
                    struct error *err)
{
	struct batch batch = BATCH_INIT;
	uint64_t *bits = mem_new(bits_words(from->n_rows) + 1, sizeof *bits);
	size_t n = 0;
	int result = 0;

	while (sample->n_rows + from->n_rows > sample->room_rows) {
		sample->room_rows = sample->room_rows ? 2 * sample->room_rows : BATCH_ROWS;
		sample->hashes = mem_resize(sample->hashes, sample->room_rows, sizeof *sample->hashes);
	}
	for (size_t row = 0; row < from->n_rows; row++) {
		uint64_t hash = hash_mix(from->first_row + row + SEED);

		if (marks && marks[row] != mark)
			continue;
		sample->n_seen++;
		if (hash >= sample->below)
			continue;
		bit_set(bits, row);
		sample->hashes[sample->n_rows + n++] = hash;
	}
	if (n > 0) {
		batch_share(&batch, from);
		result = batch_keep(&batch, bits, n, err);
		if (result == 0) {
			batch_compact(&batch);
			array_grow(sample->batches, sample->n, sample->room);
			sample->batches[sample->n++] = batch;
			sample->n_rows += n;
		}
	}
	free(bits);
	while (result == 0 && sample->n_rows > sampler->most_rows)
		result = thin(sample, err);
	return result;
}

static int next(void *state, struct batch *to, bool now, struct error *err)
{
	struct row_sampler *sampler = state;
	struct marks marks = { .split = sampler->split };
	unsigned char *of_row;
	int result = source_next(sampler->input, to, now, err);

	if (result != 1)
		return result;
	if (sampler->split == NO_FIELD)
		return add_rows(sampler, &sampler->samples[0], to, NULL, 0, err) < 0 ? -1 : 1;
	of_row = mem_array(to->n_rows, 1);
	result = marks_read(&marks, to, of_row, err) < 0 || add_rows(sampler, &sampler->samples[0], to, of_row, MARK_TEST, err) < 0 ||
	         add_rows(sampler, &sampler->samples[1], to, of_row, MARK_VALID, err) < 0 ? -1 : 1;
	free(of_row);
	return result;
}

static const struct end *end(void *state)
{
	const struct row_sampler *sampler = state;

	return sampler->input->end(sampler->input->state);
}

static void close_nothing(void *state) { (void)state; }

struct source row_sampler_source(struct row_sampler *sampler)
{
	return (struct source){ .header = sampler->input->header, .next = next, .end = end, .close = close_nothing, .state = sampler };
}

static const struct row_sample *chosen(const struct row_sampler *sampler) { return &sampler->samples[sampler->samples[0].n_rows == 0]; }

const char *row_sampler_which(const struct row_sampler *sampler, uint64_t *n_seen)
{
	const struct row_sample *sample = chosen(sampler);

	*n_seen = sample->n_seen;
	if (sample->n_rows == 0)
		return NULL;
	return sampler->split == NO_FIELD ? "held-out" : sample == sampler->samples ? "test" : "valid";
}

int row_sampler_join(struct row_sampler *sampler, struct batch *rows, struct text_builder *texts, struct error *err)
{
	const struct row_sample *sample = chosen(sampler);

	return batch_join(rows, sample->batches, sample->n, texts, err);
}
