/* SPDX-License-Identifier: MIT */
#include "tune_space.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "number.h"
#include "pack.h"

enum {
	DIGITS = 3,                     /* of a number that was drawn: a fourth tells no configuration from another */
	MOST_LOOKED_AT = 1000,          /* configurations, for one that a family takes */
};

/* ---- words ---- */

/* "FAMILY.key=value" or "key=value". size: of the key; 0: it is no parameter. family: NULL: none is named. */
struct keyed { const char *key; size_t size; const char *value, *family; size_t family_size; };

static struct keyed keyed_of(const char *word)
{
	const char *dot = strchr(word, '.'), *equals = strchr(word, '=');
	struct keyed keyed = { .key = word };

	if (dot && equals && dot < equals && parameter_key(dot + 1)) {
		keyed.family = word;
		keyed.family_size = (size_t)(dot - word);
		keyed.key = dot + 1;
	}
	keyed.size = parameter_key(keyed.key);
	keyed.value = keyed.key + keyed.size + (keyed.size > 0);
	return keyed;
}

bool space_takes(const char *word) { return keyed_of(word).size > 0; }

static const struct option_row *find_row(const struct option_row *rows, const char *key, size_t size)
{
	for (; rows && rows->name; rows++)
		if (strlen(rows->name) == size && memcmp(rows->name, key, size) == 0)
			return rows;
	return NULL;
}

static const struct option_row *row_of(const struct model_kind *kind, const struct keyed *keyed)
{
	const struct option_row *row = find_row(kind->options, keyed->key, keyed->size);

	return row ? row : find_row(general_parameters, keyed->key, keyed->size);
}

static bool is_for(const struct model_kind *kind, const struct keyed *keyed)
{
	return !keyed->family || (strlen(kind->name) == keyed->family_size && memcmp(kind->name, keyed->family, keyed->family_size) == 0);
}

/* Once. */
static int name_family(const struct model_kind *kind, struct error *err)
{
	return strncmp(err->message, "model '", strlen("model '")) == 0 ? -1 : error_prefix(err, "model '%s'", kind->name);
}

/* Whether the family takes the text, told nothing else; of what is no text whether it is of the type, as the rest may hang on other words. */
static int take_value(const struct model_kind *kind, enum task task, const struct option_row *row, const char *value, struct error *err)
{
	struct names words = { .items = NULL };
	struct buffer settled = BUFFER_INIT;
	void *config = mem_new(1, kind->config_size + sizeof(struct general_parameters));
	int result;

	if (row->type != OPTION_TEXT) {
		result = option_set(row, config, value, err);
	} else {
		names_take(&words, mem_format("%s=%s", row->name, value));
		result = words_settled(kind, &words, task, &settled, err);
		names_release(&words);
		buffer_free(&settled);
	}
	free(config);
	return result < 0 ? name_family(kind, err) : 0;
}

static bool takes_number(const struct model_kind *kind, enum task task, const struct option_row *row, double value)
{
	char text[NUMBER_SIZE];
	struct error ignored = ERROR_INIT;

	number_print_short(text, value, 17);
	return take_value(kind, task, row, text, &ignored) >= 0;
}

/* low..high, of a parameter that is a number, or a text that may be one: C=inf, max_features=sqrt. Whole where nothing else is taken. */
static bool read_range(const struct model_kind *kind, enum task task, const struct option_row *row, const char *value, struct dimension *axis)
{
	const char *dots = strstr(value, "..");

	if (!dots || !number_real_rounded(value, (size_t)(dots - value), &axis->low) || !number_real_rounded(dots + 2, strlen(dots + 2), &axis->high))
		return false;
	if (row->type == OPTION_TEXT && !takes_number(kind, task, row, axis->low) && !takes_number(kind, task, row, axis->high))
		return false;
	axis->whole = row->type == OPTION_INT ||
	              (row->type == OPTION_TEXT && axis->low == floor(axis->low) && !takes_number(kind, task, row, axis->low + 0.5));
	axis->log = axis->low > 0;
	return row->type == OPTION_INT || row->type == OPTION_REAL || row->type == OPTION_TEXT;
}

static void split_values(const char *text, char between, struct names *values)
{
	const char *end;

	while ((end = strchr(text, between))) {
		names_take(values, mem_text_n(text, (size_t)(end - text)));
		text = end + 1;
	}
	names_add(values, text);
}

static int check_values(const struct model_kind *kind, enum task task, const struct option_row *row, const struct dimension *axis, struct error *err)
{
	char text[NUMBER_SIZE];
	int result = 0;

	for (size_t i = 0; i < axis->values.n && result >= 0; i++) {
		if (names_find(&axis->values, axis->values.items[i]) != i)
			return error_set(err, STATUS_USAGE, "%s=: '%s' is given twice", axis->key, axis->values.items[i]);
		result = take_value(kind, task, row, axis->values.items[i], err);
	}
	if (axis->values.n > 0)
		return result;
	if (!(axis->low < axis->high))
		return error_set(err, STATUS_USAGE, "%s=: a range is low..high", axis->key);
	for (int end = 0; end < 2 && result >= 0; end++) {
		number_print_short(text, end ? axis->high : axis->low, 17);
		result = take_value(kind, task, row, text, err);
	}
	return result;
}

static void add_fixed(struct family *family, const char *key, const char *value)
{
	struct buffer word = BUFFER_INIT;

	buffer_format(&word, "%s=%s", key, value);
	names_add(&family->fixed, buffer_text(&word));
	buffer_free(&word);
}

/* Of a text with commas whether it is one value: the family takes it, or none of its parts. */
static bool is_one(const struct family *family, enum task task, const struct option_row *row, const char *value)
{
	struct names parts = { .items = NULL };
	struct error ignored = ERROR_INIT;
	bool one = take_value(family->kind, task, row, value, &ignored) >= 0;

	split_values(value, ',', &parts);
	if (!one && row->type == OPTION_TEXT) {
		one = true;
		for (size_t i = 0; i < parts.n && one; i++) {
			error_clear(&ignored);
			one = take_value(family->kind, task, row, parts.items[i], &ignored) < 0;
		}
	}
	names_release(&parts);
	return one;
}

/* One value is fixed, several are an axis. */
static int add_axis(struct family *family, enum task task, const struct option_row *row, const char *value, struct error *err)
{
	struct dimension axis = { .key = mem_text(row->name) };
	bool bars = strchr(value, '|'), range = !bars && read_range(family->kind, task, row, value, &axis);

	if (!range && !bars && is_one(family, task, row, value)) {
		add_fixed(family, row->name, value);
		free(axis.key);
		return 0;
	}
	if (!range)
		split_values(value, bars ? '|' : ',', &axis.values);
	array_grow(family->axes, family->n_axes, family->room);
	family->axes[family->n_axes++] = axis;
	family->lists = family->lists || !range;
	family->ranges = family->ranges || range;
	return check_values(family->kind, task, row, &axis, err);
}

static bool has_key(const struct family *family, const char *key)
{
	for (size_t i = 0; i < family->n_axes; i++)
		if (strcmp(family->axes[i].key, key) == 0)
			return true;
	return parameters_word(&family->fixed, key) != NULL;
}

/* What the family itself would search, where nothing was said. */
static int add_own(struct family *family, enum task task, struct error *err)
{
	for (const char *const *word = family->kind->search; word && *word; word++) {
		struct keyed keyed = keyed_of(*word);
		const struct option_row *row = row_of(family->kind, &keyed);
		bool lists = family->lists, ranges = family->ranges;

		if (has_key(family, row->name))
			continue;
		if (add_axis(family, task, row, keyed.value, err) < 0)
			return -1;
		family->axes[family->n_axes - 1].own = true;
		family->lists = lists;
		family->ranges = ranges;
	}
	return 0;
}

/* A word for this family where it has the key, or names it. */
static int add_word(struct family *family, enum task task, const char *word, bool *taken, struct error *err)
{
	struct keyed keyed = keyed_of(word);
	const struct option_row *row = is_for(family->kind, &keyed) ? row_of(family->kind, &keyed) : NULL;

	if (!row)
		return 0;
	*taken = true;
	if (has_key(family, row->name))
		return error_set(err, STATUS_USAGE, "%s is given twice for model '%s'", row->name, family->kind->name);
	return add_axis(family, task, row, keyed.value, err);
}

/* A key that another family has, too, may be meant for that one. */
static int explain_word(const struct space *space, size_t family, const char *word, struct error *err)
{
	struct keyed keyed = keyed_of(word);
	char *said;

	for (size_t f = 0; f < space->n && !keyed.family; f++)
		if (f != family && row_of(space->families[f].kind, &keyed)) {
			said = mem_text(err->message);
			error_clear(err);
			error_set(err, STATUS_USAGE, "%s; %s.%.*s= is for one family", said, space->families[f].kind->name, (int)keyed.size, keyed.key);
			free(said);
			break;
		}
	return -1;
}

/* ---- families ---- */

static void add_family(struct space *space, const struct model_kind *kind)
{
	space->families = mem_resize(space->families, space->n + 1, sizeof *space->families);
	space->families[space->n++] = (struct family){ .kind = kind };
}

/* Names first, so that one that is wrong is told whatever the task is. */
static int add_named(struct space *space, const char *models, enum task task, struct error *err)
{
	const struct problem problem = { .task = task };
	struct names names = { .items = NULL };
	int result = 0;

	split_values(models, ',', &names);
	for (size_t i = 0; i < names.n && result >= 0; i++) {
		const struct model_kind *kind = model_require(names.items[i], err);

		if (!kind)
			result = -1;
		else if (model_clusters(kind))
			result = error_set(err, STATUS_USAGE, "model '%s' learns without a target, and nothing says which clusters are better", kind->name);
		else if (names_find(&names, names.items[i]) != i)
			result = error_set(err, STATUS_USAGE, "--model: '%s' is named twice", kind->name);
		if (result >= 0)
			add_family(space, kind);
	}
	for (size_t i = 0; i < space->n && result >= 0 && task != TASK_CLUSTERING; i++)
		result = space->families[i].kind->check(space->families[i].kind->defaults, &problem, err);
	names_release(&names);
	if (result < 0) {
		free(space->families);
		*space = (struct space){ .families = NULL };
	}
	return result;
}

/* Votes can't be compared with probabilities. */
static bool suits(const struct model_kind *kind, enum task task, uint64_t n_train)
{
	bool votes = task == TASK_CLASSIFICATION && kind->votes && kind->votes_with(kind->defaults), few = kind->search_rows == 0 || n_train <= kind->search_rows;
	const struct problem problem = { .task = task };
	struct error ignored = ERROR_INIT;

	return kind->search && few && !votes && kind->check(kind->defaults, &problem, &ignored) == 0;
}

/* Those that say what they would search, and take the task. */
static void add_all(struct space *space, enum task task, uint64_t n_train)
{
	size_t n;
	const struct model_kind *const *kinds = model_list(&n);

	for (size_t i = 0; i < n; i++)
		if (suits(kinds[i], task, n_train))
			add_family(space, kinds[i]);
}

/* A word that no family takes. */
static int refuse_word(const struct space *space, const char *word, struct error *err)
{
	struct keyed keyed = keyed_of(word);
	struct text_list words = { .items = keyed.family ? &keyed.key : &word, .n = 1 };
	const struct model_kind **kinds = mem_array(space->n + 1, sizeof *kinds);
	size_t n = 0;
	int result = -1;
	char *name;

	for (size_t i = 0; i < space->n; i++)
		if (is_for(space->families[i].kind, &keyed))
			kinds[n++] = space->families[i].kind;
	if (n > 0) {
		result = parameters_require_any(kinds, n, &words, err);
	} else {
		name = mem_text_n(keyed.family, keyed.family_size);
		error_set(err, STATUS_USAGE, "'%s': model '%s' is not searched (--model names those that are)", word, name);
		free(name);
	}
	free(kinds);
	return result;
}

int space_read(struct space *space, const struct space_options *options, struct error *err)
{
	*space = (struct space){ .families = NULL };
	if (options->models && add_named(space, options->models, options->task, err) < 0)
		return -1;
	if (!options->models)
		add_all(space, options->task, options->n_train);
	for (size_t i = 0; i < options->words->n; i++) {
		const char *word = options->words->items[i];
		bool taken = false;

		if (!space_takes(word))
			continue;
		for (size_t f = 0; f < space->n; f++)
			if (add_word(&space->families[f], options->task, word, &taken, err) < 0)
				return explain_word(space, f, word, err);
		if (!taken && refuse_word(space, word, err) < 0)
			return -1;
	}
	for (size_t f = 0; f < space->n; f++) {
		struct family *family = &space->families[f];

		space->lists = space->lists || family->lists;
		space->ranges = space->ranges || family->ranges;
		if (options->automatic && add_own(family, options->task, err) < 0)
			return -1;
	}
	return 0;
}

/* By what is fixed: where it is searched whether they do, some do. */
bool space_votes(const struct space *space, size_t family)
{
	const struct family *of = &space->families[family];
	const struct text_list words = { .items = (const char **)of->fixed.items, .n = of->fixed.n };
	struct general_parameters general;
	struct error ignored = ERROR_INIT;
	bool votes = of->kind->votes;
	void *config;

	if (!votes)
		return false;
	config = mem_new(1, of->kind->config_size);
	if (parameters_set(of->kind, &words, TASK_CLASSIFICATION, config, &general, &ignored) >= 0)
		votes = of->kind->votes_with(config);
	free(config);
	return votes;
}

void space_release(struct space *space)
{
	for (size_t f = 0; f < space->n; f++) {
		struct family *family = &space->families[f];

		for (size_t i = 0; i < family->n_axes; i++) {
			free(family->axes[i].key);
			names_release(&family->axes[i].values);
		}
		free(family->axes);
		names_release(&family->fixed);
	}
	free(space->families);
	*space = (struct space){ .families = NULL };
}

/* ---- points ---- */

static uint64_t family_size(const struct family *family)
{
	uint64_t size = 1;

	for (size_t i = 0; i < family->n_axes; i++) {
		uint64_t n = family->axes[i].values.n > 0 ? family->axes[i].values.n : 1;

		size = size > UINT64_MAX / n ? UINT64_MAX : size * n;
	}
	return size;
}

uint64_t space_size(const struct space *space)
{
	uint64_t size = 0;

	for (size_t f = 0; f < space->n; f++) {
		uint64_t more = family_size(&space->families[f]);

		size = size > UINT64_MAX - more ? UINT64_MAX : size + more;
	}
	return size;
}

static struct point point_new(const struct space *space, size_t family)
{
	return (struct point){ family, mem_new(space->families[family].n_axes + 1, sizeof(double)) };
}

struct point space_grid(const struct space *space, uint64_t i)
{
	size_t f = 0;
	struct point point;

	while (i >= family_size(&space->families[f]))
		i -= family_size(&space->families[f++]);
	point = point_new(space, f);
	for (size_t a = space->families[f].n_axes; a-- > 0;) {
		uint64_t n = space->families[f].axes[a].values.n > 0 ? space->families[f].axes[a].values.n : 1;

		point.at[a] = ((double)(i % n) + 0.5) / (double)n;
		i /= n;
	}
	return point;
}

/* Where a number lies on a range. */
static double place_on(const struct dimension *axis, double value)
{
	double place = axis->log ? (log(value) - log(axis->low)) / (log(axis->high) - log(axis->low)) : (value - axis->low) / (axis->high - axis->low);

	return place > 0 ? place < 1 ? place : 1 : 0;
}

static bool is_choice(const struct option_row *row, int number, const char *text)
{
	const char *word = row->choices;

	for (; number > 0 && word; number--)
		word = strchr(word, '|') ? strchr(word, '|') + 1 : NULL;
	return word && strcspn(word, "|") == strlen(text) && strncmp(word, text, strlen(text)) == 0;
}

/* NULL: the family says nothing of it. */
static const char *begins_with(const struct model_kind *kind, const char *key)
{
	for (const char *const *word = kind->search_from; word && *word; word++)
		if (parameter_key(*word) == strlen(key) && strncmp(*word, key, strlen(key)) == 0)
			return *word + strlen(key) + 1;
	return NULL;
}

/* Of a list: that which is the default as it prints, or as the family would begin, else its first value. */
static double default_place(const struct model_kind *kind, const struct dimension *axis)
{
	const char *begin = begins_with(kind, axis->key);
	const struct option_row *row = find_row(kind->options, axis->key, strlen(axis->key));
	const char *member = row ? (const char *)kind->defaults + row->offset : NULL;
	double number = !member ? NAN : row->type == OPTION_INT ? (double)*(const int64_t *)member : row->type == OPTION_REAL ? *(const double *)member : NAN;

	if (begin && !number_real_rounded(begin, strlen(begin), &number))
		number = NAN;
	if (axis->values.n == 0)
		return isnan(number) ? 0.5 : place_on(axis, number);
	for (size_t i = 0; i < axis->values.n; i++) {
		const char *text = axis->values.items[i];
		double value;
		bool same = begin ? strcmp(text, begin) == 0 : !isnan(number) ? number_real_rounded(text, strlen(text), &value) && value == number :
		            row && row->type == OPTION_CHOICE ? is_choice(row, *(const int *)member, text) :
		            row && row->type == OPTION_TEXT && *(const char *const *)member && strcmp(*(const char *const *)member, text) == 0;

		if (same)
			return ((double)i + 0.5) / (double)axis->values.n;
	}
	return 0.5 / (double)axis->values.n;
}

struct point space_default(const struct space *space, size_t family)
{
	struct point point = point_new(space, family);

	for (size_t a = 0; a < space->families[family].n_axes; a++)
		point.at[a] = default_place(space->families[family].kind, &space->families[family].axes[a]);
	return point;
}

struct point space_draw(const struct space *space, size_t family, struct rng *rng)
{
	struct point point = point_new(space, family);

	for (size_t a = 0; a < space->families[family].n_axes; a++)
		point.at[a] = rng_unit(rng);
	return point;
}

struct point point_copy(const struct space *space, const struct point *point)
{
	struct point copy = point_new(space, point->family);

	memcpy(copy.at, point->at, space->families[point->family].n_axes * sizeof *copy.at);
	return copy;
}

void point_release(struct point *point)
{
	free(point->at);
	point->at = NULL;
}

static void print_value(const struct dimension *axis, double at, struct buffer *to)
{
	char text[NUMBER_SIZE];
	size_t n = axis->values.n;
	double value;

	if (n > 0) {
		size_t i = at > 0 ? (size_t)(at * (double)n) : 0;

		buffer_add_text(to, axis->values.items[i < n ? i : n - 1]);
		return;
	}
	at = at < 0 ? 0 : at > 1 ? 1 : at;
	value = axis->log ? exp(log(axis->low) + at * (log(axis->high) - log(axis->low))) : axis->low + at * (axis->high - axis->low);
	if (axis->whole) {
		number_print_int(text, (int64_t)nearbyint(value));
	} else {
		number_print_short(text, value, DIGITS);
	}
	buffer_add_text(to, text);
}

void point_words(const struct space *space, const struct point *point, struct names *words)
{
	const struct family *family = &space->families[point->family];

	names_copy(words, &family->fixed);
	for (size_t a = 0; a < family->n_axes; a++) {
		struct buffer word = BUFFER_INIT;

		buffer_format(&word, "%s=", family->axes[a].key);
		print_value(&family->axes[a], point->at[a], &word);
		names_add(words, buffer_text(&word));
		buffer_free(&word);
	}
}

int words_settled(const struct model_kind *kind, const struct names *words, enum task task, struct buffer *to, struct error *err)
{
	const struct text_list list = { .items = (const char **)words->items, .n = words->n };
	struct general_parameters general;
	void *config = mem_new(1, kind->config_size);
	int result = parameters_set(kind, &list, task, config, &general, err);

	if (result >= 0) {
		if (kind->settle)
			kind->settle(config);
		pack_text(to, kind->name);
		parameters_pack_set(kind, config, &general, to);
	}
	free(config);
	return result;
}

/* ---- words alone ---- */

/* Whether a family takes one of its configurations, as far as so many tell. first: in the grid. */
static int try_some(const struct space *space, uint64_t first, uint64_t size, enum task task, struct error *err)
{
	int result = -1;

	for (uint64_t i = 0; i < size && i < MOST_LOOKED_AT && result < 0; i++) {
		struct point point = space_grid(space, first + i);
		const struct model_kind *kind = space->families[point.family].kind;
		struct names words = { .items = NULL };
		struct buffer settled = BUFFER_INIT;

		point_words(space, &point, &words);
		error_clear(err);
		if ((result = words_settled(kind, &words, task, &settled, err)) < 0)
			name_family(kind, err);
		buffer_free(&settled);
		names_release(&words);
		point_release(&point);
	}
	if (size > MOST_LOOKED_AT)
		error_clear(err);
	return size > MOST_LOOKED_AT ? 0 : result;
}

/* What one family does not take as it is may be meant for another: words that the message names. */
static int explain_words(const struct space *space, size_t family, const struct text_list *words, struct error *err)
{
	char *said = mem_text(err->message);

	for (size_t i = 0; i < words->n; i++) {
		struct keyed keyed = keyed_of(words->items[i]);
		char *key = mem_format("%.*s=", (int)keyed.size, keyed.key);

		if (keyed.size > 0 && !keyed.family && row_of(space->families[family].kind, &keyed) && strstr(said, key))
			(void)explain_word(space, family, words->items[i], err);
		free(key);
	}
	free(said);
	return -1;
}

static int try_families(const struct space *space, const struct text_list *words, enum task task, struct error *err)
{
	uint64_t first = 0;

	for (size_t f = 0; f < space->n && first < UINT64_MAX / 2; f++) {
		uint64_t size = family_size(&space->families[f]);

		if (try_some(space, first, size, task, err) < 0)
			return explain_words(space, f, words, err);
		first = first > UINT64_MAX - size ? UINT64_MAX : first + size;
	}
	return 0;
}

/* Told by the task whose families got as far as the words. */
int space_words(struct space *space, const char *models, const struct text_list *words, struct error *err)
{
	static const enum task tasks[] = { TASK_CLASSIFICATION, TASK_REGRESSION };
	struct error why[2] = { ERROR_INIT, ERROR_INIT };
	bool known[2];

	for (int i = 0; i < 2; i++) {
		struct space_options options = { .models = models, .words = words, .task = tasks[i] };
		int result = space_read(space, &options, &why[i]);

		known[i] = space->n > 0;
		if (result >= 0)
			result = try_families(space, words, tasks[i], &why[i]);
		if (result >= 0)
			return 0;
		space_release(space);
	}
	*err = known[0] || !known[1] ? why[0] : why[1];
	return -1;
}
