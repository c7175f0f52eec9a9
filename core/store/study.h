// A study: the unit that is completed, matched and forwarded.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/store/object.h"

namespace veilroute::store {

/// open: objects are arriving · complete: waiting for its plan · planned: has transfers · held: no
/// route took it, or an operator or a contradiction stopped it (reason).
enum class StudyState : std::uint8_t { open, complete, planned, held };
std::string_view to_string(StudyState state);
/// open → complete; complete → planned | held | open (an object came before the plan: the same
/// generation waits again); held → complete; planned → open (a late object opens the next
/// generation); held → open.
bool may_become(StudyState from, StudyState to);

/// No route took the study. The only hold that a late object lifts, since with it a route may match;
/// every other hold outlives completion until an operator resumes.
inline constexpr std::string_view kHoldNoRoute = "study.no-route";
inline constexpr std::string_view kHoldTwoPatients = "study.two-patients";
inline constexpr std::string_view kHoldTwoStudies = "study.instance-in-two-studies";
inline constexpr std::string_view kHoldTwoClasses = "study.instance-in-two-classes";
/// The catalog was salvaged: what was sent before is not known.
inline constexpr std::string_view kHoldSalvaged = "study.salvaged";
/// What the catalog keeps of the study in sealed form does not open: nobody can plan it.
inline constexpr std::string_view kHoldRowUnreadable = "study.row-unreadable";
bool hold_survives(std::string_view reason);

struct Study {
  StudyKey key;
  std::uint32_t generation = 1;
  StudyState state = StudyState::open;
  std::string reason;        ///< slug, when held
  TimePoint first_at;        ///< of this generation, or since its hold for want of a route was lifted
  TimePoint last_at;
  TimePoint complete_at;     ///< when it is due to be complete (decisions 15)
  Uid uid;
  Phi<std::string> patient_id;
  Phi<std::string> issuer;
  bool readable = true;      ///< false: its seals do not open; UID and patient may be empty
  std::vector<SpooledObject> objects;  ///< all generations, in order of arrival
};

/// How long to wait for more of a study (config [completion]).
struct CompletionPolicy {
  Duration quiet{};
  Duration longest{};
};

}  // namespace veilroute::store
