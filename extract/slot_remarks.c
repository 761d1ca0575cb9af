/* SPDX-License-Identifier: MIT */
#include "slot_remarks.h"

#include "few_cells.h"

enum { LEAST_CELLS = 5 };       /* a table of more rows may have others below it */

/* Nearly all that is no value of its kind would be one without blanks. */
static bool is_padded(const struct slot *slot)
{
	const struct infer *infer = &slot->infer;

	return slot->type == TYPE_TEXT && !slot->given && infer->n_padded > 0 &&
		few_cells(infer->n - infer->n_like[infer_like(infer)] - infer->n_padded, infer->n);
}

/* Why a text column nearly all of which are numbers with marks is one; N_REMARKS: it is not. */
static enum remark marks_remark(const struct slot *slot)
{
	const struct infer *infer = &slot->infer;
	uint64_t others = infer->n - infer->n_like[LIKE_NUMBER];
	bool decimal = infer->n_decimal > 0 && infer->n_real == 0 && few_cells(others - infer->n_decimal, infer->n);
	bool grouped[N_GROUPED];

	for (int i = 0; i < N_GROUPED; i++)
		grouped[i] = infer->n_grouped[i] > 0 && few_cells(others - infer->n_grouped[i], infer->n);
	if (slot->type != TYPE_TEXT || slot->given)
		return N_REMARKS;
	if (infer_waits(infer))
		return REMARK_POINTS;
	if (decimal || grouped[GROUPED_COMMA])
		return !decimal ? REMARK_THOUSANDS : grouped[GROUPED_COMMA] ? REMARK_COMMAS : REMARK_DECIMAL;
	return grouped[GROUPED_SPACE] ? REMARK_SPACES : grouped[GROUPED_TICK] ? REMARK_TICKS : N_REMARKS;
}

void slot_remark(struct remarks *remarks, const struct slots *slots, size_t i, const struct build *build, const char *name, bool several_files,
                 uint64_t n_lines, bool dates)
{
	const struct slot *slot = &slots->items[i];
	struct build_odd odd = build_odd(build, i);
	uint64_t n_last = odd.line > 0 && odd.line <= n_lines ? n_lines - odd.line + 1 : UINT64_MAX;    /* lines that hold all that is odd */
	enum remark marks = marks_remark(slot);
	bool footer = !dates && n_last <= FOOTER_LINES && odd.n_faults == 0 && odd.n_cells > LEAST_CELLS && 4 * odd.n_odd <= odd.n_cells;
	bool units = !dates && odd.top && odd.n_odd == 1 && odd.n_faults == 0 && odd.n_cells > LEAST_CELLS && !several_files;
	char form[TIME_FORM_SIZE];

	if (footer && n_last > remarks->n_footer)
		remarks->n_footer = n_last;
	if (units && (remarks->n_units == 0 || odd.line == remarks->units_line))
		remarks->n_units++, remarks->units_line = odd.line;
	odd.words.more |= footer || units;      /* sums, sources and units are no words for what is missing */
	for (int word = 0; word < N_MISSING_WORDS; word++) {
		uint64_t n = build_words(build, i, word);

		if (n > 0)
			remarks_word(remarks, name, null_word_name(word), n);
	}
	if (is_padded(slot))
		remarks_column(remarks, REMARK_PADDED, name);
	else if (marks != N_REMARKS)
		remarks_column(remarks, marks, name);
	else if (odd.n_odd > 0 && !dates && (footer || units || few_cells(odd.n_odd, odd.n_cells) || odd.n_faults == odd.n_odd))
		remarks_nearly(remarks, name, &odd, several_files);
	if (build_converted(build, i) > 0)
		remarks_zones(remarks, name, build_converted(build, i));
	if (slot->type == TYPE_TEXT && !slot->given && slot->infer.offsets && 2 * slot->infer.n_like[LIKE_TIME] > slot->infer.n) {
		infer_offsets_form(&slot->infer, form);
		remarks_offsets(remarks, name, form);
	}
}
