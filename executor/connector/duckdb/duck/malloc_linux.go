package duck

/*
#include <stdlib.h>
#if defined(__GLIBC__)
#include <malloc.h>
static void headgate_few_arenas(void) { mallopt(M_ARENA_MAX, 2); }
static void headgate_trim(void) { malloc_trim(0); }
#else
static void headgate_few_arenas(void) {}
static void headgate_trim(void) {}
#endif
*/
import "C"

// fewArenas keeps glibc from making an arena for each thread that enters DuckDB:
// freed memory of one arena is of no use to the others. It sets the same value
// whenever it is called.
func fewArenas() { C.headgate_few_arenas() }

// Trim gives memory that DuckDB has freed back to the system. Without it, glibc
// keeps what a large statement has freed, and the process stays above DuckDB's
// memory limit by as much.
func Trim() { C.headgate_trim() }
