/* SPDX-License-Identifier: MIT */
#include "strata.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "text.h"

enum { STRATA_PARTS = 3, CUTS_PARTS = 4, NAMES_SHOWN = 8 };

void strata_init(struct strata *strata, enum type type, uint64_t memory, const struct host *host, struct ranking_file *file)
{
	*strata = (struct strata){ .memory = memory / 2 };
	distinct_start(&strata->classes, type);
	group_medians_init(&strata->keys, memory / 2, host, file);
}

void strata_release(struct strata *strata)
{
	distinct_release(&strata->classes);
	group_medians_release(&strata->keys);
	*strata = (struct strata){ .memory = 0 };
}

static int check_memory(const struct strata *strata, struct error *err)
{
	if (distinct_memory(&strata->classes) + group_medians_memory(&strata->keys) <= strata->memory)
		return 0;
	return error_set(err, STATUS_FAILED, "too many classes (%zu so far) for --memory", strata->classes.n);
}

int strata_add(struct strata *strata, const struct column *column, size_t n_rows, const uint64_t *rows, const uint64_t *keys, struct error *err)
{
	const uint32_t *classes = distinct_rows(&strata->classes, column, n_rows, rows);

	group_medians_room(&strata->keys, strata->classes.n);
	for (size_t row = 0; row < n_rows; row++) {
		uint32_t class = classes[row];

		if (rows && !bit_is_set(rows, row))
			continue;
		strata->n_missing += class == NO_VALUE;
		if (class != NO_VALUE)
			strata->classes.items[class].count++;
		if (group_medians_add(&strata->keys, class == NO_VALUE ? NO_GROUP : class, (double)keys[row], err) < 0)
			return -1;
	}
	return check_memory(strata, err);
}

int strata_merge(struct strata *to, struct strata *from, struct error *err)
{
	uint32_t *numbers = mem_array(from->classes.n + 1, sizeof *numbers);
	int result;

	distinct_merge(&to->classes, &from->classes, numbers);
	group_medians_room(&to->keys, to->classes.n);
	to->n_missing += from->n_missing;
	result = group_medians_merge(&to->keys, &from->keys, numbers, from->classes.n, err);
	free(numbers);
	return result < 0 ? -1 : check_memory(to, err);
}

int strata_pack(const struct strata *strata, struct buffer *to, struct error *err)
{
	pack_array(to, STRATA_PARTS);
	distinct_pack(&strata->classes, to);
	pack_uint(to, strata->n_missing);
	return group_medians_pack(&strata->keys, to, err);
}

int strata_unpack(struct strata *strata, object from, struct error *err)
{
	if (array_size(from) != STRATA_PARTS || !distinct_unpack(&strata->classes, array_get(from, 0)) ||
	    !object_uint(array_get(from, 1), &strata->n_missing))
		return error_set(err, STATUS_FAILED, "broken classes");
	if (group_medians_unpack(&strata->keys, strata->classes.n, array_get(from, 2), err) < 0)
		return -1;
	return check_memory(strata, err);
}

/* ---- cuts ---- */

struct cutting {
	struct cuts *cuts;
	const uint32_t *place_of;       /* by number of the strata: place in the cuts */
	struct cutting_class { uint64_t rank; size_t next; } *classes;
};

static int take_key(void *state, uint32_t group, double key, struct error *err)
{
	struct cutting *cutting = state;
	struct cuts *cuts = cutting->cuts;
	size_t place = group == NO_GROUP ? cuts->classes.n : cutting->place_of[group];
	struct cutting_class *class = &cutting->classes[place];
	uint64_t *keys = &cuts->keys[place * cuts->n_cuts];

	(void)err;
	for (; class->next < cuts->n_cuts && keys[class->next] == class->rank; class->next++)
		keys[class->next] = (uint64_t)key;
	class->rank++;
	return 0;
}

/* The ranks of the cuts stand where their keys will. */
static void set_ranks(struct cuts *cuts, const struct cut_rule *rule)
{
	uint64_t before = 0;

	for (size_t i = 0; i <= cuts->classes.n; i++) {
		uint64_t n = i < cuts->classes.n ? cuts->classes.items[i].count : cuts->n_missing;

		rule->ranks(rule, before, n, &cuts->keys[i * cuts->n_cuts]);
		before += n;
	}
}

int strata_finish(struct strata *strata, const struct cut_rule *rule, struct cuts *to, struct error *err)
{
	size_t n = strata->classes.n;
	uint32_t *order = distinct_order(&strata->classes), *place_of = mem_array(n + 1, sizeof *place_of);
	struct cutting cutting = { .cuts = to, .place_of = place_of, .classes = mem_new(n + 1, sizeof *cutting.classes) };
	int result;

	*to = (struct cuts){ .n_missing = strata->n_missing, .n_cuts = rule->n_cuts,
	                     .keys = mem_array((n + 1) * rule->n_cuts + 1, sizeof *to->keys) };
	distinct_start(&to->classes, strata->classes.type);
	for (size_t i = 0; i < n; i++) {
		const struct distinct_value *class = &strata->classes.items[order[i]];
		uint32_t place = distinct_add(&to->classes, distinct_bytes(&strata->classes, order[i]), class->size);

		to->classes.items[place].count = class->count;
		place_of[order[i]] = place;
	}
	set_ranks(to, rule);
	result = group_medians_in_order(&strata->keys, take_key, &cutting, err);
	for (size_t i = 0; i <= n; i++)         /* behind the last row */
		for (; cutting.classes[i].next < to->n_cuts; cutting.classes[i].next++)
			to->keys[i * to->n_cuts + cutting.classes[i].next] = KEY_END;
	free(order);
	free(place_of);
	free(cutting.classes);
	return result;
}

void cuts_release(struct cuts *cuts)
{
	distinct_release(&cuts->classes);
	free(cuts->keys);
	*cuts = (struct cuts){ .keys = NULL };
}

void cuts_of_rows(const struct cuts *cuts, const struct column *column, size_t n_rows, const uint64_t *keys, struct arena *scratch, uint32_t *parts)
{
	const uint32_t *classes = distinct_look(&cuts->classes, column, n_rows, NULL, scratch);

	for (size_t row = 0; row < n_rows; row++) {
		const uint64_t *of_class;
		uint32_t part = 0;

		if (classes[row] == NO_VALUE && column_valid(column, row)) {
			parts[row] = (uint32_t)cuts->n_cuts;
			continue;
		}
		of_class = &cuts->keys[(classes[row] == NO_VALUE ? cuts->classes.n : classes[row]) * cuts->n_cuts];
		while (part < cuts->n_cuts && keys[row] >= of_class[part])
			part++;
		parts[row] = part;
	}
}

void cuts_pack(const struct cuts *cuts, struct buffer *to)
{
	pack_array(to, CUTS_PARTS);
	distinct_pack(&cuts->classes, to);
	pack_uint(to, cuts->n_missing);
	pack_uint(to, cuts->n_cuts);
	pack_bytes(to, cuts->keys, (cuts->classes.n + 1) * cuts->n_cuts * sizeof *cuts->keys);
}

bool cuts_unpack(struct cuts *cuts, object from)
{
	object classes = array_get(from, 0), keys = array_get(from, 3);
	enum type type = 0;
	uint64_t n_cuts;
	size_t size;

	while (type < N_TYPES && !object_is_text(array_get(classes, 0), type_name(type)))
		type++;
	*cuts = (struct cuts){ .keys = NULL };
	if (array_size(from) != CUTS_PARTS || !object_uint(array_get(from, 1), &cuts->n_missing) || !object_uint(array_get(from, 2), &n_cuts) ||
	    !keys || keys->type != MSGPACK_OBJECT_BIN || type == N_TYPES)
		return false;
	distinct_start(&cuts->classes, type);
	if (!distinct_unpack(&cuts->classes, classes))
		return false;
	size = keys->via.bin.size;
	if (n_cuts > size || size != (cuts->classes.n + 1) * n_cuts * sizeof *cuts->keys)
		return false;
	cuts->n_cuts = (size_t)n_cuts;
	cuts->keys = mem_array(size / sizeof *cuts->keys + 1, sizeof *cuts->keys);
	memcpy(cuts->keys, keys->via.bin.ptr, size);
	return true;
}

/* ---- shares ---- */

/* A share such as 0.145 is a little off as a double: 0.145 * 100 is 14.499999999999998. The product is off by 2^-52 of itself at the most. */
uint64_t share_of(double share, uint64_t n) { return (uint64_t)floor(share * (double)n * (1 + 0x1p-51) + 0.5); }

static void share_ranks(const struct cut_rule *rule, uint64_t before, uint64_t n, uint64_t *ranks)
{
	const struct shares *shares = rule->state;
	uint64_t most = n ? n - 1 : 0, test = share_of(shares->test, n), valid = share_of(shares->valid, n);

	(void)before;
	ranks[0] = test < most ? test : most;
	ranks[1] = ranks[0] + (valid < most - ranks[0] ? valid : most - ranks[0]);
}

struct cut_rule shares_rule(const struct shares *shares) { return (struct cut_rule){ 2, share_ranks, shares }; }

enum mark share_mark(uint32_t part) { return part == 0 ? MARK_TEST : part == 1 ? MARK_VALID : MARK_TRAIN; }

bool shares_rare(const struct cuts *cuts, const struct shares *shares, const char *column, bool named, struct buffer *to)
{
	const struct cut_rule rule = shares_rule(shares);
	struct buffer names = BUFFER_INIT, name = BUFFER_INIT;
	uint64_t ranks[2], most = 0;
	size_t n = 0;

	for (size_t i = 0; i < cuts->classes.n && shares->test > 0; i++) {
		uint64_t rows = cuts->classes.items[i].count;

		share_ranks(&rule, 0, rows, ranks);
		if (ranks[0] > 0)
			continue;
		most = rows > most ? rows : most;
		if (n++ < NAMES_SHOWN) {
			buffer_clear(&name);
			distinct_print(&cuts->classes, i, &name);
			buffer_add_text(&names, n > 1 ? ", " : "");
			text_show_name(&names, buffer_text(&name));
			buffer_format(&names, " %" PRIu64, rows);
		}
	}
	if (n > 0) {
		buffer_format(to, "%zu of %zu classes of '%s' %s too few rows to be tested", n, cuts->classes.n, column, n == 1 ? "has" : "have");
		if (named)
			buffer_format(to, ": %s%s", buffer_text(&names), n > NAMES_SHOWN ? " ..." : "");
		else
			buffer_format(to, " (%" PRIu64 "%s)", most, n > 1 ? " at the most" : "");
	}
	buffer_free(&names);
	buffer_free(&name);
	return n > 0;
}
