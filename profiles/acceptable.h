// What a person may say is harmless although verification found it: one word in a text that is also
// a word of a name or of a place, and nothing that could be a number, a date or a whole name
// (docs/adr/0021).
#pragma once

#include <string_view>

#include "core/base/result.h"
#include "profiles/verify.h"

namespace veilroute::profiles {

/// `path` as in the finding; `value` the whole comparable value (harmless.h); `terms` of its study.
/// `refused`, never with the value: "accept.not-a-text" for an attribute that holds no words or is
/// the patient's own, "accept.identifier" for a number, date or UID of the source or what may be
/// one, "accept.whole-name" for more than one identifying word, "accept.unexplained" where nobody
/// can say which word was found.
Result<void> check_acceptable(std::string_view path, std::string_view value,
                              const IdentityTerms& terms);

}  // namespace veilroute::profiles
