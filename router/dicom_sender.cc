#include "router/dicom_sender.h"

#include <algorithm>
#include <utility>

#include "config/words.h"
#include "core/base/crypto.h"
#include "core/base/log.h"
#include "router/dicom_echo.h"

namespace veilroute::router {
namespace {

std::pair<std::string, std::string> pair_of(const Parcel& parcel) {
  return {parcel.record->sop_class.value, parcel.record->transfer_syntax.value};
}

/// The peer may have closed a kept association at any moment: not a failure of this attempt.
bool is_worn_out(const Error& error) {
  return error.slug == "network.closed" || error.slug == "network.lost" ||
         error.slug == "association.aborted" || error.slug == "association.released";
}

/// Nobody was reached there, so that another endpoint may be asked. Distrust is no such thing: whoever
/// stands in between must not choose for us.
bool is_unreached(const Error& error) {
  return error.slug == "network.unreachable" || error.slug == "network.unknown-host" ||
         error.slug == "network.timeout";
}

}  // namespace

/// What one call of send() knows.
struct DicomSender::Attempt {
  const std::vector<Parcel>& parcels;
  const OnAnswer& on_answer;
  std::stop_token stop;
  std::size_t sent = 0;
  std::size_t refused = 0;
  std::size_t deferred = 0;
  unsigned busy_in_a_row = 0;
  std::string slug{};
};

Result<std::unique_ptr<Sender>> DicomSender::open(const config::Destination& destination) {
  std::unique_ptr<DicomSender> made(new DicomSender(destination));
  if (destination.protocol == config::Protocol::dicom_tls) {
    VR_TRY(made->tls_,
           dicom::TlsContext::open(dicom::TlsContext::Side::sender,
                                   {destination.cert, destination.key, destination.ca}));
  } else if (!config::stays_on_this_machine(destination)) {
    return make_error(ErrorKind::refused, "sender.tls-required",
                      "a destination on another machine needs dicom+tls");
  }
  return std::unique_ptr<Sender>(std::move(made));
}

DicomSender::~DicomSender() { leave(); }

/// Releases, or aborts what cannot be released.
void DicomSender::leave() {
  if (association_ && midway_) association_->abort();
  if (association_ && !midway_) association_->release();
  association_.reset();
  midway_ = false;
}

/// An interrupt stays triggered: after a stop the next attempt needs a new one.
void DicomSender::prepare_interrupt() {
  if (!interrupt_->triggered()) return;
  leave();
  interrupt_ = std::make_unique<dicom::Interrupt>();
}

store::AttemptResult DicomSender::send(const std::vector<Parcel>& parcels,
                                       const OnAnswer& on_answer, const std::stop_token& stop) {
  prepare_interrupt();
  Attempt attempt{parcels, on_answer, stop};
  Result<void> outcome;
  {
    const std::stop_callback on_stop(stop, [this] { interrupt_->trigger(); });
    outcome = send_all(attempt);
  }
  store::AttemptResult result;
  result.tls = tls_facts_.suite;
  result.peer_certificate = tls_facts_.peer_sha256;
  result.endpoint = endpoint_used_;
  result.slug = attempt.slug;
  if (outcome.ok() && attempt.deferred == 0) {
    const bool nothing_went = attempt.sent == 0 && attempt.refused > 0;
    result.outcome = nothing_went ? store::Outcome::refused : store::Outcome::sent;
    return result;
  }
  result.outcome = store::Outcome::deferred;
  if (outcome.ok()) return result;
  const Error& error = outcome.error();
  result.slug = error.slug == "network.stopped" ? "sender.stopped" : error.slug;
  return result;
}

Result<void> DicomSender::send_all(Attempt& attempt) {
  reused_ = association_.has_value();
  endpoint_used_ = 0;
  tls_facts_ = {};  // whose they are is known once an association is used
  std::set<Pair> done;
  auto next = attempt.parcels.begin();
  while (next != attempt.parcels.end()) {
    // 128 contexts an association: the first pairs that are left, in the order of the parcels.
    std::set<Pair> pairs;
    for (auto at = next; at != attempt.parcels.end(); ++at) {
      const Pair pair = pair_of(*at);
      if (pairs.size() < dicom::kMostContexts && !done.contains(pair)) pairs.insert(pair);
    }
    VR_TRY(send_round(attempt, pairs));
    done.insert(pairs.begin(), pairs.end());
    next = std::find_if(attempt.parcels.begin(), attempt.parcels.end(),
                        [&](const Parcel& parcel) { return !done.contains(pair_of(parcel)); });
  }
  return {};
}

/// All parcels of these pairs, on one association.
Result<void> DicomSender::send_round(Attempt& attempt, const std::set<Pair>& pairs) {
  for (const Parcel& parcel : attempt.parcels) {
    if (!pairs.contains(pair_of(parcel))) continue;
    if (attempt.stop.stop_requested()) {
      return make_error(ErrorKind::unavailable, "sender.stopped", "the node is stopping");
    }
    VR_TRY(associate(pairs));
    auto sent = send_parcel(attempt, parcel);
    if (!sent.ok() && reused_ && midway_ && is_worn_out(sent.error())) {
      leave();
      VR_TRY(associate(pairs));
      sent = send_parcel(attempt, parcel);
    }
    if (sent.ok()) continue;
    if (midway_) leave();
    return sent;
  }
  return {};
}

Result<void> DicomSender::send_parcel(Attempt& attempt, const Parcel& parcel) {
  store::ObjectOutcome outcome;
  outcome.object = parcel.record->object;
  const auto context =
      association_->context(parcel.record->sop_class, parcel.record->transfer_syntax);
  if (!context) {
    outcome.outcome = store::Outcome::refused;
    outcome.status = dicom::status::class_not_supported;
    attempt.slug = "sender.context-rejected";
    return note(attempt, outcome);
  }
  VR_TRY(outcome.status, store(parcel, *context, outcome));
  reused_ = false;
  last_used_ = std::chrono::steady_clock::now();
  switch (dicom::store_answer(outcome.status)) {
    case dicom::StoreAnswer::stored:
      outcome.outcome = store::Outcome::sent;
      break;
    case dicom::StoreAnswer::busy:
      outcome.outcome = store::Outcome::deferred;
      attempt.slug = "sender.receiver-busy";
      break;
    case dicom::StoreAnswer::refused:
      outcome.outcome = store::Outcome::refused;
      if (attempt.slug.empty()) attempt.slug = "sender.object-refused";
      break;
  }
  return note(attempt, outcome);
}

Result<std::uint16_t> DicomSender::store(const Parcel& parcel, std::uint8_t context,
                                         store::ObjectOutcome& outcome) {
  VR_TRY(const std::unique_ptr<ByteSource> bytes, parcel.open());
  const dicom::Command request = dicom::c_store_request(
      association_->next_message_id(), parcel.record->sop_class, parcel.record->sop_instance);
  crypto::Hasher hasher;
  midway_ = true;
  VR_TRY(association_->send(context, request, bytes.get(), [&](ByteView fragment) {
    hasher.update(fragment);
    outcome.sent_bytes += fragment.size();
  }));
  outcome.sent_digest = hasher.finish();
  VR_TRY(const dicom::Command answer, association_->receive_answer(context, request));
  midway_ = false;
  return answer.status;
}

Result<void> DicomSender::note(Attempt& attempt, const store::ObjectOutcome& outcome) {
  const bool busy = outcome.outcome == store::Outcome::deferred;
  attempt.busy_in_a_row = busy ? attempt.busy_in_a_row + 1 : 0;
  if (outcome.outcome == store::Outcome::sent) ++attempt.sent;
  if (outcome.outcome == store::Outcome::refused) ++attempt.refused;
  if (busy) ++attempt.deferred;
  VR_TRY(attempt.on_answer(outcome));
  if (attempt.busy_in_a_row < kMostBusyAnswers) return {};
  return make_error(ErrorKind::unavailable, "sender.receiver-busy",
                    "the receiver has no room at the moment");
}

Result<void> DicomSender::associate(const std::set<Pair>& pairs) {
  if (association_ && is_reusable(pairs)) {
    tls_facts_ = association_->tls();
    endpoint_used_ = endpoint_;
    return {};
  }
  leave();
  return open_association(pairs);
}

bool DicomSender::is_reusable(const std::set<Pair>& pairs) {
  if (std::chrono::steady_clock::now() >= last_used_ + kIdleAssociation) return false;
  const bool covers = std::all_of(pairs.begin(), pairs.end(), [&](const Pair& pair) {
    return association_->proposed(Uid{pair.first}, Uid{pair.second});
  });
  return covers && association_->is_alive();
}

Result<void> DicomSender::open_association(const std::set<Pair>& pairs) {
  std::vector<dicom::ProposedContext> contexts;
  for (const auto& [sop_class, syntax] : pairs) {
    contexts.push_back({0, Uid{sop_class}, {Uid{syntax}}});
  }
  VR_TRY(dicom::Requestor opened, reach(contexts));
  association_.emplace(std::move(opened));
  tls_facts_ = association_->tls();
  endpoint_used_ = endpoint_;
  last_used_ = std::chrono::steady_clock::now();
  reused_ = false;
  midway_ = false;
  return {};
}

Result<dicom::Requestor> DicomSender::reach(const std::vector<dicom::ProposedContext>& contexts) {
  std::optional<Error> last;
  for (const std::size_t i : endpoints_.order(std::chrono::steady_clock::now())) {
    auto opened = dicom::Requestor::open(call(endpoint_at(i)), contexts, *interrupt_);
    if (opened.ok()) {
      endpoints_.worked(i);
      endpoint_ = static_cast<std::uint32_t>(i) + 1;
      return opened;
    }
    if (!is_unreached(opened.error())) return opened.error();
    endpoints_.failed(i, std::chrono::steady_clock::now());
    last = opened.error();
    if (destination_.others.empty()) break;
    log::warn("endpoint.unreached", {{"destination", destination_.name},
                                     {"endpoint", std::uint64_t{i} + 1},
                                     log::Field::text("slug", last->slug)});
  }
  return *last;
}

dicom::Call DicomSender::call(const config::Endpoint& endpoint) const {
  dicom::Call out;
  out.host = endpoint.host;
  out.port = endpoint.port;
  out.called = destination_.called_ae;
  out.calling = destination_.calling_ae;
  out.tls = tls_.get();
  out.pin_sha256 = destination_.cert_sha256;
  out.connect_timeout = destination_.connect_timeout;
  out.answer_timeout = destination_.answer_timeout;
  return out;
}

Result<EchoReport> DicomSender::echo() {
  prepare_interrupt();
  std::optional<Error> last;
  for (const std::size_t i : endpoints_.order(std::chrono::steady_clock::now())) {
    const config::Endpoint& endpoint = endpoint_at(i);
    Result<EchoReport> report = ask_receiver(call(endpoint), *interrupt_);
    if (report.ok()) {
      const bool is_ipv6 = endpoint.host.find(':') != std::string::npos;
      const std::string host = is_ipv6 ? "[" + endpoint.host + "]" : endpoint.host;
      report->address = host + ":" + std::to_string(endpoint.port);
      report->protocol = tls_ ? "dicom+tls" : "dicom";
      return report;
    }
    if (!is_unreached(report.error())) return report;
    last = report.error();
  }
  return *last;
}

}  // namespace veilroute::router
