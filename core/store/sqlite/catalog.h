// The catalog on SQLite: WAL, synchronous=FULL, one writer thread, readers of their own.
#pragma once

#include <filesystem>
#include <memory>

#include "core/store/catalog.h"

namespace veilroute::store {

/// Makes state/catalog.db with fresh site keys wrapped under the master key. Refuses to overwrite.
Result<void> create_sqlite_catalog(const std::filesystem::path& file, const Secret& master_key);

/// Opens it, migrates it, unwraps the keys (`corrupt` "keys.master-wrong" when the master key is not
/// the one that wrapped them) and starts the store thread.
Result<std::unique_ptr<Catalog>> open_sqlite_catalog(const std::filesystem::path& file,
                                                     const Secret& master_key, Clock& clock);

}  // namespace veilroute::store
