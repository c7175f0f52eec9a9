// May this destination get this now? Pure. Asked when planning, before preparing and before every
// attempt.
// decisions 8; 45 CFR 164.502, 164.506, 164.508, 164.514.
#pragma once

#include <string>

#include "config/config.h"
#include "core/base/clock.h"
#include "core/store/transfer.h"
#include "profiles/profile.h"

namespace veilroute::router {

/// Open with the document that allows it, or shut with the reason.
struct GateAnswer {
  bool open = false;
  std::string document;  ///< agreement or approval, when open
  std::string slug;      ///< "gate.expired", when shut
  std::string sentence;  ///< what is wrong
  std::string remedy;    ///< what to do
};

/// Open only when all of these hold: the route stands in the configuration and is enabled; the
/// destination stands there, is reached encrypted (plain DICOM only to this very machine), is
/// approved by somebody, with a document where the basis needs one, and the approval is not over;
/// it allows the plan's basis; `profile` is the pinned one and strict enough for that basis; consent
/// is there or the route says why none is needed; the route still names the document by which the
/// plan trusts suspicious pixels, if it does. `profile` may be null: then shut. Any thread.
GateAnswer ask_gate(const store::TransferPlan& plan, const profiles::Profile* profile,
                    const config::Config& config, TimePoint now);

/// The same for a plan made earlier: its profile is opened from the text that was pinned with it.
GateAnswer ask_gate_again(const store::TransferPlan& plan, const config::Config& config,
                          TimePoint now);

/// Every slug ask_gate can give begins with this: a transfer blocked for such a reason is asked
/// about again (recheck_blocked); one blocked for another reason waits for a person.
inline constexpr std::string_view kGateSlugPrefix = "gate.";

}  // namespace veilroute::router
