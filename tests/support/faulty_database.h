// The files that SQLite keeps, on the power of FaultyFiles: what a cut finds written but not synced
// is lost, or kept in pieces and out of order, as a disk's cache would.
#pragma once

#include <random>

#include "tests/support/faulty_files.h"

namespace veilroute::test {

/// From now on every database of this process hangs on the power of `files`. Once in a process, and
/// for its life: for one that was forked to be cut.
void put_databases_on_power_of(FaultyFiles& files);

/// What the cut leaves of every database file opened since. `also_a_part`: of each write that was not
/// synced nothing, a beginning in whole sectors, or all of it stays, whatever came of the others. The
/// process must end then.
void cut_power_of_databases(FaultyFiles::Survives what, std::mt19937& random);

}  // namespace veilroute::test
