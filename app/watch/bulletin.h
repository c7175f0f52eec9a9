// A bulletin in words for a mail, and as JSON for a webhook. Names of the configuration, our own
// slugs and numbers: nobody's identity.
#pragma once

#include <string>

#include "app/message.h"
#include "app/watch/alert_digest.h"

namespace veilroute::app {

/// "[veilroute north-radiology] critical: The disk is full but for its reserve. (and 2 more)"
std::string subject_of(const Bulletin& bulletin, const std::string& site);
/// Lines of at most some hundred characters, each condition with what one can do.
std::string text_of(const Bulletin& bulletin, const std::string& site, TimePoint at);
json json_of(const Bulletin& bulletin, const std::string& site, TimePoint at);

}  // namespace veilroute::app
