// Of two objects with the same SOP Instance UID in the same study, which one counts (docs/adr/0015).
#pragma once

#include <string_view>
#include <vector>

#include "core/store/sqlite/moves.h"

namespace veilroute::store::sqlite {

/// Why an object is superseded.
inline constexpr std::string_view kSameBytes = "object.same-bytes";
inline constexpr std::string_view kNewerBytes = "object.newer-bytes";
inline constexpr std::string_view kOtherWay = "object.came-another-way";

/// A live object with the instance UID of one that is being recorded.
struct Twin {
  ObjectId id;
  Digest digest{};
  std::uint32_t generation = 1;
  TimePoint received_at;
};
Result<std::vector<Twin>> live_twins(Work& work, StudyKey study, ByteView instance);

/// The object that is being recorded against its twin.
struct TwinRank {
  bool counts = false;      ///< the recorded one supersedes its twin; else it is superseded itself
  std::string_view reason;  ///< of the one that is superseded
  bool other_class = false; ///< the two contradict one another
};
/// Of different bytes the newer count; the same bytes again are set aside, unless they came by another
/// way in and no route took the twin by its own.
Result<TwinRank> rank_of(Work& work, const StudyRow& study, const Twin& twin,
                         const NewObject& object);

}  // namespace veilroute::store::sqlite
