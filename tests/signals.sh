# SPDX-License-Identifier: MIT
# For cases and scripts that signal a process. A shell may reap its child whenever it runs a command, and from then on the number is
# free for a process of another run. So a process is ours only if it works in this folder, which is nobody else's, and no command
# runs between this look and the signal: a child that ends meanwhile keeps its number.
is_ours() { [ "/proc/$1/cwd" -ef . ]; }

# signal NAME PID; false: it is gone
signal() { is_ours "$2" && kill -s "$1" "$2"; }

# started PID: waits until it catches SIGUSR1, so it may be asked how far it is, or ended by a signal; false: it is gone
started() {
	while is_ours "$1"; do
		grep -q '^SigCgt:.*[2367abef]..$' "/proc/$1/status" 2>/dev/null && return
	done
	return 1
}

# asked PID PATTERN FILE: asks it how far it is until the file has that; false: it is gone
asked() { until grep -q "$2" "$3"; do signal USR1 "$1" || return; done; }

# there FILE PID: waits until it has made the file; false: it is gone
there() { until [ -e "$1" ]; do is_ours "$2" || return; done; }
