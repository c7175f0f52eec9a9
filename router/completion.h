// When is a study complete? Walk step 4.
#pragma once

#include "core/base/clock.h"
#include "core/base/result.h"
#include "core/store/catalog.h"
#include "core/store/in_flight.h"

namespace veilroute::router {

/// The answer for one open study.
struct Completion {
  bool complete = false;
  TimePoint look_again_at;  ///< when not complete
};

/// Complete when nothing new came for policy.quiet and no open association carries the study
/// (`in_flight`), or when policy.longest is over since the first object of this generation. Pure.
Completion is_complete(const store::Study& study, bool in_flight, TimePoint now,
                       const store::CompletionPolicy& policy);

/// Asks is_complete for every study whose time has come; completes or postpones it. Returns how many
/// were completed. A study that got another object in between is left alone: the catalog says so.
Result<std::size_t> sweep_completion(store::Catalog& catalog, const store::InFlight& in_flight,
                                     const Clock& clock, const store::CompletionPolicy& policy);

}  // namespace veilroute::router
