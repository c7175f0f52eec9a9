#include "router/send.h"

#include <algorithm>
#include <array>

#include "core/base/crypto.h"
#include "core/base/log.h"
#include "router/answers.h"
#include "router/destination_state.h"
#include "router/failure_class.h"
#include "router/findings.h"
#include "router/finish.h"
#include "router/gate.h"
#include "router/next_step.h"
#include "router/parcels.h"

namespace veilroute::router {
namespace {

/// The catalog's word for a transfer that was withdrawn, blocked or taken up between two looks.
constexpr std::string_view kMovedOn = "transfer.moved-on";

/// A receiver that asks for more than this does not mean it.
constexpr std::chrono::seconds kLongestWish = std::chrono::hours(24);

using store::AttemptResult;
using store::Outcome;

Result<SendReport> block(RouterRoom& room, const store::Transfer& transfer, std::string_view slug) {
  const Result<void> blocked = room.catalog.block_transfer(transfer.id, std::string(slug));
  if (!blocked.ok() && blocked.error().slug == kMovedOn) return SendReport{};
  VR_TRY(blocked);
  log::warn("transfer.blocked", {{"transfer", transfer.id},
                                 {"destination", transfer.plan.destination},
                                 log::Field::text("slug", slug)});
  SendReport report;
  report.outcome = SendOutcome::blocked;
  report.slug = slug;
  return report;
}

bool is_due(const store::Transfer& transfer, TimePoint now) {
  const bool waits = transfer.state == store::TransferState::cleared ||
                     transfer.state == store::TransferState::deferred;
  return waits && transfer.due_at <= now;
}

/// To whom and how, for the ledger: words of the configuration only.
std::map<std::string, std::string> fields_of(const store::Transfer& transfer,
                                             const config::Destination& destination,
                                             const GateAnswer& gate) {
  return {{"destination", destination.name.value},
          {"protocol", std::string(config::to_string(destination.protocol))},
          {"basis", transfer.plan.basis},
          {"profile", transfer.plan.profile.value},
          {"document", gate.document}};
}

bool went_before(const store::Transfer& transfer) {
  return std::any_of(transfer.objects.begin(), transfer.objects.end(), [](const auto& row) {
    return row.state == store::TransferObjectState::sent;
  });
}

/// While objects wait, they decide, whatever the sender calls the whole: for how long is a matter of
/// the class of its error.
Outcome outcome_of(const Answers& answers, const store::Transfer& transfer) {
  if (answers.waiting() > 0) return Outcome::deferred;
  return answers.sent() > 0 || went_before(transfer) ? Outcome::sent : Outcome::refused;
}

std::string slug_of(const AttemptResult& said, const Answers& answers, Outcome outcome) {
  if (outcome == Outcome::sent) return {};
  if (!said.slug.empty()) return said.slug;
  return answers.waiting() == 0 ? "peer.objects-refused" : "peer.objects-deferred";
}

std::uint32_t random_bits() {
  std::array<std::uint8_t, 4> random{};
  crypto::random_fill(random);
  std::uint32_t bits = 0;
  for (const std::uint8_t byte : random) bits = (bits << 8U) | byte;
  return bits;
}

/// An attempt's end, and what only the router makes of it.
struct Conclusion {
  AttemptResult result;
  std::optional<config::FailureClass> failure;  ///< nothing when all went, or we ended it ourselves
  bool hold = false;                            ///< its tries are used up: a person looks
};

/// What becomes of a transfer of which something is left to go.
void decide_next(Conclusion& end, const store::Transfer& transfer,
                 const config::Destination& destination, const OwnFault& fault, TimePoint now) {
  end.failure = fault.error ? config::FailureClass::own_fault : class_of(end.result.slug);
  const NextStep step =
      next_step(transfer.failures, *end.failure, destination.retry, now, random_bits());
  end.result.outcome = Outcome::deferred;
  end.result.failures = step.failures;
  end.result.due_at = step.due_at;
  if (step.what == NextStep::What::hold) end.hold = true;
  if (step.what != NextStep::What::refuse) return;
  end.result.outcome = Outcome::refused;
  end.result.slug = kAttemptsExhausted;
}

/// What the attempt comes to: the sender's word, the objects' answers, and our own faults.
Conclusion conclude(AttemptResult said, const Answers& answers, const store::Transfer& transfer,
                    const config::Destination& destination, const OwnFault& fault, bool stopping,
                    TimePoint now) {
  Conclusion end{std::move(said), {}, false};
  AttemptResult& result = end.result;
  result.objects = answers.pending();
  const Outcome outcome = outcome_of(answers, transfer);
  result.slug = slug_of(result, answers, outcome);
  result.outcome = outcome;
  // The receiver has not refused anything: it was we who could not go on.
  if (fault.error) result.slug = fault.error->slug;
  if (!fault.error && answers.waiting() == 0) {
    if (answers.refused() > 0) end.failure = config::FailureClass::object_refused;
    return end;
  }
  // Tries that we ended ourselves say nothing of the receiver: they use nothing up.
  if (!fault.error && (stopping || result.slug == kPaused)) {
    result.outcome = Outcome::deferred;
    result.due_at = now;
    return end;
  }
  decide_next(end, transfer, destination, fault, now);
  if (result.outcome == Outcome::deferred && result.retry_after) {
    result.due_at =
        std::max<TimePoint>(result.due_at, now + std::min(*result.retry_after, kLongestWish));
  }
  return end;
}

void log_end(const store::Transfer& transfer, const AttemptResult& result, const Answers& answers) {
  const auto level = result.outcome == Outcome::sent && answers.refused() == 0 ? log::Level::info
                                                                               : log::Level::warn;
  log::write(level, "transfer." + std::string(store::to_string(result.outcome)),
             {{"transfer", transfer.id},
              {"destination", transfer.plan.destination},
              {"attempt", transfer.attempts},
              {"objects", answers.sent()},
              {"refused", answers.refused()},
              {"waiting", answers.waiting()},
              {"bytes", answers.bytes()},
              log::Field::text("slug", result.slug)});
}

void count(Traffic& traffic, const Answers& answers) {
  ++traffic.attempts;
  traffic.objects_sent += answers.sent();
  traffic.objects_refused += answers.refused();
  traffic.bytes_sent += answers.bytes();
}

SendReport report_of(const AttemptResult& result, const Answers& answers) {
  SendReport report;
  report.slug = result.slug;
  report.sent = answers.sent();
  report.refused = answers.refused();
  report.waiting = answers.waiting();
  report.bytes = answers.bytes();
  switch (result.outcome) {
    case Outcome::sent: report.outcome = SendOutcome::sent; break;
    case Outcome::refused: report.outcome = SendOutcome::refused; break;
    case Outcome::deferred:
    case Outcome::unknown: report.outcome = SendOutcome::deferred; break;
  }
  return report;
}

/// The spool has many words for bytes that do not agree; a person needs one.
std::string slug_of_fault(const Error& error) {
  const bool in_spool = error.kind == ErrorKind::corrupt && !error.slug.starts_with("outbox.");
  return in_spool ? std::string(kSourceCorrupt) : error.slug;
}

/// From the ledger's "started" to its "finished". The gate is open and the manifest is the cleared one.
Result<SendReport> attempt(RouterRoom& room, Sender& sender, store::OutboxReader& outbox,
                           const store::Transfer& transfer, const std::stop_token& stop) {
  const config::Destination& destination = *room.config->find(transfer.plan.destination);
  OwnFault fault;
  std::vector<Parcel> parcels;
  // Once more, since an operator may have changed a row between the first look and the ledger's word.
  if (Result<void> fits = check_manifest(outbox.manifest(), transfer); fits.ok()) {
    parcels = parcels_of(room, outbox, transfer, fault);
  } else {
    fault.error = std::move(fits).error();
  }
  Answers answers(room.catalog, room.clock, transfer.id, parcels);
  AttemptResult said;
  said.outcome = Outcome::sent;
  if (!parcels.empty()) {
    PauseWatch watch(room, destination.name);
    const auto on_answer = [&](const store::ObjectOutcome& answer) -> Result<void> {
      VR_TRY(answers.take(answer));
      if (answer.outcome == Outcome::sent) note_answer(room, destination.name);
      if (!watch.paused()) return {};
      return make_error(ErrorKind::unavailable, std::string(kPaused),
                        "a person has paused the destination");
    };
    said = sender.send(parcels, on_answer, stop);
  }
  const Conclusion end = conclude(std::move(said), answers, transfer, destination, fault,
                                  stop.stop_requested(), room.clock.now());
  const AttemptResult& result = end.result;
  VR_TRY(finish_attempt(room.catalog, transfer.id, result, stop));
  log_end(transfer, result, answers);
  count(*room.traffic, answers);
  if (fault.error && !worth_later(*fault.error)) {
    // Trying again would read the same bad bytes again.
    return block(room, transfer, slug_of_fault(*fault.error));
  }
  SendReport report = report_of(result, answers);
  report.failure = end.failure;
  if (end.hold) {
    VR_TRY(const SendReport held, block(room, transfer, store::kAttemptsHeld));
    report.outcome = held.outcome;
  }
  return report;
}

}  // namespace

std::string_view to_string(SendOutcome outcome) {
  static constexpr std::array<std::string_view, 5> kWords = {"sent", "deferred", "refused",
                                                             "blocked", "nothing"};
  return kWords.at(static_cast<std::size_t>(outcome));
}

Result<SendReport> send_transfer(RouterRoom& room, Sender& sender, TransferId id,
                                 const std::stop_token& stop) {
  VR_TRY(const store::Transfer waiting, room.catalog.load_transfer(id));
  if (stop.stop_requested() || !is_due(waiting, room.clock.now())) return SendReport{};
  const GateAnswer gate = ask_gate_again(waiting.plan, *room.config, room.clock.now());
  if (!gate.open) return block(room, waiting, gate.slug);

  Result<std::unique_ptr<store::OutboxReader>> outbox =
      room.outbox.open_reader(id, waiting.outbox_key);
  if (!outbox.ok()) {
    if (worth_later(outbox.error())) return outbox.error();
    return block(room, waiting, kOutboxCorrupt);
  }
  const dicom::Manifest& manifest = (*outbox)->manifest();
  if (!check_manifest(manifest, waiting).ok()) return block(room, waiting, kManifestMismatch);

  const config::Destination& destination = *room.config->find(waiting.plan.destination);
  Result<store::Transfer> begun =
      room.catalog.begin_attempt(id, fields_of(waiting, destination, gate));
  if (!begun.ok() && begun.error().slug == kMovedOn) return SendReport{};
  VR_TRY(begun);
  log::debug("attempt.started", {{"transfer", id},
                                 {"destination", destination.name},
                                 {"attempt", std::uint64_t{begun->attempts}}});
  return attempt(room, sender, **outbox, *begun, stop);
}

}  // namespace veilroute::router
