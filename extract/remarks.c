/* SPDX-License-Identifier: MIT */
#include "remarks.h"

#include <inttypes.h>
#include <string.h>

#include "null_words.h"
#include "selector.h"
#include "text.h"

enum { MOST_COLUMNS = 10, NAME_COLUMNS = 60 };

/* Begins an item of a line, with the column's name; NULL: the line has enough of them. */
static struct buffer *begin_item(struct remarks *remarks, enum remark remark, const char *column, const char *between)
{
	struct remark_line *line = &remarks->lines[remark];

	if (line->n++ >= MOST_COLUMNS && !remarks->all)
		return NULL;
	if (line->n > 1)
		buffer_add_text(&line->text, between);
	text_escape(&line->text, column, strlen(column), NAME_COLUMNS);
	return &line->text;
}

void remarks_word(struct remarks *remarks, const char *column, const char *word, uint64_t n)
{
	const char *shown = *word ? word : "\"\"";
	struct buffer what = BUFFER_INIT;
	struct buffer *item = &remarks->lines[REMARK_WORDS].text;

	if (column != remarks->column)
		remarks->has_room = (item = begin_item(remarks, REMARK_WORDS, column, ", ")) != NULL;
	remarks->column = column;
	if (remarks->has_room)
		buffer_format(item, " %s %" PRIu64, shown, n);
	buffer_format(&what, "%s taken as null", shown);
	tally_add(&remarks->words, buffer_text(&what), column, n);
	buffer_free(&what);
}

void remarks_nearly(struct remarks *remarks, const char *column, const struct build_odd *odd, bool several_files)
{
	struct buffer *item = begin_item(remarks, REMARK_NEARLY, column, "; ");

	remarks->faults |= odd->faults;
	for (size_t i = 0; i < odd->words.n && !odd->words.more; i++)
		if (!names_have(&remarks->odd_words, odd->words.texts[i]))
			names_add(&remarks->odd_words, odd->words.texts[i]);
	if (!item)
		return;
	buffer_format(item, remarks->lines[REMARK_NEARLY].n == 1 ? ": text for %" PRIu64 " of %" PRIu64 " cells (" : ": %" PRIu64 " of %" PRIu64 " (",
	              odd->n_odd, odd->n_cells);
	if (several_files)
		text_escape(item, odd->file, strlen(odd->file), 0);
	buffer_format(item, "%s%" PRIu64 ")", several_files ? ":" : "line ", odd->line);
}

static void add_word(struct buffer *words, const char *word)
{
	buffer_add_text(words, words->size ? "," : "'");
	text_list_item(words, word);
}

/* What to do about cells that make text of a column; the words that are known as faults need not be looked for, nor those that are few. */
static void advise_nearly(const struct remarks *remarks, bool shows_values, struct buffer *to)
{
	struct buffer words = BUFFER_INIT;

	buffer_add_text(to, ": parse, or --null");
	for (int word = 0; word < N_FAULT_WORDS; word++)
		if (remarks->faults & 1u << word)
			add_word(&words, fault_word_name(word));
	for (size_t i = 0; i < remarks->odd_words.n && shows_values; i++)
		add_word(&words, remarks->odd_words.items[i]);
	if (words.size) {
		buffer_add_byte(to, ' ');
		text_show(to, buffer_text(&words), words.size, false);
		buffer_add_byte(to, '\'');
	}
	buffer_free(&words);
	if (remarks->n_footer > 0)
		buffer_format(to, ", or --skip-footer %" PRIu64 " if that stands below the table", remarks->n_footer);
	if (remarks->n_units > 1)
		buffer_format(to, ", or leave line %" PRIu64 " out (sed %" PRIu64 "d FILE) if it belongs to the header, as units do", remarks->units_line, remarks->units_line);
}

void remarks_column(struct remarks *remarks, enum remark remark, const char *column)
{
	begin_item(remarks, remark, column, ", ");
}

void remarks_offsets(struct remarks *remarks, const char *column, const char *form)
{
	struct buffer name = BUFFER_INIT, *item;

	selector_print_name(&name, column);
	item = begin_item(remarks, REMARK_OFFSETS, buffer_text(&name), "; ");
	if (item)
		buffer_format(item, " as date '%s'", form);
	buffer_free(&name);
}

void remarks_amounts(struct remarks *remarks, const char *step)
{
	struct remark_line *line = &remarks->lines[REMARK_AMOUNTS];
	struct buffer word = BUFFER_INIT, shown = BUFFER_INIT;

	text_shell_word(&word, step);
	text_show_name(&shown, buffer_text(&word));
	if (line->n++ < MOST_COLUMNS || remarks->all)
		buffer_format(&line->text, " %s", buffer_text(&shown));
	buffer_free(&word);
	buffer_free(&shown);
}

/* A name as --types takes it: what would make a glob of it is itself. */
static void add_type_name(struct buffer *to, const char *name)
{
	struct buffer glob = BUFFER_INIT;

	for (const char *p = name; *p && text_is_glob(name); p++) {
		if (strchr("*?[\\", *p))
			buffer_add_byte(&glob, '\\');
		buffer_add_byte(&glob, (unsigned char)*p);
	}
	text_list_item(to, glob.size ? buffer_text(&glob) : name);
	buffer_free(&glob);
}

/* What reads the column in that order of day and month, as it is pasted: --types='when=time(%d.%m.%Y)', or 'parse when as date ...'; true: the former. */
static bool add_reading(struct buffer *to, const char *column, const struct dates *dates, enum date_order order)
{
	struct buffer reading = BUFFER_INIT, step = BUFFER_INIT, word = BUFFER_INIT;
	bool typed = dates_print(dates, order, &reading);

	if (typed) {
		buffer_add_text(&word, "--types='");
		add_type_name(&word, column);
		buffer_format(&word, "=%s'", buffer_text(&reading));     /* commas in its parentheses part nothing */
	} else {
		buffer_add_text(&step, "parse ");
		selector_print_name(&step, column);
		buffer_format(&step, " as %s", buffer_text(&reading));
		text_shell_word(&word, buffer_text(&step));
	}
	text_show_name(to, buffer_text(&word));
	buffer_free(&reading);
	buffer_free(&step);
	buffer_free(&word);
	return typed;
}

void remarks_dates(struct remarks *remarks, const char *column, enum type type, const struct dates *dates)
{
	unsigned orders = dates_orders(dates);
	bool open = (orders & (orders - 1)) != 0, typed = false;
	struct buffer item = BUFFER_INIT;
	struct remark_line *line;

	remarks->date_texts |= type == TYPE_TEXT;
	remarks->date_ints |= type == TYPE_INT;
	remarks->short_years |= open && (orders & 1u << YEAR_FIRST);
	for (enum date_order order = DAY_FIRST; order < N_DATE_ORDERS; order++)
		if (orders & 1u << order) {
			buffer_add_text(&item, item.size ? " or " : "");
			typed = add_reading(&item, column, dates, order);
		}
	line = &remarks->lines[open ? (typed ? REMARK_DAYS : REMARK_DAY_STEPS) : typed ? REMARK_DATES : REMARK_DATE_STEPS];
	if (line->n++ < MOST_COLUMNS || remarks->all)
		buffer_format(&line->text, "%s%s", !open ? " " : line->text.size ? "; " : " ", buffer_text(&item));
	buffer_free(&item);
}

void remarks_zones(struct remarks *remarks, const char *column, uint64_t n)
{
	struct buffer *item = begin_item(remarks, REMARK_ZONES, column, ", ");

	if (item)
		buffer_format(item, " %" PRIu64, n);
}

static void add_line(const struct remarks *remarks, enum remark remark, struct buffer *to)
{
	const struct remark_line *line = &remarks->lines[remark];
	size_t n_more = line->n > MOST_COLUMNS && !remarks->all ? line->n - MOST_COLUMNS : 0;

	buffer_add(to, line->text.data, line->text.size);
	if (n_more)
		buffer_format(to, " and %zu more (-v names them)", n_more);
}

static void say(const struct remarks *remarks, const struct host *host, enum remark remark, const char *before, const char *behind)
{
	struct buffer text = BUFFER_INIT;

	if (remarks->lines[remark].n == 0)
		return;
	buffer_add_text(&text, before);
	add_line(remarks, remark, &text);
	buffer_add_text(&text, behind);
	host_note(host, "%s", buffer_text(&text));
	buffer_free(&text);
}

static void say_amounts(const struct remarks *remarks, const struct host *host)
{
	struct buffer before = BUFFER_INIT;

	buffer_add_text(&before, "amounts stay text, ");
	if (!host_advice(host, ADVICE_READ_STEPS, NULL, &before))
		buffer_add_text(&before, "steps make numbers of them");
	buffer_add_byte(&before, ':');
	say(remarks, host, REMARK_AMOUNTS, buffer_text(&before), "");
	buffer_free(&before);
}

/* One line of columns that types read, and of those that steps read. */
static void say_dates(const struct remarks *remarks, const struct host *host, enum remark types, enum remark steps, const char *what)
{
	size_t n_types = remarks->lines[types].n, n_steps = remarks->lines[steps].n;
	struct buffer text = BUFFER_INIT;

	if (n_types + n_steps == 0)
		return;
	buffer_format(&text, "dates stay %s%s", !remarks->date_ints ? "text" : remarks->date_texts ? "text or numbers" : "numbers", what);
	if (n_types > 0) {
		buffer_add_byte(&text, ':');
		add_line(remarks, types, &text);
	}
	if (n_steps > 0) {
		buffer_add_text(&text, n_types > 0 ? "; " : ", ");
		if (!host_advice(host, ADVICE_READ_TIMES, NULL, &text))
			buffer_add_text(&text, "steps make times of them");
		buffer_add_byte(&text, ':');
		add_line(remarks, steps, &text);
	}
	host_note(host, "%s", buffer_text(&text));
	buffer_free(&text);
}

void remarks_say(const struct remarks *remarks, const struct host *host)
{
	struct buffer advice = BUFFER_INIT;

	say(remarks, host, REMARK_WORDS, "missing words taken as null: ", "");
	advise_nearly(remarks, host_shows_values(host), &advice);
	say(remarks, host, REMARK_NEARLY, "", buffer_text(&advice));
	buffer_free(&advice);
	say(remarks, host, REMARK_PADDED, "values with blanks around them stay text: ", ": --trim");
	say(remarks, host, REMARK_COMMAS, "numbers with commas stay text: ", ": --thousands comma, or --decimal comma");
	say(remarks, host, REMARK_THOUSANDS, "numbers with commas between thousands stay text: ", ": --thousands comma");
	say(remarks, host, REMARK_SPACES, "numbers with blanks between thousands stay text: ", ": --thousands space");
	say(remarks, host, REMARK_TICKS, "numbers with apostrophes between thousands stay text: ", ": --thousands \"'\"");
	say(remarks, host, REMARK_DECIMAL, "numbers with a decimal comma stay text: ", ": --decimal comma");
	say(remarks, host, REMARK_POINTS, "numbers with points stay text beside decimal commas: ", ": --thousands point");
	say(remarks, host, REMARK_OFFSETS, "times of several offsets stay text: parse ", " local|utc");
	say_amounts(remarks, host);
	say_dates(remarks, host, REMARK_DATES, REMARK_DATE_STEPS, "");
	say_dates(remarks, host, REMARK_DAYS, REMARK_DAY_STEPS,
	          remarks->short_years ? ", day and month or year can't be told apart" : ", day and month can't be told apart");
	say(remarks, host, REMARK_ZONES, "times of another zone, converted to that of --like: ", "");
}

void remarks_release(struct remarks *remarks)
{
	tally_release(&remarks->words);
	names_release(&remarks->odd_words);
	for (int i = 0; i < N_REMARKS; i++)
		buffer_free(&remarks->lines[i].text);
}
