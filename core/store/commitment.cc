#include "core/store/commitment.h"

#include <algorithm>
#include <array>

namespace veilroute::store {

std::string_view to_string(CommitmentState state) {
  constexpr std::array<std::string_view, 4> kWords = {"waiting", "settled", "reported", "given-up"};
  return kWords.at(static_cast<std::size_t>(state));
}

std::size_t Commitment::failures() const {
  return static_cast<std::size_t>(
      std::count_if(references.begin(), references.end(), [](const Reference& one) {
        return one.failure != failure_reason::none;
      }));
}

}  // namespace veilroute::store
