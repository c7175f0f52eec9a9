// What `spool salvage` does to the catalog's file, while nobody has it open: looks whether it is
// whole, builds a new one, copies what can still be read, takes segments over (docs/adr/0019).
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "core/base/ids.h"
#include "core/base/keyring.h"

namespace veilroute::store {

enum class CatalogHealth : std::uint8_t { missing, damaged, whole };
std::string_view to_string(CatalogHealth health);

/// Reads every page of it. Opens it for writing: give it a copy. `refused` "catalog.too-new".
Result<CatalogHealth> look_at_catalog(const std::filesystem::path& file);

/// The site keys that stand in it.
Result<Keyring> read_catalog_keys(const std::filesystem::path& file, const Secret& master_key);

/// A new catalog with the keys of an earlier one. Refuses to overwrite.
Result<void> create_sqlite_catalog(const std::filesystem::path& file, const Secret& master_key,
                                   const Keyring& keyring);

struct CopiedTable {
  std::uint64_t rows = 0;
  std::uint64_t lost_ranges = 0;  ///< of ids that could not be read; each holds one row or more
};
/// Copies what can be read of `from` into the new catalog `to`, table by table; around a damaged place
/// by halves. When `from` is no database at all: nothing.
Result<std::map<std::string, CopiedTable>> copy_rows(const std::filesystem::path& from,
                                                     const std::filesystem::path& to);

/// Numbers given out from now on are beyond every number that can have been given out before: those
/// of the rows, and what was lost after the newest of `segments`.
Result<void> number_beyond(const std::filesystem::path& catalog,
                           const std::vector<SegmentId>& segments);

/// Removes what is there of a ledger that is not whole; the next entry is the first.
Result<void> begin_ledger_anew(const std::filesystem::path& catalog, const Keyring& keyring);

}  // namespace veilroute::store
