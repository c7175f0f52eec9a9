#include "router/failure_class.h"

#include <algorithm>
#include <iterator>

namespace veilroute::router {
namespace {

using Class = config::FailureClass;

struct SlugRow {
  std::string_view slug;
  Class one;
};

constexpr SlugRow kSlugs[] = {
    {"network.unreachable", Class::refused_connection},
    {"network.unknown-host", Class::refused_connection},
    {"http.token-unreachable", Class::refused_connection},

    // Who the receiver is, is not proven.
    {"tls.certificate-expired", Class::tls_trust},
    {"tls.certificate-not-yet-valid", Class::tls_trust},
    {"tls.certificate-missing", Class::tls_trust},
    {"tls.certificate-rejected", Class::tls_trust},
    {"tls.certificate-revoked", Class::tls_trust},
    {"tls.certificate-too-weak", Class::tls_trust},
    {"tls.crl-expired", Class::tls_trust},
    {"tls.crl-missing", Class::tls_trust},
    {"tls.unknown-ca", Class::tls_trust},
    {"tls.wrong-host", Class::tls_trust},
    {"tls.wrong-pin", Class::tls_trust},
    {"tls.wrong-purpose", Class::tls_trust},

    {"tls.handshake-failed", Class::tls_other},
    {"tls.no-common-version", Class::tls_other},
    {"tls.not-tls", Class::tls_other},
    {"tls.peer-rejects-us", Class::tls_other},

    // PS3.8 table 9-21, result 1: as it is set now, it will never take us.
    {"association.rejected", Class::rejected_for_good},
    {"http.unauthorized", Class::rejected_for_good},
    {"http.forbidden", Class::rejected_for_good},
    {"http.token-refused", Class::rejected_for_good},
    {"http.redirect", Class::rejected_for_good},
    {"http.not-stow", Class::rejected_for_good},
    // Result 2.
    {"association.rejected-for-now", Class::rejected_transient},

    {"network.closed", Class::aborted},
    {"network.lost", Class::aborted},
    {"association.aborted", Class::aborted},
    {"association.released", Class::aborted},
    {"association.malformed", Class::aborted},
    {"command.malformed", Class::aborted},
    {"pdu.malformed", Class::aborted},
    {"pdu.too-long", Class::aborted},
    {"pdu.unexpected", Class::aborted},
    {"pdu.unknown-type", Class::aborted},
    {"http.failed", Class::aborted},
    {"http.server-error", Class::aborted},
    {"http.malformed", Class::aborted},
    {"http.answer-early", Class::aborted},
    {"http.answer-too-long", Class::aborted},
    {"http.answer-unreadable", Class::aborted},

    {"network.timeout", Class::timeout},
    {"http.timeout", Class::timeout},

    {"sender.receiver-busy", Class::busy},
    {"peer.objects-deferred", Class::busy},
    {"http.too-many-requests", Class::busy},
    {"http.unavailable", Class::busy},

    {"sender.object-refused", Class::object_refused},
    {"sender.context-rejected", Class::object_refused},
    {"sender.echo-refused", Class::object_refused},
    {"peer.objects-refused", Class::object_refused},
    {"http.bad-request", Class::object_refused},
    {"http.media-type", Class::object_refused},
    {"http.refused", Class::object_refused},
    {"http.too-large", Class::object_refused},

    // Ours: files that cannot be read, a stop, what an operator has to set.
    {"tls.file-unreadable", Class::own_fault},
    {"tls.key-mismatch", Class::own_fault},
    {"tls.key-too-weak", Class::own_fault},
    {"http.token-unreadable", Class::own_fault},
    {"http.token-exposed", Class::own_fault},
    {"http.boundary-met", Class::own_fault},
    {"network.stopped", Class::own_fault},
    {"network.cannot-listen", Class::own_fault},
    {"sender.stopped", Class::own_fault},
    {"sender.tls-required", Class::own_fault},
    {"destination.paused", Class::own_fault},
    {"transfer.withdrawn", Class::own_fault},
    {"internal", Class::own_fault},

    {"attempt.interrupted", Class::other},
    {"http.answer-silent", Class::other},
    {"http.not-arrived", Class::other},
};

/// Families that are all of one class: our own rooms, and what may be added to TLS.
constexpr SlugRow kFamilies[] = {
    {"attempt.", Class::own_fault}, {"catalog.", Class::own_fault}, {"crypto.", Class::own_fault},
    {"file.", Class::own_fault},    {"key.", Class::own_fault},     {"keys.", Class::own_fault},
    {"object.", Class::own_fault},  {"outbox.", Class::own_fault},  {"spool.", Class::own_fault},
    {"seal.", Class::own_fault},    {"tls.", Class::tls_other},
};

}  // namespace

std::optional<Class> known_class(std::string_view slug) {
  const auto row = std::find_if(std::begin(kSlugs), std::end(kSlugs),
                                [&](const SlugRow& one) { return one.slug == slug; });
  if (row != std::end(kSlugs)) return row->one;
  const auto family = std::find_if(std::begin(kFamilies), std::end(kFamilies),
                                   [&](const auto& one) { return slug.starts_with(one.slug); });
  if (family != std::end(kFamilies)) return family->one;
  return std::nullopt;
}

Class class_of(std::string_view slug) { return known_class(slug).value_or(Class::other); }

bool is_peer_gone(Class one) {
  switch (one) {
    case Class::refused_connection:
    case Class::tls_trust:
    case Class::tls_other:
    case Class::rejected_for_good:
    case Class::rejected_transient:
    case Class::timeout:
      return true;
    case Class::aborted:
    case Class::busy:
    case Class::object_refused:
    case Class::own_fault:
    case Class::other:
      return false;
  }
  return false;
}

}  // namespace veilroute::router
