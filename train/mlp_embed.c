/* SPDX-License-Identifier: MIT */
/* A block's gradient of the tables stays in deltas[0], which has room for all that a block can touch: so tables may be much larger than that. */
#include "mlp_embed.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "mlp.h"
#include "number.h"
#include "table.h"

enum { FOLDED = UINT32_MAX };   /* a level of which an earlier row of the block holds the sum */

size_t embed_features(const struct net *net)
{
	return net->embedding.n ? net->embedding.n_features : net->widths[0];
}

/* ---- shape ---- */

/* Where the items' inputs lie; the number of inputs. */
static size_t lay_out(struct embedding *embedding, size_t n_features)
{
	size_t n_inputs = n_features;

	embedding->n_features = n_features;
	for (size_t i = 0; i < embedding->n; i++) {
		struct embedded *item = &embedding->items[i];

		item->input = item->feature + (n_inputs - n_features);
		n_inputs += item->width - 1;
	}
	return n_inputs;
}

static size_t auto_width(uint32_t levels)
{
	size_t half = ((size_t)levels + 1) / 2;

	return half < EMBED_AUTO_MOST ? half : EMBED_AUTO_MOST;
}

int embed_read(const char *text, size_t *width, struct error *err)
{
	int64_t n;

	*width = strcmp(text, "auto") == 0 ? 0 : EMBED_NONE;
	if (!*text || *width == 0)
		return 0;
	if (!number_int(text, strlen(text), &n) || n < 1 || n > MAX_UNITS)
		return error_set(err, STATUS_USAGE, "embed: '%s' is neither 'auto' nor a width from 1 to %d", text, MAX_UNITS);
	*width = (size_t)n;
	return 0;
}

size_t embed_shape(const char *text, const struct training *training, struct embedding *embedding, struct error *err)
{
	const struct names *features = &training->problem->features;
	size_t width, n_inputs;

	if (embed_read(text, &width, err) < 0)
		return 0;
	if (width == EMBED_NONE)
		return features->n;
	embedding->items = mem_array(features->n, sizeof *embedding->items);
	for (size_t i = 0; i < features->n; i++) {
		uint32_t levels = training->levels_of[i];

		if (levels > MAX_EMBEDDED) {
			error_set(err, STATUS_FAILED, "column '%s' has %u levels, more than %d (levels max=N keeps the N most frequent)",
			          features->items[i], (unsigned)levels, MAX_EMBEDDED);
			return 0;
		}
		if (levels > 0)
			embedding->items[embedding->n++] = (struct embedded){ .feature = i, .levels = levels, .width = width ? width : auto_width(levels) };
	}
	n_inputs = lay_out(embedding, features->n);
	if (n_inputs <= MAX_FIELDS)
		return n_inputs;
	error_set(err, STATUS_USAGE, "embed=%s makes %zu inputs, more than %d (make it smaller)", text, n_inputs, MAX_FIELDS);
	return 0;
}

bool embed_same(const struct embedding *one, const struct embedding *other)
{
	for (size_t i = 0; i < one->n && i < other->n; i++)
		if (one->items[i].feature != other->items[i].feature || one->items[i].levels != other->items[i].levels ||
		    one->items[i].width != other->items[i].width)
			return false;
	return one->n == other->n;
}

/* ---- rows ---- */

static void copy(float *to, const float *from, size_t n)
{
	for (size_t i = 0; i < n; i++)
		to[i] = from[i];
}

void embed_row(const struct net *net, struct workspace *space, size_t row, const float *features)
{
	const struct embedding *embedding = &net->embedding;
	float *inputs = &space->values[0][row * padded(net->widths[0])];
	size_t feature = 0, input = 0;

	for (size_t i = 0; i < embedding->n; i++) {
		const struct embedded *item = &embedding->items[i];
		uint32_t level = level_number(features[item->feature], item->levels);

		copy(&inputs[input], &features[feature], item->feature - feature);
		copy(&inputs[item->input], &net->params[item->at + level * item->width], item->width);
		space->levels[i * NET_ROWS + row] = level;
		feature = item->feature + 1;
		input = item->input + item->width;
	}
	copy(&inputs[input], &features[feature], embedding->n_features - feature);
}

void embed_fold(const struct net *net, struct workspace *space, size_t n)
{
	size_t stride = padded(net->widths[0]);

	for (size_t i = 0; i < net->embedding.n; i++) {
		const struct embedded *item = &net->embedding.items[i];
		uint32_t *levels = &space->levels[i * NET_ROWS];

		for (size_t row = 1; row < n; row++) {
			float *from = &space->deltas[0][row * stride + item->input], *to;
			size_t first = 0;

			while (levels[first] != levels[row])
				first++;
			if (first == row)
				continue;
			to = &space->deltas[0][first * stride + item->input];
			for (size_t k = 0; k < item->width; k++)
				to[k] += from[k];
			levels[row] = FOLDED;
		}
	}
}

void embed_merge(const struct net *net, const struct workspace *space, size_t n, double *gradient)
{
	size_t stride = padded(net->widths[0]);

	for (size_t i = 0; i < net->embedding.n; i++) {
		const struct embedded *item = &net->embedding.items[i];

		for (size_t row = 0; row < n; row++) {
			uint32_t level = space->levels[i * NET_ROWS + row];
			const float *from = &space->deltas[0][row * stride + item->input];

			for (size_t k = 0; level != FOLDED && k < item->width; k++)
				gradient[item->at + level * item->width + k] += from[k];
		}
	}
}

/* ---- save, load, describe ---- */

void embed_save(const struct net *net, struct buffer *params)
{
	pack_text(params, "embedded");
	pack_array(params, net->embedding.n);
	for (size_t i = 0; i < net->embedding.n; i++) {
		const struct embedded *item = &net->embedding.items[i];

		pack_map(params, 4);
		pack_key_int(params, "feature", (int64_t)item->feature);
		pack_key_int(params, "levels", (int64_t)item->levels);
		pack_key_int(params, "width", (int64_t)item->width);
		pack_text(params, "weight");
		pack_bytes(params, &net->params[item->at], item->levels * item->width * sizeof(float));
	}
}

bool embed_load_shape(struct net *net, object embedded, const struct problem *problem)
{
	size_t next = 0;

	net->embedding.items = mem_array(array_size(embedded), sizeof *net->embedding.items);
	for (size_t i = 0; i < array_size(embedded); i++) {
		object item = array_get(embedded, i), weight = map_get(item, "weight");
		uint64_t feature, levels, width;

		if (!object_uint(map_get(item, "feature"), &feature) || feature < next || feature >= problem->features.n ||
		    !object_uint(map_get(item, "levels"), &levels) || levels < 1 || levels > MAX_EMBEDDED ||
		    !object_uint(map_get(item, "width"), &width) || width < 1 || width > MAX_UNITS ||
		    !weight || weight->type != MSGPACK_OBJECT_BIN || weight->via.bin.size != levels * width * sizeof(float))
			return false;
		net->embedding.items[net->embedding.n++] = (struct embedded){ .feature = feature, .levels = (uint32_t)levels, .width = width };
		next = feature + 1;
	}
	return net->widths[0] == lay_out(&net->embedding, problem->features.n);
}

bool embed_load(struct net *net, object embedded)
{
	for (size_t i = 0; i < net->embedding.n; i++) {
		const struct embedded *item = &net->embedding.items[i];
		size_t n = item->levels * item->width;
		float *table = &net->params[item->at];

		if (!object_bin(map_get(array_get(embedded, i), "weight"), table, n * sizeof *table) || !mlp_all_finite(table, n))
			return false;
	}
	return true;
}

void embed_describe(const struct net *net, const struct problem *problem, struct table *table)
{
	for (size_t i = 0; i < net->embedding.n; i++) {
		const struct embedded *item = &net->embedding.items[i];

		table_format(table, "%s", problem->features.items[item->feature]);
		table_format(table, "%u", (unsigned)item->levels);
		table_format(table, "%zu", item->width);
		if (net->norm != NORM_NONE)
			table_format(table, "%s", "");
		table_format(table, "%s", "embedding");
		table_format(table, "%zu", item->levels * item->width);
	}
}
