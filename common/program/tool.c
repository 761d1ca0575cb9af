/* SPDX-License-Identifier: MIT */
/*
 * The start and end of every program. Signals and the list of temporary files
 * belong to the process, so this is the one file that keeps state of its own.
 */
#include "tool.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "buffer.h"
#include "command_line.h"
#include "memory.h"
#include "people.h"
#include "stream.h"
#include "text.h"

enum { MAX_TEMPORARY = 32, PATH_SIZE = 4096 };

static_assert(ATOMIC_INT_LOCK_FREE == 2, "a signal handler may write it");

static struct {
	const struct tool *tool;
	const struct common_config *common;
	void *config;
	char prefix[64], command[128];
	bool reported;                  /* the error was printed */
	bool output_begun;              /* a writer has standard output */
	bool prints;                    /* standard output is no stream: tool->prints was given */
	size_t lines_stand;             /* on the terminal */
	struct timespec start;
	pthread_t thread;               /* the one that reads and writes */
	atomic_int interrupted;         /* the signal's number; this and the next are written by handlers and read by any thread */
	atomic_int status_wanted, deferred;
	char temporary[MAX_TEMPORARY][PATH_SIZE];       /* "": free */
} process;

/* ---- signals and temporary files ---- */

static void remove_temporary(void)
{
	for (int i = 0; i < MAX_TEMPORARY; i++)
		if (process.temporary[i][0])
			unlink(process.temporary[i]);
}

/* A signal may come to a thread that does not wait, or just before a call that does: so who waits is waked until the end. */
static void on_alarm(int signal_number)
{
	(void)signal_number;
	if (process.interrupted)
		alarm(1);
}

/* The first asks for an orderly end; the second does not wait for it. */
static void on_interrupt(int signal_number)
{
	if (!pthread_equal(pthread_self(), process.thread)) {
		pthread_kill(process.thread, signal_number);
		return;
	}
	alarm(1);
	if (atomic_exchange(&process.interrupted, signal_number)) {
		remove_temporary();
		_exit(128 + signal_number);
	}
}

static void on_status(int signal_number)
{
	(void)signal_number;
	process.status_wanted = 1;
}

static void catch_signal(int signal_number, void (*handler)(int))
{
	struct sigaction action = { .sa_handler = handler };

	sigemptyset(&action.sa_mask);
	sigaction(signal_number, &action, NULL);        /* without SA_RESTART: a waiting read comes back */
}

static void keep_temporary(const char *path)
{
	for (int i = 0; i < MAX_TEMPORARY; i++)
		if (!process.temporary[i][0] && strlen(path) < PATH_SIZE) {
			memcpy(process.temporary[i] + 1, path + 1, strlen(path));
			process.temporary[i][0] = path[0];      /* last: a signal sees all of it or none */
			return;
		}
}

static void forget_temporary(const char *path)
{
	for (int i = 0; i < MAX_TEMPORARY; i++)
		if (strcmp(process.temporary[i], path) == 0)
			process.temporary[i][0] = '\0';
}

static void temporary(void *state, const char *path, bool there)
{
	(void)state;
	if (there)
		keep_temporary(path);
	else
		forget_temporary(path);
}

/* These ask for an end with what there is; SIGHUP says that nobody waits for it. */
static bool can_wait(int signal_number) { return signal_number == SIGINT || signal_number == SIGTERM; }

static bool interrupted(void *state)
{
	int came = process.interrupted;

	(void)state;
	return came && !(process.deferred && can_wait(came));
}

bool tool_interrupt_came(void)
{
	return process.interrupted;
}

void tool_defer_interrupt(bool defer)
{
	process.deferred = defer;
	if (!defer && can_wait(process.interrupted))
		process.interrupted = 0;
}

static bool asked(void *state)
{
	(void)state;
	return process.status_wanted && atomic_exchange(&process.status_wanted, 0);
}

/* ---- messages ---- */

static void take_line_above(void)
{
	static const char back[] = "\033[A\r\033[K";

	(void)!write(STDERR_FILENO, back, sizeof back - 1);
}

/* The lines that say how far it is make room for others. */
static void take_lines(void)
{
	static const char back[] = "\r\033[K";

	if (process.lines_stand > 0)
		(void)!write(STDERR_FILENO, back, sizeof back - 1);
	for (; process.lines_stand > 1; process.lines_stand--)
		take_line_above();
	process.lines_stand = 0;
}

/* A message may hold names that came from input: it is one line, but for those that show the place, from `lines` on (0: none). */
static void print_message(const char *message, size_t lines)
{
	struct buffer line = BUFFER_INIT;
	size_t size = strlen(message), first = lines ? lines : size;

	take_lines();
	buffer_format(&line, "%s: ", process.tool->name);
	text_show(&line, message, first, false);
	buffer_add(&line, message + first, size - first);
	buffer_add_byte(&line, '\n');
	people_tell(&line);
	buffer_free(&line);
}

static void note(void *state, const char *text)
{
	(void)state;
	if (!process.common->quiet)
		print_message(text, 0);
}

/* The line that stands on the terminal, if any, is overwritten. */
static void show_line(void *state, const char *text, bool stays)
{
	struct buffer line = BUFFER_INIT;

	(void)state;
	take_lines();
	if (*text)
		buffer_format(&line, "%s: ", process.tool->name);
	while (*text) {
		char *one = mem_text_n(text, strcspn(text, "\n"));

		text_show_name(&line, one);
		text += strlen(one) + (text[strlen(one)] == '\n');
		if (*text || stays)
			buffer_add_byte(&line, '\n');
		process.lines_stand += !stays;
		free(one);
	}
	people_tell(&line);
	buffer_free(&line);
}

static double seconds(void *state)
{
	struct timespec now;

	(void)state;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)(now.tv_sec - process.start.tv_sec) + (double)(now.tv_nsec - process.start.tv_nsec) * 1e-9;
}

static struct host host = { .interrupted = interrupted, .asked = asked, .seconds = seconds, .note = note, .line = show_line,
                            .temporary = temporary, .advise = tool_advise };

/* ---- start ---- */

const struct host *tool_host(void) { return &host; }
const char *tool_prefix(void) { return process.prefix; }
const char *tool_command(void) { return process.command; }

static size_t terminal_width(int fd)
{
	struct winsize size;

	if (!isatty(fd))
		return 0;
	return ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

static void open_host(const struct common_config *common)
{
	const char *folder = getenv("TMPDIR");

	host.folder = folder && *folder ? folder : "/tmp";
	host.out_width = terminal_width(STDOUT_FILENO);
	host.err_width = terminal_width(STDERR_FILENO);
	host.shows_values = common->show_values || host.err_width > 0;
	host.shows_lines = host.err_width > 0 && !common->quiet;
}

/* If one of these was closed, no file that is opened may be taken for it: reads and writes go on to fail. */
static void take_descriptors(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0 && errno == EBADF)
			(void)!open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
}

/* The name that it was called by ends in its own; what it is a link or a copy of is not told. */
static void take_prefix(const char *called, const char *name)
{
	const char *slash = called ? strrchr(called, '/') : NULL, *base = slash ? slash + 1 : called;
	size_t size = base ? strlen(base) : 0, own = strlen(name);

	if (size > own && size - own < sizeof process.prefix && strcmp(base + size - own, name) == 0)
		memcpy(process.prefix, base, size - own);
	snprintf(process.command, sizeof process.command, "%s%s", process.prefix, name);
	host.command = process.command;
}

/* Before the options are parsed, since they may be at fault. */
static bool is_given(int argc, char **argv, const char *option)
{
	for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
		if (strncmp(argv[i], "--", 2) == 0 && strcmp(argv[i] + 2, option) == 0)
			return true;
	return false;
}

void tool_start(int argc, char **argv, const struct tool *tool, void *config)
{
	struct common_config *common = config;

	process.tool = tool;
	process.common = process.config = config;
	host.program = tool->name;
	take_prefix(argc > 0 ? argv[0] : NULL, tool->name);
	clock_gettime(CLOCK_MONOTONIC, &process.start);
	process.thread = pthread_self();
	take_descriptors();
	catch_signal(SIGPIPE, SIG_IGN);
	catch_signal(SIGALRM, on_alarm);
	catch_signal(SIGXFSZ, SIG_IGN);         /* a file that may not grow is an error of write */
	catch_signal(SIGINT, on_interrupt);
	catch_signal(SIGTERM, on_interrupt);
	catch_signal(SIGHUP, on_interrupt);
	catch_signal(SIGUSR1, on_status);
	atexit(remove_temporary);
	process.prints = tool->prints && is_given(argc, argv, tool->prints);
	options_parse(argc, argv, tool, config);
	open_host(common);
	common->host = &host;
}

/* ---- end ---- */

void tool_output_begins(void)
{
	process.output_begun = true;
}

void tool_send_error(const struct error *err)
{
	struct writer *writer;
	struct stat out;

	if (!process.tool->streams || process.prints || process.output_begun || fstat(STDOUT_FILENO, &out) != 0 || !(S_ISFIFO(out.st_mode) || S_ISSOCK(out.st_mode)))
		return;
	writer = writer_new(STDOUT_FILENO, 0, &host);
	writer_fail(writer, err);
	writer_free(writer);
}

void tool_report(struct error *err)
{
	bool quiet = err->code == STATUS_PIPE || err->code == STATUS_INTERRUPT || err->passed_on || process.reported;

	if (quiet || !err->message[0])
		return;
	print_message(err->message, (size_t)err->lines);
	process.reported = true;
}

static int close_output(struct error *err)
{
	if (fflush(stdout) == 0 && !ferror(stdout) && (close(STDOUT_FILENO) == 0 || errno == EINTR))    /* after EINTR it is closed */
		return 0;
	return errno == EPIPE ? error_set(err, STATUS_PIPE, "the reader went away") : error_errno(err, "write failed");
}

void tool_told(void)
{
	struct error err = ERROR_INIT;

	if (close_output(&err) < 0)
		tool_report(&err);
	exit(err.code == STATUS_DONE ? STATUS_DONE : STATUS_FAILED);
}

int tool_finish(int result, struct error *err)
{
	if (result == 0)
		result = close_output(err);
	remove_temporary();
	options_free(process.tool, process.config);
	if (result == 0 && err->code == STATUS_DONE)
		return STATUS_DONE;
	if (err->code == STATUS_PIPE) {
		catch_signal(SIGPIPE, SIG_DFL);
		raise(SIGPIPE);
	}
	if (err->code == STATUS_INTERRUPT)
		return process.interrupted ? 128 + process.interrupted : STATUS_INTERRUPT;
	tool_report(err);
	tool_send_error(err);
	return err->code == STATUS_DONE ? STATUS_FAILED : err->code;
}
