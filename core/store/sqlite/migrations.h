// The schema's numbered steps, compiled in; the number of the last one taken stands in the
// database.
#pragma once

#include <span>
#include <string_view>

#include "core/store/sqlite/connection.h"

namespace veilroute::store::sqlite {

struct Migration {
  std::uint32_t number = 0;  ///< from 1, without gaps
  std::string_view sql;
};

/// All that this program knows, in order.
std::span<const Migration> known_migrations();

/// Takes the steps that are missing, each in a transaction of its own together with its number.
/// `refused` ("catalog.too-new") when the database has taken steps that are not in the list: what a
/// newer program wrote must not be guessed at.
Result<void> migrate(Connection& db, std::span<const Migration> steps);

/// `corrupt` when a page of the database is not what it should be. Reads all of them.
Result<void> check_pages(Connection& db);

/// The last step taken; 0: none.
Result<std::uint32_t> schema_version(Connection& db);

}  // namespace veilroute::store::sqlite
