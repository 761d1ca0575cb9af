# SPDX-License-Identifier: MIT
# For cases that kill a stage of a pipe: kill_one, of the pipe in $pipe, whose stages are $names.
. "$TOP/tests/signals.sh"
rows() { "$TOP/scripts/make-deliveries" -c 300; }
cat >pass.awk <<'END'
{ print; fflush() }
END
# stage NAME command...: leaves its process id in NAME.pid
cat >stage <<'END'
name=$1; shift
echo $$ >$name.new; mv $name.new $name.pid
exec "$@"
END
stage() { sh ./stage "$@"; }

# kill_one NAME: starts the pipe in $pipe, kills its stage NAME, tells how the pipe ended
kill_one() {
	rm -f -- *.pid fifo model.mp out.csv
	mkfifo fifo
	(eval "$pipe" 2>err >/dev/null; echo $? >status) &
	exec 9>fifo
	rows >&9
	for name in $names; do
		there $name.pid $!
	done
	read -r pid <"$1.pid"
	signal KILL "$pid"
	exec 9>&-
	wait
	echo "$1 killed: exit $(cat status) $(ls model.mp out.csv 2>/dev/null)"
	grep -E '^(extract|transform|train|evaluate|load): ' err | sort | sed 's/^/    /'
}
