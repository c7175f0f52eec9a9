// The words and the moves of a study's states (decisions 7).
#include "core/store/study.h"

#include <array>

namespace veilroute::store {

std::string_view to_string(StudyState state) {
  static constexpr std::array<std::string_view, 4> kWords = {"open", "complete", "planned",
                                                             "held"};
  return kWords.at(static_cast<std::size_t>(state));
}

bool may_become(StudyState from, StudyState to) {
  switch (from) {
    case StudyState::open:
      return to == StudyState::complete;
    case StudyState::complete:
      return to != StudyState::complete;
    case StudyState::planned:
      return to == StudyState::open;
    case StudyState::held:
      return to == StudyState::complete || to == StudyState::open;
  }
  return false;
}

bool hold_survives(std::string_view reason) { return reason != kHoldNoRoute; }

}  // namespace veilroute::store
