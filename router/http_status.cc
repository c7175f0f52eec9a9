// What a STOW-RS server's status means for what was sent.
#include "router/http_status.h"

namespace veilroute::router {

StatusMeaning meaning_of(long status) {
  using Reach = StatusMeaning::Reach;
  using store::Outcome;
  switch (status) {
    case 400:
      return {Reach::batch, Outcome::refused, "http.bad-request"};
    case 401:
      return {Reach::transfer, Outcome::deferred, "http.unauthorized"};
    // A permission may be given meanwhile.
    case 403:
      return {Reach::transfer, Outcome::deferred, "http.forbidden"};
    case 404:
    case 405:
    case 410:
      return {Reach::transfer, Outcome::refused, "http.not-stow"};
    case 408:
      return {Reach::transfer, Outcome::deferred, "http.timeout"};
    case 409:
      return {Reach::instances, Outcome::refused, "sender.object-refused"};
    case 413:
      return {Reach::halves, Outcome::refused, "http.too-large"};
    case 415:
      return {Reach::batch, Outcome::refused, "http.media-type"};
    case 429:
      return {Reach::transfer, Outcome::deferred, "http.too-many-requests"};
    case 503:
      return {Reach::transfer, Outcome::deferred, "http.unavailable"};
    default:
      break;
  }
  if (status >= 500 && status < 600)
    return {Reach::transfer, Outcome::deferred, "http.server-error"};
  if (status >= 400 && status < 500) return {Reach::batch, Outcome::refused, "http.refused"};
  if (status >= 300 && status < 400) return {Reach::transfer, Outcome::refused, "http.redirect"};
  if (status >= 200 && status < 300)
    return {Reach::instances, Outcome::unknown, "http.answer-silent"};
  return {Reach::transfer, Outcome::deferred, "http.malformed"};
}

}  // namespace veilroute::router
