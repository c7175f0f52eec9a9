// What a STOW-RS server's status means for what was sent (PS3.18 10.5.3, RFC 9110 15).
#pragma once

#include "core/store/transfer.h"

namespace veilroute::router {

struct StatusMeaning {
  enum class Reach : std::uint8_t {
    instances,  ///< the body says it of each object
    batch,      ///< all objects of this request
    halves,     ///< the same, unless they can be sent in smaller requests
    transfer,   ///< every request would be answered so
  };
  Reach reach = Reach::transfer;
  store::Outcome outcome = store::Outcome::deferred;
  const char* slug = "";
};

/// Slugs: http.bad-request (400), http.unauthorized (401), http.forbidden (403), http.not-stow
/// (404, 405, 410), http.timeout (408), http.too-large (413), http.media-type (415),
/// http.too-many-requests (429), http.unavailable (503), http.redirect (3xx), http.refused (other
/// 4xx), http.server-error (other 5xx), http.malformed (what is no final status).
StatusMeaning meaning_of(long status);

}  // namespace veilroute::router
