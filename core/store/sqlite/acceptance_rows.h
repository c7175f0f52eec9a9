// Which acceptances a transfer was cleared under.
#pragma once

#include <string>
#include <vector>

#include "core/store/acceptance.h"
#include "core/store/sqlite/work.h"

namespace veilroute::store::sqlite {

/// In place of those of an earlier preparation. `unavailable` ("transfer.moved-on") when one was
/// revoked meanwhile.
Result<void> write_acceptances(Work& work, TransferId transfer,
                               const std::vector<AcceptanceId>& acceptances);
Result<std::vector<AcceptanceId>> read_acceptances(const View& view, TransferId transfer);
/// True when one of them does not hold any more, or is lost.
Result<bool> has_revoked_acceptance(const View& view, TransferId transfer);
/// "3 17": as entries of the ledger say it.
std::string in_words(const std::vector<AcceptanceId>& acceptances);

}  // namespace veilroute::store::sqlite
