/* SPDX-License-Identifier: MIT */
#include "file.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "unit.h"

static bool holds(const char *path, const char *wanted)
{
	char text[64] = "";
	int fd = open(path, O_RDONLY);
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof text - 1);

	if (fd >= 0)
		close(fd);
	return n == (ssize_t)strlen(wanted) && strcmp(text, wanted) == 0;
}

static int entries(const char *folder)
{
	int n = 0;
	DIR *dir = opendir(folder);

	while (dir && readdir(dir))
		n++;
	if (dir)
		closedir(dir);
	return n - 2;
}

static mode_t mode_of(const char *path)
{
	struct stat file;

	return stat(path, &file) == 0 ? file.st_mode & 07777 : 0;
}

/* In a fresh folder, which is the current one. */
static void test_whole(void)
{
	struct error err = ERROR_INIT;
	struct file file;
	struct stat link;

	TEST("a file is not there until it is whole");
	umask(027);
	CHECK(file_create(&file, "a.csv", NULL, &err) == 0 && write(file.fd, "one\n", 4) == 4);
	CHECK(access("a.csv", F_OK) != 0 && entries(".") == 1);
	CHECK(file_commit(&file, &err) == 0 && holds("a.csv", "one\n") && entries(".") == 1 && mode_of("a.csv") == 0640);
	file_abandon(&file);
	CHECK(holds("a.csv", "one\n"));

	TEST("what is abandoned leaves the old one");
	CHECK(file_create(&file, "a.csv", NULL, &err) == 0 && write(file.fd, "two\n", 4) == 4);
	file_abandon(&file);
	CHECK(holds("a.csv", "one\n") && entries(".") == 1);

	TEST("permissions of the file replaced stay, a link stays a link");
	CHECK(chmod("a.csv", 0604) == 0 && symlink("a.csv", "link") == 0);
	CHECK(file_create(&file, "link", NULL, &err) == 0 && write(file.fd, "three\n", 6) == 6 && file_commit(&file, &err) == 0);
	CHECK(holds("a.csv", "three\n") && mode_of("a.csv") == 0604 && lstat("link", &link) == 0 && S_ISLNK(link.st_mode));
	unlink("link");
}

/* A writer that was killed leaves its file; one that lives holds it. */
static void test_parts(void)
{
	struct error err = ERROR_INIT;
	struct file first, second, third;

	TEST("the second writer takes another name, the last one to commit wins");
	CHECK(file_create(&first, "p.csv", NULL, &err) == 0 && file_create(&second, "p.csv", NULL, &err) == 0);
	CHECK_TEXT(first.temporary, "./.p.csv.part");
	CHECK_TEXT(second.temporary, "./.p.csv.2.part");
	CHECK(write(first.fd, "1", 1) == 1 && write(second.fd, "2", 1) == 1 && file_commit(&second, &err) == 0 && file_commit(&first, &err) == 0);
	CHECK(holds("p.csv", "1") && access(".p.csv.part", F_OK) != 0 && access(".p.csv.2.part", F_OK) != 0);

	TEST("what nobody holds is taken, with other links to it left alone");
	CHECK(file_create(&first, "left", NULL, &err) == 0 && write(first.fd, "left", 4) == 4 && file_commit(&first, &err) == 0);
	CHECK(link("left", ".p.csv.part") == 0 && chmod("left", 0400) == 0 && symlink("left", ".p.csv.2.part") == 0 && mkfifo(".p.csv.3.part", 0600) == 0);
	CHECK(file_create(&first, "p.csv", NULL, &err) == 0 && file_create(&second, "p.csv", NULL, &err) == 0);
	CHECK_TEXT(first.temporary, "./.p.csv.part");
	CHECK_TEXT(second.temporary, "./.p.csv.4.part");
	CHECK(file_create(&third, "q.csv", NULL, &err) == 0);
	file_abandon(&first);
	file_abandon(&second);
	file_abandon(&third);
	CHECK(holds("left", "left") && holds("p.csv", "1"));
	unlink("left");
	unlink(".p.csv.2.part");
	unlink(".p.csv.3.part");
	unlink("p.csv");
}

/* 255 bytes is the longest name; the one beside it is cut, at a whole character. */
static void test_long_name(void)
{
	struct error err = ERROR_INIT;
	struct file file;
	char name[256];

	TEST("a name as long as names may be");
	memset(name, 'n', 255);
	name[255] = '\0';
	memcpy(name + 246, "\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9", 8);
	CHECK(file_create(&file, name, NULL, &err) == 0 && strlen(file.temporary) == 2 + 255 - 1);
	CHECK(write(file.fd, "x", 1) == 1 && file_commit(&file, &err) == 0 && holds(name, "x"));
	unlink(name);
}

static void test_links(void)
{
	struct error err = ERROR_INIT;
	struct file file;
	struct stat link;

	TEST("links that lead nowhere yet, over two folders");
	CHECK(mkdir("d", 0700) == 0 && symlink("d/b", "a") == 0 && symlink("../c.csv", "d/b") == 0);
	CHECK(file_create(&file, "a", NULL, &err) == 0 && write(file.fd, "x", 1) == 1 && file_commit(&file, &err) == 0);
	CHECK(holds("c.csv", "x") && lstat("a", &link) == 0 && S_ISLNK(link.st_mode) && lstat("d/b", &link) == 0 && S_ISLNK(link.st_mode));

	TEST("a loop");
	CHECK(unlink("d/b") == 0 && symlink("../a", "d/b") == 0);
	CHECK(file_create(&file, "a", NULL, &err) < 0 && strstr(err.message, "a: "));
	unlink("a");
	unlink("d/b");
	unlink("c.csv");
	rmdir("d");
}

static void test_others(void)
{
	struct error err = ERROR_INIT;
	struct file file;

	TEST("a device is written directly");
	CHECK(file_create(&file, "/dev/null", NULL, &err) == 0 && write(file.fd, "x", 1) == 1 && file_commit(&file, &err) == 0);

	TEST("what can't be");
	CHECK(file_create(&file, "no/such/folder.csv", NULL, &err) < 0 && strstr(err.message, "no/such/folder.csv"));
	error_clear(&err);
	CHECK(file_create(&file, ".", NULL, &err) < 0 && strstr(err.message, "irectory"));
	error_clear(&err);

	TEST("appending");
	for (int i = 0; i < 2; i++) {
		int fd = file_open_append("log", NULL, &err);

		CHECK(fd >= 0 && write(fd, "line\n", 5) == 5 && close(fd) == 0);
	}
	CHECK(holds("log", "line\nline\n"));
	CHECK(file_open_append("no/log", NULL, &err) < 0);
}

static void test_names(void)
{
	struct error err = ERROR_INIT;
	struct stat link;

	TEST("names of one file, there or not");
	CHECK(mkdir("d", 0700) == 0 && symlink("../x", "d/link") == 0);
	CHECK(file_same("x", "./x") && file_same("x", "d/../x") && file_same("d/link", "x") && !file_same("x", "y") && !file_same("x", "d/x"));
	CHECK(close(file_open_append("x", NULL, &err)) == 0);
	CHECK(file_same("x", "./x") && file_same("d/link", "x") && !file_same("x", "y") && !file_same("d", "x"));

	TEST("what is there");
	CHECK(file_look("x", &err) == FILE_REGULAR && file_look("d/link", &err) == FILE_REGULAR && file_look("y", &err) == FILE_NONE);
	CHECK(file_look("d", &err) == FILE_OTHER && file_look("/dev/null", &err) == FILE_OTHER && file_look("x/y", &err) < 0);
	error_clear(&err);

	TEST("removing what a link leads to");
	CHECK(file_remove("d/link", &err) == 0 && file_look("x", &err) == FILE_NONE && lstat("d/link", &link) == 0);
	CHECK(file_remove("d/link", &err) == 0 && file_remove("y", &err) == 0);
	CHECK(file_remove("d", &err) < 0 && strstr(err.message, "d: "));
	unlink("d/link");
	rmdir("d");
}

int main(void)
{
	char folder[] = "/tmp/test_file_XXXXXX";

	if (!mkdtemp(folder) || chdir(folder) != 0)
		return 1;
	test_whole();
	test_parts();
	test_long_name();
	test_links();
	test_others();
	test_names();
	unlink("a.csv");
	unlink("log");
	if (rmdir(folder) != 0)
		printf("%s is left\n", folder);
	return unit_done();
}
