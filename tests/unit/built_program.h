/* SPDX-License-Identifier: MIT */
/* For tests of what a whole program takes of the machine: where it stands, beside the test, and whether the build has memory of its own. */
#ifndef BUILT_PROGRAM_H
#define BUILT_PROGRAM_H

#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#ifdef __has_feature            /* clang's word for it */
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define __SANITIZE_ADDRESS__ 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
enum { SANITIZED = 1 };         /* has memory of its own */
#else
enum { SANITIZED = 0 };
#endif

/* The path of a program of the build that this test is of; false: it is not there. */
static inline bool find_program(const char *name, char *path, size_t size)
{
	char here[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", here, sizeof here - 1);
	char *units;

	if (n < 0)
		return false;
	here[n] = '\0';
	units = strstr(here, "build/release/units/");
	if (!units)
		return false;
	*units = '\0';
	snprintf(path, size, "%.4000sbin/%s", here, name);
	return access(path, X_OK) == 0;
}

#endif
