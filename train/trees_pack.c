/* SPDX-License-Identifier: MIT */
/*
 * Trees as bytes, a map:
 *
 *     width      numbers of a leaf
 *     used       features that are used, as u32 each
 *     cuts       an array by used feature: its cuts as doubles; a number: it holds as many levels
 *     trees      an array: bytes of each
 *
 * The bytes of a tree, of I inner nodes and L = I + 1 leaves; each part for its nodes in preorder:
 *
 *     u32        the output
 *     2I + 1     kinds: 0 a leaf, 1 a cut, 2 a cut that missing ones go right at, 3 levels. In preorder they say the shape, and
 *                so how many there are
 *     I          used features by their place: one byte each, or two or four where there are more than 256 or 65,536
 *     by cut     its bin
 *     by levels  its set, a bit for each level that the feature has, in whole bytes
 *     4I, 4L     gains of inner nodes, covers of leaves, as floats (other covers are sums)
 *     8L width   what leaves say, as doubles
 *
 * All of it little endian. That is 20 bytes for an inner node and its leaf, so 500 trees of 31 leaves come to 310 KB.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "trees.h"

enum packed_kind { PACKED_LEAF, PACKED_CUT, PACKED_CUT_RIGHT, PACKED_LEVELS };

static size_t place_size(size_t n_used) { return n_used <= 256 ? 1 : n_used <= 65536 ? 2 : 4; }
static size_t set_size(const struct feature_bins *feature) { return (feature->n_levels + 7) / 8; }

static const struct feature_bins *feature_of(const struct trees *trees, const struct grown_node *node)
{
	return &trees->bins.features[trees->used[node->feature]];
}

/* ---- packing ---- */

static void add_number(struct buffer *to, uint32_t number, size_t size)
{
	for (size_t i = 0; i < size; i++)
		buffer_add_byte(to, (unsigned char)(number >> 8 * i));
}

static void add_set(struct buffer *to, const struct level_set *set, size_t size)
{
	for (size_t i = 0; i < size; i++)
		buffer_add_byte(to, (unsigned char)(set->words[i / 4] >> i % 4 * 8));
}

static enum packed_kind kind_of(const struct grown_node *node)
{
	if (node->kind == NODE_CUT)
		return node->missing_right ? PACKED_CUT_RIGHT : PACKED_CUT;
	return node->kind == NODE_LEVELS ? PACKED_LEVELS : PACKED_LEAF;
}

/* Floats of the leaves, or of the other nodes. */
static void add_floats(struct buffer *to, const struct grown_node *nodes, const float *values, size_t n, bool leaves)
{
	for (size_t i = 0; i < n; i++)
		if ((nodes[i].kind == NODE_LEAF) == leaves)
			buffer_add(to, &values[i], sizeof values[i]);
}

static void add_tree(struct buffer *to, const struct trees *trees, const struct grown_tree *tree)
{
	const struct grown_node *nodes = &trees->nodes[tree->first];

	add_number(to, tree->output, 4);
	for (size_t i = 0; i < tree->n_nodes; i++)
		buffer_add_byte(to, (unsigned char)kind_of(&nodes[i]));
	for (size_t i = 0; i < tree->n_nodes; i++)
		if (nodes[i].kind != NODE_LEAF)
			add_number(to, nodes[i].feature, place_size(trees->n_used));
	for (size_t i = 0; i < tree->n_nodes; i++)
		if (nodes[i].kind == NODE_CUT)
			buffer_add_byte(to, nodes[i].bin);
	for (size_t i = 0; i < tree->n_nodes; i++)
		if (nodes[i].kind == NODE_LEVELS)
			add_set(to, &trees->sets[tree->first_set + nodes[i].at], set_size(feature_of(trees, &nodes[i])));
	add_floats(to, nodes, &trees->gains[tree->first], tree->n_nodes, false);
	add_floats(to, nodes, &trees->covers[tree->first], tree->n_nodes, true);
	buffer_add(to, &trees->values[tree->first_value], (tree->n_nodes + 1) / 2 * trees->width * sizeof *trees->values);
}

void trees_pack(const struct trees *trees, struct buffer *to)
{
	struct buffer bytes = BUFFER_INIT;

	pack_map(to, 4);
	pack_key_int(to, "width", (int64_t)trees->width);
	for (size_t i = 0; i < trees->n_used; i++)
		add_number(&bytes, trees->used[i], 4);
	pack_text(to, "used");
	pack_bytes(to, bytes.data, bytes.size);
	pack_text(to, "cuts");
	pack_array(to, trees->n_used);
	for (size_t i = 0; i < trees->n_used; i++) {
		const struct feature_bins *feature = &trees->bins.features[trees->used[i]];

		if (feature->n_levels)
			pack_uint(to, feature->n_levels);
		else
			pack_reals(to, feature->cuts, feature->n_cuts);
	}
	pack_text(to, "trees");
	pack_array(to, trees->n_trees);
	for (size_t i = 0; i < trees->n_trees; i++) {
		buffer_clear(&bytes);
		add_tree(&bytes, trees, &trees->trees[i]);
		pack_bytes(to, bytes.data, bytes.size);
	}
	buffer_free(&bytes);
}

/* ---- unpacking ---- */

/* Bytes that are left; false: there are not so many. */
struct tree_bytes { const unsigned char *at; size_t left; };

static bool take_bytes(struct tree_bytes *from, void *to, size_t size)
{
	if (from->left < size)
		return false;
	if (size > 0)
		memcpy(to, from->at, size);
	from->at += size;
	from->left -= size;
	return true;
}

static bool take_number(struct tree_bytes *from, size_t size, uint32_t *number)
{
	unsigned char bytes[4];

	if (!take_bytes(from, bytes, size))
		return false;
	*number = 0;
	for (size_t i = 0; i < size; i++)
		*number |= (uint32_t)bytes[i] << 8 * i;
	return true;
}

/* What is drafted of a tree, and room for it: nodes take a byte of kinds at least, so there are no more than bytes. */
struct draft_room {
	struct grown_node *nodes;
	float *covers, *gains;
	double *values;
	struct level_set *sets;
	uint32_t *open;                 /* nodes that wait for their right child, the innermost last */
	size_t nodes_room, values_room, sets_room;
};

static void room_release(struct draft_room *room)
{
	free(room->nodes);
	free(room->covers);
	free(room->gains);
	free(room->values);
	free(room->sets);
	free(room->open);
}

static void room_for_nodes(struct draft_room *room, size_t n)
{
	if (n < room->nodes_room)
		return;
	room->nodes_room = 2 * n + 64;
	room->nodes = mem_resize(room->nodes, room->nodes_room, sizeof *room->nodes);
	room->covers = mem_resize(room->covers, room->nodes_room, sizeof *room->covers);
	room->gains = mem_resize(room->gains, room->nodes_room, sizeof *room->gains);
	room->open = mem_resize(room->open, room->nodes_room, sizeof *room->open);
}

/* The shape: nodes in preorder until none waits for a child. A leaf ends the left side of the innermost node that is open. */
static bool take_shape(struct tree_bytes *from, struct draft_room *room, struct tree_draft *draft)
{
	size_t n_open = 0;
	unsigned char kind;

	for (;;) {
		struct grown_node *node;

		if (!take_bytes(from, &kind, 1) || kind > PACKED_LEVELS)
			return false;
		room_for_nodes(room, draft->n_nodes + 1);
		node = &room->nodes[draft->n_nodes++];
		*node = (struct grown_node){ .kind = kind == PACKED_LEAF ? NODE_LEAF : kind == PACKED_LEVELS ? NODE_LEVELS : NODE_CUT,
		                             .missing_right = kind == PACKED_CUT_RIGHT, .left = kind != PACKED_LEAF };
		room->covers[draft->n_nodes - 1] = room->gains[draft->n_nodes - 1] = 0;
		if (kind != PACKED_LEAF) {
			room->open[n_open++] = (uint32_t)draft->n_nodes - 1;
			continue;
		}
		node->at = (uint32_t)draft->n_leaves++;
		if (n_open == 0)
			break;
		n_open--;
		room->nodes[room->open[n_open]].right = (uint32_t)draft->n_nodes - room->open[n_open];
	}
	return true;
}

/* No leaf is deeper than may be. */
static bool is_shallow(const struct grown_node *nodes, size_t n, uint32_t *depths)
{
	depths[0] = 0;
	for (size_t i = 0; i < n; i++) {
		if (depths[i] > MAX_TREE_DEPTH)
			return false;
		if (nodes[i].kind != NODE_LEAF)
			depths[i + 1] = depths[i + nodes[i].right] = depths[i] + 1;
	}
	return true;
}

/* Of each inner node a feature that there is, of its kind. */
static bool take_features(struct tree_bytes *from, const struct trees *trees, struct draft_room *room, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct grown_node *node = &room->nodes[i];

		if (node->kind == NODE_LEAF)
			continue;
		if (!take_number(from, place_size(trees->n_used), &node->feature) || node->feature >= trees->n_used ||
		    (node->kind == NODE_LEVELS) != (feature_of(trees, node)->n_levels > 0))
			return false;
	}
	return true;
}

/* Bins that there are; sets without bits of levels that there are not. */
static bool take_splits(struct tree_bytes *from, const struct trees *trees, struct draft_room *room, struct tree_draft *draft)
{
	for (size_t i = 0; i < draft->n_nodes; i++) {
		struct grown_node *node = &room->nodes[i];

		if (node->kind == NODE_CUT && (!take_bytes(from, &node->bin, 1) || node->bin >= feature_of(trees, node)->n_bins ||
		                               node->bin < node->missing_right))
			return false;
	}
	for (size_t i = 0; i < draft->n_nodes; i++) {
		struct grown_node *node = &room->nodes[i];
		size_t n_levels = node->kind == NODE_LEVELS ? feature_of(trees, node)->n_levels : 0;
		struct level_set *set;

		if (n_levels == 0)
			continue;
		array_grow(room->sets, draft->n_sets, room->sets_room);
		node->at = (uint32_t)draft->n_sets;
		set = &room->sets[draft->n_sets++];
		memset(set, 0, sizeof *set);
		for (size_t byte = 0; byte < (n_levels + 7) / 8; byte++) {
			uint32_t bits;

			if (!take_number(from, 1, &bits) || (byte == n_levels / 8 && bits >> n_levels % 8))
				return false;
			set->words[byte / 4] |= bits << byte % 4 * 8;
		}
	}
	return true;
}

/* None below 0. */
static bool take_floats(struct tree_bytes *from, const struct grown_node *nodes, float *values, size_t n, bool leaves)
{
	for (size_t i = 0; i < n; i++)
		if ((nodes[i].kind == NODE_LEAF) == leaves &&
		    (!take_bytes(from, &values[i], sizeof values[i]) || !isfinite(values[i]) || values[i] < 0))
			return false;
	return true;
}

static bool take_values(struct tree_bytes *from, const struct trees *trees, struct draft_room *room, size_t n_leaves)
{
	size_t n = n_leaves * trees->width;

	if (from->left / sizeof(double) / trees->width < n_leaves)
		return false;
	if (n > room->values_room)
		room->values = mem_resize(room->values, room->values_room = 2 * n, sizeof *room->values);
	if (!take_bytes(from, room->values, n * sizeof *room->values))
		return false;
	for (size_t i = 0; i < n; i++)
		if (!isfinite(room->values[i]))
			return false;
	return true;
}

static bool take_tree(struct trees *trees, object from, struct draft_room *room)
{
	struct tree_draft draft = { .n_nodes = 0 };
	struct tree_bytes cursor = { .left = 0 };

	if (!from || from->type != MSGPACK_OBJECT_BIN)
		return false;
	cursor = (struct tree_bytes){ (const unsigned char *)from->via.bin.ptr, from->via.bin.size };
	if (!take_number(&cursor, 4, &draft.output) || draft.output + trees->width > trees->n_outputs || !take_shape(&cursor, room, &draft) ||
	    !is_shallow(room->nodes, draft.n_nodes, room->open) || !take_features(&cursor, trees, room, draft.n_nodes) ||
	    !take_splits(&cursor, trees, room, &draft) || !take_floats(&cursor, room->nodes, room->gains, draft.n_nodes, false) ||
	    !take_floats(&cursor, room->nodes, room->covers, draft.n_nodes, true) || !take_values(&cursor, trees, room, draft.n_leaves) ||
	    cursor.left > 0)
		return false;
	draft.nodes = room->nodes;
	draft.covers = room->covers;
	draft.gains = room->gains;
	draft.values = room->values;
	draft.sets = room->sets;
	trees_add(trees, &draft);
	return isfinite(trees->covers[trees->trees[trees->n_trees - 1].first]);
}

static bool take_used(struct trees *trees, object from, size_t n_features)
{
	struct tree_bytes cursor = { .left = 0 };

	if (!from || from->type != MSGPACK_OBJECT_BIN || from->via.bin.size % 4 || from->via.bin.size / 4 > n_features)
		return false;
	cursor = (struct tree_bytes){ (const unsigned char *)from->via.bin.ptr, from->via.bin.size };
	trees->used = mem_array(from->via.bin.size / 4 + 1, sizeof *trees->used);
	while (cursor.left > 0) {
		uint32_t feature;

		if (!take_number(&cursor, 4, &feature) || feature >= n_features || (trees->n_used > 0 && feature <= trees->used[trees->n_used - 1]))
			return false;
		trees->used[trees->n_used++] = feature;
	}
	return true;
}

static bool take_cuts(struct feature_bins *feature, object from)
{
	double cuts[MAX_CUTS];
	uint64_t levels;
	size_t n;

	if (object_uint(from, &levels)) {
		*feature = (struct feature_bins){ .n_levels = (size_t)levels, .n_bins = (size_t)levels };
		return levels > 0 && levels <= MAX_BINS;
	}
	if (!from || from->type != MSGPACK_OBJECT_BIN || from->via.bin.size > sizeof cuts)
		return false;
	n = from->via.bin.size / sizeof *cuts;
	if (!object_finite_reals(from, cuts, n))
		return false;
	for (size_t i = 1; i < n; i++)
		if (!(cuts[i] > cuts[i - 1]))
			return false;
	bins_set(feature, cuts, n);
	return true;
}

static bool take_all(struct trees *trees, object from, size_t n_features)
{
	object used = map_get(from, "used"), cuts = map_get(from, "cuts"), packed = map_get(from, "trees");
	struct draft_room room = { .nodes = NULL };
	uint64_t width;
	bool good = object_uint(map_get(from, "width"), &width) && (width == 1 || width == trees->n_outputs) && take_used(trees, used, n_features) &&
	            cuts && cuts->type == MSGPACK_OBJECT_ARRAY && array_size(cuts) == trees->n_used && packed && packed->type == MSGPACK_OBJECT_ARRAY;

	trees->width = good ? (size_t)width : 1;
	for (size_t i = 0; good && i < trees->n_used; i++)
		good = take_cuts(&trees->bins.features[trees->used[i]], array_get(cuts, i));
	for (size_t i = 0; good && i < array_size(packed); i++)
		good = take_tree(trees, array_get(packed, i), &room);
	room_release(&room);
	return good;
}

int trees_unpack(struct trees *trees, object from, size_t n_features, size_t n_outputs, struct error *err)
{
	*trees = (struct trees){ .n_outputs = n_outputs };
	trees->bins.n = n_features;
	trees->bins.features = mem_new(n_features + 1, sizeof *trees->bins.features);
	for (size_t j = 0; j < n_features; j++)
		trees->bins.features[j] = (struct feature_bins){ .n_bins = 2 };
	if (!take_all(trees, from, n_features))
		return error_set(err, STATUS_FAILED, "the trees of the model are broken, or not finite");
	trees->pruned = true;
	trees_settle(trees);
	return 0;
}
