#include "router/destination_state.h"

#include "core/base/crypto.h"
#include "core/base/files.h"
#include "core/base/log.h"
#include "router/failure_class.h"

namespace veilroute::router {
namespace {

constexpr std::uint64_t kLongestCertificateFile = 4U << 20U;

void log_hold_trouble(const DestinationName& destination, const Error& error) {
  log::error("destination.not-noted", {{"destination", destination},
                                       {"error_kind", error.kind},
                                       log::Field::text("slug", error.slug)});
}

void suspend(RouterRoom& room, const config::Destination& settings, const std::string& slug) {
  const auto written = room.catalog.destinations().suspend_destination(settings.name, slug,
                                                                       settings_digest(settings));
  if (!written.ok()) return log_hold_trouble(settings.name, written.error());
  if (!*written) return;
  log::error("destination.suspended",
             {{"destination", settings.name}, log::Field::text("slug", slug)});
}

void note_opened(RouterRoom& room, const config::Destination& settings, const SendReport& report) {
  const TimePoint now = room.clock.now();
  const Breaker::Look seen = room.breakers.at(settings.name).look(now);
  log::warn("destination.down", {{"destination", settings.name},
                                 log::Field::text("slug", report.slug),
                                 log::Field::text("class", config::to_string(seen.why)),
                                 log::Field::text("until", to_text(seen.until))});
  if (seen.why == config::FailureClass::tls_trust) suspend(room, settings, report.slug);
}

}  // namespace

Result<bool> is_paused(RouterRoom& room, const DestinationName& destination) {
  VR_TRY(const store::DestinationHold hold, room.catalog.destinations().hold_of(destination));
  return hold.is_paused(room.clock.now());
}

bool PauseWatch::paused() {
  const std::uint64_t version = room_.catalog.destinations().holds_version();
  if (version_ != version) {
    auto hold = room_.catalog.destinations().hold_of(destination_);
    if (!hold.ok()) return true;
    hold_ = std::move(hold).value();
    version_ = version;
  }
  return hold_.is_paused(room_.clock.now());
}

void note_answer(RouterRoom& room, const DestinationName& destination) {
  if (room.breakers.at(destination).answered() != Breaker::Change::closed) return;
  log::info("destination.back", {{"destination", destination}});
  store::DestinationBook& book = room.catalog.destinations();
  if (const auto lifted = book.lift_suspension(destination, "answered", ""); !lifted.ok()) {
    log_hold_trouble(destination, lifted.error());
  }
  if (const auto due = book.hasten_transfers(destination); !due.ok()) {
    log_hold_trouble(destination, due.error());
  }
  room.bells.ring_senders(destination);
}

void note_end(RouterRoom& room, const DestinationName& destination, const Breaker::Pass& pass,
              const SendReport& report) {
  const config::Destination* settings = room.config->find(destination);
  using Class = config::FailureClass;
  const bool busy = report.failure == Class::busy || report.failure == Class::object_refused;
  if (settings == nullptr || busy) return note_answer(room, destination);
  // What we ended ourselves, or could not go on with, says nothing of the receiver.
  if (!report.failure || report.failure == Class::own_fault) return;
  const auto change = room.breakers.at(destination)
                          .failed(pass, *report.failure, settings->retry, room.clock.now());
  if (change == Breaker::Change::opened) note_opened(room, *settings, report);
}

Result<void> restore_suspensions(RouterRoom& room) {
  store::DestinationBook& book = room.catalog.destinations();
  for (const config::Destination& settings : room.config->destinations) {
    VR_TRY(const store::DestinationHold hold, book.hold_of(settings.name));
    if (!hold.suspension) continue;
    if (hold.suspension->settings == settings_digest(settings)) {
      room.breakers.at(settings.name)
          .open(config::FailureClass::tls_trust, settings.retry, room.clock.now());
      continue;
    }
    VR_TRY(book.lift_suspension(settings.name, "configuration-changed", ""));
    VR_TRY(book.hasten_transfers(settings.name));
    log::info("destination.resumed", {{"destination", settings.name}});
  }
  return {};
}

Result<void> try_destination_now(RouterRoom& room, const DestinationName& destination,
                                 const std::string& actor) {
  store::DestinationBook& book = room.catalog.destinations();
  VR_TRY(const bool lifted, book.lift_suspension(destination, "ordered", actor));
  const bool opened = room.breakers.at(destination).try_now();
  if (!lifted && !opened) {
    return make_error(ErrorKind::refused, "destination.not-suspended",
                      "the node does not hold back from this destination");
  }
  VR_TRY(book.hasten_transfers(destination));
  room.bells.ring_senders(destination);
  return {};
}

Digest settings_digest(const config::Destination& destination) {
  crypto::Hasher hasher;
  const auto add = [&hasher](std::string_view text) {
    hasher.update(as_bytes(std::to_string(text.size()) + ":"));
    hasher.update(as_bytes(text));
  };
  const auto add_endpoint = [&add](const config::Endpoint& endpoint) {
    add(endpoint.host + " " + std::to_string(endpoint.port));
  };
  add(std::to_string(static_cast<unsigned>(destination.protocol)));
  add_endpoint(destination.address);
  for (const config::Endpoint& other : destination.others) add_endpoint(other);
  add(destination.called_ae.value);
  add(destination.calling_ae.value);
  add(destination.cert_sha256);
  if (destination.stow) add(destination.stow->url);
  const std::filesystem::path crl = destination.stow ? destination.stow->crl : "";
  for (const auto& file : {destination.ca, destination.cert, crl}) {
    add(file.string());
    const auto text = read_text_file(file, kLongestCertificateFile);
    add(text.ok() ? *text : "");
  }
  return hasher.finish();
}

}  // namespace veilroute::router
