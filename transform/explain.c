/* SPDX-License-Identifier: MIT */
#include "explain.h"

#include "step.h"
#include "text.h"

static void explain_names(struct buffer *to, const struct names *names)
{
	for (size_t i = 0; i < names->n; i++) {
		buffer_add_text(to, i ? ", " : "");
		text_show_name(to, names->items[i]);
	}
}

/* What a step that reads no value names: drop, role, select. */
static void explain_state(struct buffer *to, const struct unit *unit)
{
	struct names names = { .items = NULL };
	struct error ignored = ERROR_INIT;
	struct unpacked state;

	if (unit_state(unit, &state, &ignored) < 0)
		return;
	if (map_get(&state.object, "columns") && state_read_names(&state, "columns", &names, &ignored) == 0 && names.n) {
		buffer_add_byte(to, ' ');
		explain_names(to, &names);
	}
	names_release(&names);
	unpacked_free(&state);
}

void explain_unit(struct buffer *to, const struct unit *unit)
{
	static const char *const acts[] = { "columns", "rows", "table" };

	buffer_format(to, "      %s", acts[unit->acts]);
	if (unit->reads.n) {
		buffer_add_text(to, unit->acts == ACTS_ON_COLUMNS ? " " : " by ");
		explain_names(to, &unit->reads);
	}
	if (unit->writes.n) {
		buffer_add_text(to, " -> ");
		explain_names(to, &unit->writes);
	}
	if (unit->reads.n + unit->writes.n == 0 && unit->acts == ACTS_ON_COLUMNS)
		explain_state(to, unit);
	buffer_add_text(to, "\n");
}
