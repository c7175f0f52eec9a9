// What is under way, counted: for `doctor`, metrics and alerts. Nobody's identity.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "core/store/transfer.h"

namespace veilroute::store {

struct OpenWork {
  /// Transfers of one destination in one state for one reason.
  struct Group {
    DestinationName destination;
    TransferState state = TransferState::planned;
    std::string reason;  ///< slug; empty: none
    std::uint64_t transfers = 0;
    std::uint32_t most_attempts = 0;
    TimePoint oldest;  ///< when the first of them was planned
  };
  std::vector<Group> transfers;                       ///< none that are over
  std::uint64_t open_studies = 0;                     ///< objects are arriving
  std::map<std::string, std::uint64_t> held_studies;  ///< by reason
};

}  // namespace veilroute::store
