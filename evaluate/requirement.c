/* SPDX-License-Identifier: MIT */
#include "requirement.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "buffer.h"
#include "class_remarks.h"
#include "memory.h"
#include "number.h"
#include "text.h"

static const char *const signs[N_COMPARISONS] = { ">=", "<=", ">", "<", "==" };        /* the longer ones first */

static size_t skip_blanks(const char *text)
{
	return strspn(text, " \t\n");
}

static const char *split_at(const void *list, size_t i)
{
	(void)list;
	return split_name((enum split)i);
}

static int read_split(enum split *split, const char *name, struct error *err)
{
	const char *close;

	for (*split = 0; *split < N_SPLITS; (*split)++)
		if (strcmp(split_name(*split), name) == 0)
			return 0;
	close = text_closest(name, split_at, NULL, N_SPLITS);
	return error_set(err, STATUS_USAGE, "no split '%s' (%s%s%s)", name, close ? "did you mean '" : "it is test, valid or all",
	                 close ? close : "", close ? "'?" : "");
}

/* The bracket that closes a class stands before a comparison: a label may hold brackets itself. */
static const char *class_end(const char *at)
{
	for (; *at; at++)
		if (*at == ']' && strchr("<>=", at[1 + skip_blanks(at + 1)]) && at[1 + skip_blanks(at + 1)])
			return at;
	return NULL;
}

/* `split.` and the metric's name, up to what is no letter. */
static int read_names(struct requirement *one, const char **at, struct error *err)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";
	size_t size = strspn(*at, letters);
	int failed = 0;

	one->split = N_SPLITS;
	if ((*at)[size] == '.') {
		char *name = mem_text_n(*at, size);

		failed = read_split(&one->split, name, err);
		free(name);
		*at += size + 1;
		size = strspn(*at, letters);
	}
	if (failed == 0) {
		char *name = mem_text_n(*at, size);

		one->kind = metric_require(name, err);
		free(name);
		*at += size;
	}
	return one->kind ? 0 : -1;
}

static int read_class(struct requirement *one, const char **at, struct error *err)
{
	const char *name = one->kind->name;

	if (**at == '[') {
		const char *end = class_end(*at + 1);

		if (!end)
			return error_set(err, STATUS_USAGE, "'[' is not closed");
		if (one->kind->brackets == BRACKETS_NONE)
			return error_set(err, STATUS_USAGE, "'%s' is over all rows and has no brackets", name);
		one->item = mem_text_n(*at + 1, (size_t)(end - *at - 1));
		*at = end + 1;
	} else if (!one->kind->overall) {
		return error_set(err, STATUS_USAGE, "'%s' needs a %s in brackets: %s[...]", name, brackets_word(one->kind), name);
	}
	return 0;
}

/* A bound above all values, most likely per cent without the sign. */
static int check_bound(const struct requirement *one, const char *number, struct error *err)
{
	bool asks_more = one->comparison == AT_LEAST || one->comparison == ABOVE || one->comparison == EQUAL;
	char share[NUMBER_SIZE], percent[NUMBER_SIZE];

	if (!one->kind->at_most_1 || !asks_more || one->bound < 1 || (one->bound == 1 && one->comparison != ABOVE))
		return 0;
	if (one->bound == 1 || one->bound > 100 || strchr(number, '%'))
		return error_set(err, STATUS_USAGE, "'%s' is 1 at most: '%s%s' can't be met", one->kind->name, signs[one->comparison], number);
	number_print_short(share, one->bound / 100, 6);
	number_print_short(percent, one->bound, 6);
	return error_set(err, STATUS_USAGE, "'%s' is 1 at most: '%s%s' can't be met (write %s or %s%%)", one->kind->name, signs[one->comparison], number,
	                 share, percent);
}

static int read_bound(struct requirement *one, const char **at, struct error *err)
{
	bool percent;
	char *number;
	size_t size;
	bool read;
	int result;

	*at += skip_blanks(*at);
	for (one->comparison = 0; one->comparison < N_COMPARISONS; one->comparison++)
		if (strncmp(*at, signs[one->comparison], strlen(signs[one->comparison])) == 0)
			break;
	if (one->comparison == N_COMPARISONS)
		return error_set(err, STATUS_USAGE, "expected one of >= <= > < == behind '%s'", one->kind->name);
	*at += strlen(signs[one->comparison]);
	*at += skip_blanks(*at);
	size = strcspn(*at, ", \t\n");
	number = mem_text_n(*at, size);
	read = number_share(number, &one->bound, &percent);
	*at += size;
	*at += skip_blanks(*at);
	if (!read || (**at && **at != ','))
		result = error_set(err, STATUS_USAGE, "expected a number, such as 0.8 or 80%%, behind '%s'", signs[one->comparison]);
	else if (percent && (one->kind->unit == UNIT_COUNT || one->kind->unit == UNIT_TARGET))
		result = error_set(err, STATUS_USAGE, "'%s' is %s: no per cent", one->kind->name,
		                   one->kind->unit == UNIT_COUNT ? "a count" : "in the target's unit");
	else
		result = check_bound(one, number, err);
	free(number);
	return result;
}

static void requirement_release(struct requirement *one)
{
	free(one->text);
	free(one->item);
}

int requirements_read(struct requirements *to, const char *conditions, struct error *err)
{
	for (const char *at = conditions; ; at++) {
		struct requirement one = { .text = NULL };
		const char *from;

		at += skip_blanks(at);
		from = at;
		if (read_names(&one, &at, err) < 0 || read_class(&one, &at, err) < 0 || read_bound(&one, &at, err) < 0) {
			requirement_release(&one);
			return error_prefix(err, "--require '%s'", conditions);
		}
		one.text = mem_text_n(from, (size_t)(at - from));
		array_grow(to->items, to->n, to->room);
		to->items[to->n++] = one;
		if (!*at)
			return 0;
	}
}

int requirements_items(const struct requirements *requirements, struct item_lists *to, struct error *err)
{
	for (size_t i = 0; i < requirements->n; i++) {
		const struct requirement *one = &requirements->items[i];

		if (one->item && one->kind->good_item && items_read(to, one->kind, one->item, err) < 0)
			return error_prefix(err, "--require '%s'", one->text);
	}
	return 0;
}

static bool met(const struct requirement *one, double value)
{
	switch (one->comparison) {
	case AT_LEAST: return value >= one->bound;
	case AT_MOST: return value <= one->bound;
	case ABOVE: return value > one->bound;
	case BELOW: return value < one->bound;
	default: return value == one->bound;
	}
}

/* Why a metric was not computed. true: for what rows came, so that it may be there another time; false: whatever comes, there is none. */
static bool explain_absence(const struct requirement *one, const struct subject *subject, const struct host *host, struct buffer *why)
{
	const char *name = one->kind->name;
	struct buffer advice = BUFFER_INIT;

	if (!(one->kind->tasks & 1u << subject->task)) {
		buffer_format(why, "'%s' is a metric of %s, and this is a %s", name, one->kind->tasks & OF_NUMBERS ? "numbers" : one->kind->tasks & OF_CLASSES ? "classes"
		              : "clusters", subject->title);
		return subject->by_values;
	}
	if (one->kind->needs_shares && subject->votes) {
		buffer_format(why, "'%s' can't be told: the model answers without probabilities (trained with probability=yes it has them)", name);
		return false;
	}
	if (one->kind->needs_shares && subject->n_shares == 0) {
		buffer_format(why, "'%s' can't be told: it needs the probabilities of the classes (--probability names their field)", name);
		return false;
	}
	if (one->kind->needs_shares && known_shares(subject) == 0) {
		buffer_format(why, "'%s' can't be told: there are %zu classes, and a probability of one only", name, subject->classes.n);
		if (host_advice(host, ADVICE_GIVE_PROBABILITIES, NULL, &advice))
			buffer_format(why, ": %s", buffer_text(&advice));
		buffer_free(&advice);
		return subject->n_trained == 0;
	}
	if (one->item && subject->task == TASK_CLUSTERING && one->kind->brackets == BRACKETS_CLASS && !names_have(&subject->classes, one->item)) {
		buffer_format(why, "no cluster '%s': there are 0 to %zu", one->item, subject->classes.n - 1);
		return false;
	}
	if (one->item && subject->task == TASK_CLASSIFICATION && !names_have(&subject->classes, one->item)) {
		const char *close = closest_class(subject, one->item);

		buffer_format(why, "no class '%s'%s%s%s", one->item, close ? " (did you mean '" : "", close ? close : "", close ? "'?)" : "");
		return subject->n_trained == 0;
	}
	if (one->item && one->kind->mirrored) {
		buffer_format(why, "of two classes there is one '%s', without brackets: that of '%s'", name, subject->classes.items[subject->classes.n - 1]);
		return subject->n_trained == 0;
	}
	buffer_format(why, "'%s' was not measured", name);
	return false;
}

/* It is about a class of the training that no row is of, or a mean over classes that leaves one out. */
static bool about_absent(const struct requirement *one, const struct scores *scores, enum split split, struct buffer *classes)
{
	size_t class;

	if (scores->subject->task != TASK_CLASSIFICATION || one->kind->brackets != BRACKETS_CLASS)
		return false;
	if (!one->item)
		return absent_classes(scores, split, classes);
	class = names_find(&scores->subject->classes, one->item);
	return class != NO_NAME && scores_absent(scores, split, class);
}

static void name_unmet(struct buffer *unmet, const struct requirement *one)
{
	buffer_format(unmet, "%s%s", unmet->size ? "; " : "", one->text);
}

static void add_unmet(struct buffer *unmet, const struct requirement *one, double value, bool absent, struct buffer *classes)
{
	char number[NUMBER_SIZE];

	number_print_short(number, value, 6);
	name_unmet(unmet, one);
	buffer_add_text(unmet, " (");
	if (!absent || classes->size)
		buffer_format(unmet, "it is %s", isnan(value) ? "without a value" : number);
	if (absent && classes->size)
		buffer_format(unmet, ", with no row of %s)", buffer_text(classes));
	else
		buffer_add_text(unmet, absent ? "no row is of that class)" : ")");
}

static int check_absent(const struct requirement *one, const struct scores *scores, struct buffer *unmet, struct error *err)
{
	struct buffer why = BUFFER_INIT;
	int result = 0;

	if (explain_absence(one, scores->subject, scores->host, &why)) {
		name_unmet(unmet, one);
		buffer_format(unmet, " (it is without a value: %s)", buffer_text(&why));
	} else {
		result = error_set(err, STATUS_USAGE, "--require '%s': %s", one->text, buffer_text(&why));
	}
	buffer_free(&why);
	return result;
}

static int check_one(const struct requirement *given, const struct scores *scores, struct buffer *unmet, struct error *err)
{
	struct requirement named = *given, *one = &named;
	enum split split = one->split == N_SPLITS ? scores->headline : one->split;
	const struct score *score = &scores->splits[split];
	const struct result *found;
	struct buffer classes = BUFFER_INIT;
	double value;
	bool absent;

	if (!score->n_rows) {
		name_unmet(unmet, one);
		buffer_format(unmet, " (there are no %s rows)", split_name(split));
		return 0;
	}
	if (one->item && one->kind->brackets == BRACKETS_CLASS)
		one->item = (char *)class_named(scores->subject, one->item);    /* borrowed, as all of it */
	found = results_find(&score->results, one->kind->name, one->item);
	if (!found && !one->kind->counted)
		return check_absent(one, scores, unmet, err);
	value = found ? found->value : 0;       /* it did not occur */
	absent = about_absent(one, scores, split, &classes);
	if (absent || !met(one, value))
		add_unmet(unmet, one, value, absent, &classes);
	buffer_free(&classes);
	return 0;
}

int requirements_check(const struct requirements *requirements, const struct scores *scores, struct error *err)
{
	struct buffer unmet = BUFFER_INIT;
	int result = 0;

	for (size_t i = 0; i < requirements->n && result == 0; i++)
		result = check_one(&requirements->items[i], scores, &unmet, err);
	if (result == 0 && unmet.size)
		result = error_set(err, STATUS_REQUIREMENT, "requirement not met: %s", buffer_text(&unmet));
	buffer_free(&unmet);
	return result;
}

void requirements_release(struct requirements *requirements)
{
	for (size_t i = 0; i < requirements->n; i++)
		requirement_release(&requirements->items[i]);
	free(requirements->items);
	*requirements = (struct requirements){ .items = NULL };
}
