// The site's keys: the master key wraps the named site keys, which the catalog stores (decisions 2).
#pragma once

#include <filesystem>
#include <string>

#include "core/base/bytes.h"

namespace veilroute {

/// The opened site keys. Immutable once built; any thread may read.
struct Keyring {
  Secret spool;    ///< wraps the keys of objects and of the outbox
  Secret catalog;  ///< seals blobs in catalog rows
  Secret index;    ///< HMAC key of blind indexes and patient references
  Secret ledger;   ///< seals the identifying part of ledger entries; seeds the checkpoint signature
};

/// The names under which site keys stand in the catalog's `keys` table, in the order of Keyring.
inline constexpr const char* kSiteKeyNames[] = {"spool", "catalog", "index", "ledger"};

/// Reads the master key from its configured place ("file:keys/master.key", relative to the site).
/// The file holds 64 hexadecimal digits and must not be readable by group or others: `refused`
/// otherwise, naming the file and the command that mends it.
Result<Secret> read_master_key(const std::filesystem::path& site, const std::string& place);

/// Makes a new master key file, mode 0400; refuses to overwrite.
Result<void> create_master_key(const std::filesystem::path& file);

}  // namespace veilroute
