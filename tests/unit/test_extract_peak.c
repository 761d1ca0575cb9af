/* SPDX-License-Identifier: MIT */
/*
 * What extract takes of the machine at its peak does not hang on how long its input is: of a file and of a pipe, where the types are found
 * and where they are given, with few threads and many. The program stands where it was built with this test.
 */
#define _GNU_SOURCE             /* wait4 */
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "buffer.h"
#include "built_program.h"
#include "unit.h"

enum { FILE_SIZE = 96 << 20, LIMIT = 40 << 10 /* KiB, of two threads; a stretch on its way takes MORE */, MORE = 6 << 10 };

static void make_rows(struct buffer *to)
{
	buffer_add_text(to, "id,town,when,x,note\n");
	for (int i = 0; to->size < 1 << 20; i++)
		buffer_format(to, "%d,town %d,2024-01-%02d 10:%02d:00,%d.%02d,\"a note of no. %d, quoted\"\n", i, i % 40, i % 28 + 1, i % 60, i % 900, i % 100, i);
}

static void pour(int fd, const struct buffer *rows)
{
	const char *body = strchr((const char *)rows->data, '\n') + 1;
	size_t head = (size_t)(body - (const char *)rows->data);
	const char *from = (const char *)rows->data;
	size_t left = head;

	for (size_t written = 0; written < FILE_SIZE;) {
		ssize_t n = write(fd, from, left);

		if (n <= 0)
			return;
		written += (size_t)n;
		from += n;
		left -= (size_t)n;
		if (left == 0) {
			from = body;
			left = rows->size - head;
		}
	}
	if (left > 0 && left < rows->size - head)       /* the row that was begun */
		(void)!write(fd, from, left);
}

/* In KiB; -1: it failed. fd: of the input, or -1: rows come through a pipe. */
static long peak_of(const char *program, int fd, const struct buffer *rows, const char *threads, const char *types)
{
	const char *args[] = { program, "-q", "-j", threads, types ? "--types" : "-q", types ? types : "-q", NULL };
	int out = open("/dev/null", O_WRONLY), ends[2] = { -1, -1 }, status;
	struct rusage usage;
	pid_t child;

	if (fd < 0 && pipe(ends) < 0)
		return -1;
	if (fd >= 0)
		lseek(fd, 0, SEEK_SET);
	child = fork();
	if (child == 0) {
		dup2(fd >= 0 ? fd : ends[0], STDIN_FILENO);
		dup2(out, STDOUT_FILENO);
		close(ends[0]);
		close(ends[1]);
		execv(program, (char **)args);
		_exit(127);
	}
	close(out);
	if (fd < 0) {
		close(ends[0]);
		pour(ends[1], rows);
		close(ends[1]);
	}
	return child < 0 || wait4(child, &status, 0, &usage) < 0 || status != 0 ? -1 : usage.ru_maxrss;
}

int main(void)
{
	static const char *const threads[] = { "1", "2", "5" };
	char program[PATH_MAX], path[] = "/tmp/rowsXXXXXX";
	struct buffer rows = BUFFER_INIT;
	int fd;

	if (SANITIZED || !find_program("extract", program, sizeof program)) {
		printf("units: 0 passed, 0 failed, 1 skipped\n");
		return 0;
	}
	make_rows(&rows);
	fd = mkstemp(path);
	unlink(path);
	pour(fd, &rows);
	TEST("the peak does not hang on the length of the input");
	CHECK(fd >= 0);
	for (int i = 0; i < 12; i++) {
		bool is_file = i % 2;
		const char *types = i % 4 < 2 ? NULL : "id=int,town=text,when=time,x=real,note=text";
		long peak = peak_of(program, is_file ? fd : -1, &rows, threads[i / 4], types), most = LIMIT + (i / 4 == 2 ? 5 * MORE : 0);

		CHECK(peak > 0 && peak < most);
		if (peak <= 0 || peak >= most)
			printf("  a %s, -j %s, %s: %ld KiB\n", is_file ? "file" : "pipe", threads[i / 4], types ? "types given" : "types found", peak);
	}
	close(fd);
	buffer_free(&rows);
	return unit_done();
}
