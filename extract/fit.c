/* SPDX-License-Identifier: MIT */
/*
 * The types form a small lattice: no value -> int -> real -> text, and bool and
 * time straight to text. A column is described by the set of types that all its
 * cells fit, which only shrinks; so the order of rows does not matter, and parts
 * of them can be looked at by themselves.
 */
#include "fit.h"

#include <string.h>

#include "missing_words.h"
#include "text.h"

const char *cell_text(const struct cell *cell, char *room, size_t *size)
{
	switch (cell->kind) {
	case CELL_INT: *size = number_print_int(room, cell->as.number); return room;
	case CELL_REAL: *size = number_print_real(room, cell->as.real); return room;
	case CELL_TIME: *size = time_print(room, cell->as.number, NULL); return room;
	case CELL_BOOL: *size = cell->as.number ? 4 : 5; return form_word(NULL, cell->as.number != 0);
	default: *size = cell->size; return cell->as.text;
	}
}

bool cell_unmark(const struct cell *cell, struct number_marks marks, char room[NUMBER_MARKED], struct cell *plain, struct unmarked *how)
{
	const char *text = cell->as.text;
	size_t size = number_unmark(text, cell->size, marks, room, &how->marked);

	how->comma = size > 0 && marks.point && how->marked.point;
	how->open = false;
	if (size == 0 && marks.point) {
		size = number_unmark(text, cell->size, NUMBER_MARKS_PLAIN, room, &how->marked);
		how->open = size > 0 && marked_is_open(&how->marked, text[*text == '-']);
	}
	*plain = (struct cell){ .kind = CELL_TEXT, .size = (uint32_t)size, .as.text = room };
	return size > 0 && !how->open;
}

bool cell_is_word(const struct cell *cell, const struct names *words)
{
	char room[TIME_TEXT_SIZE];
	size_t size;
	const char *text = cell_text(cell, room, &size);

	for (size_t i = 0; i < words->n; i++)
		if (strlen(words->items[i]) == size && memcmp(words->items[i], text, size) == 0)
			return true;
	return false;
}

/* A word in any case; `word` is in small letters. */
static bool is_word(const struct cell *cell, const char *word)
{
	size_t size = strlen(word);

	if (cell->size != size)
		return false;
	for (size_t i = 0; i < size; i++)
		if ((cell->as.text[i] | 0x20) != word[i])
			return false;
	return true;
}

static bool text_is_bool(const struct cell *cell, bool given, union value *value)
{
	bool yes = false, known = form_of_word(cell->as.text, cell->size, &yes) != NULL;

	if (!known && given) {
		bool digit = cell->size == 1 && (cell->as.text[0] == '0' || cell->as.text[0] == '1');

		yes = digit ? cell->as.text[0] == '1' : is_word(cell, "true");
		known = digit || yes || is_word(cell, "false");
	}
	value->number = yes;
	return known;
}

/* A cell whose kind says what it is. */
static bool kind_fits(const struct cell *cell, enum type type, bool given, union value *value)
{
	*value = (union value){ .number = cell->as.number };
	switch (type) {
	case TYPE_INT:
		return cell->kind == CELL_INT;
	case TYPE_REAL:
		if (cell->kind == CELL_INT && (given || int_is_exact(cell->as.number)))
			value->real = (double)cell->as.number;
		else
			value->real = cell->as.real;
		return cell->kind == CELL_REAL || (cell->kind == CELL_INT && (given || int_is_exact(cell->as.number)));
	case TYPE_BOOL:
		return cell->kind == CELL_BOOL || (given && cell->kind == CELL_INT && (cell->as.number | 1) == 1);
	case TYPE_TIME:
		return cell->kind == CELL_TIME;
	default:
		return true;
	}
}

bool cell_fits(const struct cell *cell, enum type type, const char *form, bool given, union value *value)
{
	const char *text = cell->as.text;
	char found[TIME_FORM_SIZE];

	if (cell->kind != CELL_TEXT && !(cell->kind == CELL_STRING && given))
		return kind_fits(cell, type, given, value);
	switch (type) {
	case TYPE_INT:
		return number_int(text, cell->size, &value->number);
	case TYPE_REAL:
		return given ? number_real_rounded(text, cell->size, &value->real) : number_real(text, cell->size, &value->real);
	case TYPE_BOOL:
		return text_is_bool(cell, given, value);
	case TYPE_TIME:
		if (form)
			return time_read(text, cell->size, form, false, &value->number);
		return given && time_detect(text, cell->size, found, &value->number);
	default:
		return true;
	}
}

/* ---- looking ---- */

enum { HOPELESS_CELLS = 64 * 1024, OTHER_OFFSET = 32 /* beside MAY_...: a time, but no column can be of both */ };

/* Where the fraction of a form stands, or would; *size 0: it has none. */
static char *fraction_of(char *form, size_t *size)
{
	char *seconds = strstr(form, "%S"), *at = seconds ? seconds + 2 : form + strlen(form);

	*size = at[0] == '%' && at[1] == '.' ? 3 : at[0] == '.' && at[1] == '%' ? 4 : 0;
	return at;
}

/* A form without its fraction; where that stood. */
static size_t without_fraction(char *form)
{
	size_t size;
	char *at = fraction_of(form, &size);

	memmove(at, at + size, strlen(at + size) + 1);
	return (size_t)(at - form);
}

static bool same_fraction(char *a, char *b)
{
	size_t a_size, b_size;
	const char *of_a = fraction_of(a, &a_size), *of_b = fraction_of(b, &b_size);

	return a_size == b_size && memcmp(of_a, of_b, a_size) == 0;
}

/* A form that takes fractions of any length, where it has seconds. */
static void with_any_fraction(char *form)
{
	size_t at = without_fraction(form);

	if (!strstr(form, "%S"))
		return;
	memmove(form + at + 3, form + at, strlen(form + at) + 1);
	memcpy(form + at, "%.f", 3);
}

/* MAY_TIME for a form that is the column's but for the length of fractions, which the column's form then leaves open. */
static unsigned join_form(struct infer *infer, char *form)
{
	char own[TIME_FORM_SIZE];
	const char *zone, *own_zone;
	bool same = same_fraction(infer->form, form);

	memcpy(own, infer->form, sizeof own);
	without_fraction(own);
	without_fraction(form);
	if (strcmp(own, form) == 0) {
		with_any_fraction(infer->form);
		return MAY_TIME;
	}
	zone = time_form_zone(form);
	own_zone = time_form_zone(own);
	if (!*zone || !*own_zone || zone - form != own_zone - own || memcmp(own, form, (size_t)(zone - form)) != 0)
		return 0;
	if (!same)
		with_any_fraction(infer->form);
	infer->offsets = true;
	return OTHER_OFFSET;
}

/* Whether the cell is a time of the column's form, MAY_TIME; the first one sets it. */
static unsigned infer_time(struct infer *infer, const struct cell *cell)
{
	char form[TIME_FORM_SIZE] = "";
	int64_t micros;

	if (cell->kind == CELL_TIME)
		return infer->formed ? 0 : MAY_TIME;
	if (cell->kind != CELL_TEXT)
		return 0;
	if (infer->formed && time_read(cell->as.text, cell->size, infer->form, false, &micros))
		return MAY_TIME;
	if ((!infer->formed && infer->n_like[LIKE_TIME]) || !time_detect(cell->as.text, cell->size, form, &micros))
		return 0;
	if (infer->formed)
		return join_form(infer, form);
	memcpy(infer->form, form, sizeof form);
	infer->formed = true;
	return MAY_TIME;
}

static void infer_words(struct infer *infer, const struct cell *cell)
{
	bool yes;
	const char *words = cell->kind == CELL_TEXT ? form_of_word(cell->as.text, cell->size, &yes) : NULL;

	infer->words_differ |= words && infer->words && words != infer->words;
	if (words)
		infer->words = words;
}

/* As which numbers a cell without marks can be read. */
static unsigned plain_may(const struct cell *cell, union value *value)
{
	if (cell_fits(cell, TYPE_INT, NULL, false, value))
		return int_is_exact(value->number) ? MAY_INT | MAY_REAL : MAY_INT;
	return cell_fits(cell, TYPE_REAL, NULL, false, value) ? MAY_REAL : 0;
}

/* As which numbers a text with marks can be read: in *plain, and how it is written. */
static unsigned marked_may(const struct cell *cell, struct number_marks marks, char *room, struct cell *plain, struct unmarked *how, union value *value)
{
	unsigned may = cell_unmark(cell, marks, room, plain, how) || how->open ? plain_may(plain, value) : 0;

	if (!marks.point || how->comma || how->marked.n_groups > 0)
		return may;
	return how->marked.point ? (may ? MAY_POINT : 0) : may & MAY_REAL ? may | MAY_POINT : may;
}

static unsigned number_may(const struct infer *infer, const struct cell *cell, union value *value)
{
	char room[NUMBER_MARKED];
	struct cell plain;
	struct unmarked how;

	return cell->kind == CELL_TEXT && !number_marks_are_plain(infer->marks) ? marked_may(cell, infer->marks, room, &plain, &how, value) : plain_may(cell, value);
}

static unsigned infer_number(struct infer *infer, const struct cell *cell)
{
	char room[NUMBER_MARKED];
	struct cell plain;
	struct unmarked how;
	union value value;
	unsigned may;

	if (cell->kind != CELL_TEXT || number_marks_are_plain(infer->marks)) {
		may = plain_may(cell, &value);
	} else {
		may = marked_may(cell, infer->marks, room, &plain, &how, &value);
		if (may)
			written_add_groups(&infer->written, &how.marked);
		infer->pointed |= may == MAY_POINT && !how.open;
		cell = &plain;
	}
	if (may & MAY_INT)
		infer->whole |= cell->kind == CELL_TEXT;
	else if (may && cell->kind == CELL_TEXT && !written_is_mixed(&infer->written))
		written_add(&infer->written, number_shape(cell->as.text, cell->size, value.real));
	return may;
}

/* What the cell fits, whatever the column may still be. */
static unsigned cell_may(struct infer *infer, const struct cell *cell)
{
	union value value;
	unsigned may = infer_number(infer, cell);

	if (may)
		return may;
	if (cell_fits(cell, TYPE_BOOL, NULL, false, &value)) {
		infer_words(infer, cell);
		return MAY_BOOL;
	}
	return infer_time(infer, cell);
}

void cell_trim(struct cell *cell)
{
	size_t size = cell->size;

	text_drop_blanks(&cell->as.text, &size);
	cell->size = (uint32_t)size;
}

/* A text that would be none without the blanks at its ends. */
static bool is_padded(const struct infer *infer, const struct cell *cell)
{
	struct cell bare = *cell;
	union value value;

	if (cell->kind != CELL_TEXT)
		return false;
	cell_trim(&bare);
	if (bare.size == cell->size)
		return false;
	return missing_word(&bare, WORDS_USUAL) != NO_MISSING_WORD || number_may(infer, &bare, &value) || cell_fits(&bare, TYPE_BOOL, NULL, false, &value);
}

static bool reads(const struct cell *cell, struct number_marks marks)
{
	char room[NUMBER_MARKED];
	size_t size = number_unmark(cell->as.text, cell->size, marks, room, NULL);
	double value;

	return size > 0 && number_real_rounded(room, size, &value);
}

/* A text that would be a number with a decimal comma, or with a mark between groups. */
static void infer_marked(struct infer *infer, const struct cell *cell)
{
	static const struct number_marks decimal[] = { { ',', 0 }, { ',', '.' }, { ',', ' ' }, { ',', '\'' } };
	static const char groups[N_GROUPED] = { [GROUPED_SPACE] = ' ', [GROUPED_TICK] = '\'' };
	bool comma = false, other = false, found = false;

	if (cell->kind != CELL_TEXT || cell->size >= NUMBER_MARKED)
		return;
	for (size_t i = 0; i < cell->size; i++) {
		comma |= cell->as.text[i] == ',';
		other |= cell->as.text[i] == ' ' || cell->as.text[i] == '\'' || (unsigned char)cell->as.text[i] >= 0x80;
	}
	for (size_t i = 0; i < sizeof decimal / sizeof *decimal && comma && !found; i++)
		found = reads(cell, decimal[i]);
	infer->n_decimal += found;
	infer->n_grouped[GROUPED_COMMA] += comma && reads(cell, (struct number_marks){ 0, ',' });
	for (int i = GROUPED_SPACE; i < N_GROUPED && other && !infer->marks.group; i++)
		infer->n_grouped[i] += reads(cell, (struct number_marks){ infer->marks.point, groups[i] });
}

void infer_cell(struct infer *infer, const struct cell *cell)
{
	unsigned fits = cell_may(infer, cell);

	infer->may &= fits;
	infer->seen = true;
	infer->n++;
	infer->n_int += fits == MAY_INT;
	infer->n_real += fits == MAY_REAL || fits == MAY_POINT;
	if (fits)
		infer->n_like[fits & (MAY_INT | MAY_REAL | MAY_POINT) ? LIKE_NUMBER : fits & MAY_BOOL ? LIKE_BOOL : LIKE_TIME]++;
	else if (is_padded(infer, cell))
		infer->n_padded++;
	else
		infer_marked(infer, cell);
}

bool infer_is_hopeless(const struct infer *infer)
{
	return !infer->may && infer->n >= HOPELESS_CELLS && 2 * (infer->n_like[infer_like(infer)] + infer->n_padded) < infer->n;
}

/*
 * Forms are alike by classes: one joins those that are its own but for fractions and offsets. So the later cells are of the first one's
 * class or of none; but for those it was not told which of the rest are.
 */
bool infer_merge(struct infer *infer, const struct infer *later)
{
	struct infer joined = *infer;
	char form[TIME_FORM_SIZE];
	unsigned may = later->may;

	if (!later->seen)
		return true;
	if (!joined.formed) {
		memcpy(joined.form, later->form, sizeof joined.form);
		joined.formed = later->formed;
	} else if (later->formed && strcmp(joined.form, later->form) != 0) {
		unsigned joins;

		memcpy(form, later->form, sizeof form);
		joins = join_form(&joined, form);
		if (!joins)
			return false;
		may &= joins;
	}
	joined.may &= may;
	joined.seen = true;
	joined.offsets |= later->offsets;
	joined.whole |= later->whole;
	joined.pointed |= later->pointed;
	joined.words_differ |= later->words_differ || (joined.words && later->words && joined.words != later->words);
	joined.words = later->words ? later->words : joined.words;
	written_merge(&joined.written, later->written);
	joined.n += later->n;
	for (int like = 0; like < N_LIKES; like++)
		joined.n_like[like] += later->n_like[like];
	joined.n_int += later->n_int;
	joined.n_real += later->n_real;
	joined.n_padded += later->n_padded;
	joined.n_decimal += later->n_decimal;
	for (int group = 0; group < N_GROUPED; group++)
		joined.n_grouped[group] += later->n_grouped[group];
	*infer = joined;
	return true;
}

/* Whole numbers that doubles tell apart. */
static unsigned whole_may(const struct infer *infer)
{
	return infer->marks.point ? MAY_INT | MAY_REAL | MAY_POINT : MAY_INT | MAY_REAL;
}

void infer_numbers(struct infer *infer, uint64_t n_whole, uint64_t n_point, struct written written)
{
	if (n_whole + n_point == 0)
		return;
	infer->may &= n_point ? MAY_REAL : whole_may(infer);
	infer->whole |= n_whole > 0;
	if (n_point > 0)
		written_merge(&infer->written, written);
	infer->seen = true;
	infer->n += n_whole + n_point;
	infer->n_real += n_point;
	infer->n_like[LIKE_NUMBER] += n_whole + n_point;
}

void infer_ints(struct infer *infer, uint64_t n, uint64_t n_beyond)
{
	if (n == 0)
		return;
	infer->may &= n_beyond ? MAY_INT : whole_may(infer);
	infer->whole = infer->seen = true;
	infer->n += n;
	infer->n_int += n_beyond;
	infer->n_like[LIKE_NUMBER] += n;
}

void infer_others(struct infer *infer, unsigned what, uint64_t n)
{
	if (n == 0)
		return;
	infer->may &= what;
	infer->seen = true;
	infer->n += n;
	if (what)
		infer->n_like[what == MAY_BOOL ? LIKE_BOOL : LIKE_TIME] += n;
}

enum type infer_type(const struct infer *infer)
{
	if (!infer->seen)
		return TYPE_TEXT;
	return infer->may & MAY_INT ? TYPE_INT : infer->may & MAY_REAL || (infer->may & MAY_POINT && infer->pointed) ? TYPE_REAL : infer->may & MAY_BOOL ? TYPE_BOOL
	       : infer->may & MAY_TIME ? TYPE_TIME : TYPE_TEXT;
}

struct number_marks infer_marks(const struct infer *infer)
{
	return infer->may & (MAY_INT | MAY_REAL) ? infer->marks : NUMBER_MARKS_PLAIN;
}

const char *infer_form(const struct infer *infer, enum type type, char room[TIME_FORM_SIZE])
{
	struct written written = infer->written;

	switch (type) {
	case TYPE_INT:
		return written_form(&written, type, infer_marks(infer), room);
	case TYPE_REAL:
		if (infer->whole)
			written_add(&written, (struct number_shape){ .decimals = 0 });
		return written_form(&written, type, infer_marks(infer), room);
	case TYPE_BOOL:
		return infer->words_differ || !infer->words || strcmp(infer->words, form_of_word("true", 4, &(bool){ false })) == 0 ? NULL : infer->words;
	case TYPE_TIME:
		return infer->formed ? infer->form : NULL;
	case TYPE_TEXT:
		if (!infer->offsets || infer->n_like[LIKE_TIME] < infer->n)
			return NULL;
		infer_offsets_form(infer, room);
		return room;
	default:
		return NULL;
	}
}

void infer_offsets_form(const struct infer *infer, char form[TIME_FORM_SIZE])
{
	size_t size = (size_t)(time_form_zone(infer->form) - infer->form);

	memcpy(form, infer->form, size);        /* a zone takes as many bytes as %z, or more, but for Z */
	memcpy(form + size, "%z", 3);
}

int infer_like(const struct infer *infer)
{
	int like = LIKE_NUMBER;

	for (int i = 0; i < N_LIKES; i++)
		if (infer->n_like[i] > infer->n_like[like])
			like = i;
	return like;
}

bool infer_is_like(const struct infer *infer, int like, const struct cell *cell)
{
	union value value;
	unsigned may, other = infer->n_int == 0 || infer->n_real == 0 ? 0 : infer->n_int <= infer->n_real ? MAY_INT : MAY_REAL;

	switch (like) {
	case LIKE_NUMBER:
		may = number_may(infer, cell, &value);
		return may && may != other;
	case LIKE_BOOL:
		return cell_fits(cell, TYPE_BOOL, NULL, false, &value);
	default:
		return cell->kind == CELL_TIME || (infer->formed && cell_fits(cell, TYPE_TIME, infer->form, false, &value));
	}
}

void infer_time_form(struct infer *infer, const struct cell *cell)
{
	int64_t micros;

	if (infer->formed || cell->kind != CELL_TEXT || !time_detect(cell->as.text, cell->size, infer->form, &micros))
		return;
	with_any_fraction(infer->form);
	infer->formed = true;
}
