// A copy of the wrapped site keys outside the catalog, so that a lost catalog does not take with it
// what opens the spool. Worth nothing without the master key.
#pragma once

#include <filesystem>

#include "core/base/keyring.h"

namespace veilroute::store {

/// Where it lies: "keys/site.keys".
std::filesystem::path key_copy_of(const std::filesystem::path& site);

/// Writes it when it is missing or other than these keys; durable when it returns.
Result<void> keep_key_copy(const std::filesystem::path& file, const Keyring& keyring,
                           const Secret& master_key);

/// `refused` "keys.copy-missing"; `corrupt` "keys.copy-broken" when it does not hold all keys, or was
/// wrapped with another master key.
Result<Keyring> read_key_copy(const std::filesystem::path& file, const Secret& master_key);

}  // namespace veilroute::store
