// StowSender: objects leave by STOW-RS over HTTPS.
#include "router/stow_sender.h"

#include <algorithm>
#include <array>
#include <utility>

#include "config/words.h"
#include "core/base/crypto.h"
#include "core/dicom/command.h"
#include "core/dicom/scanner.h"
#include "core/dicom/transfer_syntax.h"
#include "core/dicom/uid.h"
#include "router/http_status.h"

namespace veilroute::router {
namespace {

using store::ObjectOutcome;
using store::Outcome;

constexpr const char* kJson = "Accept: application/dicom+json";
/// The head of a data set, in which its Study Instance UID stands.
constexpr std::uint64_t kHeadOfDataSet = 64U << 10U;

/// The objects of a batch as they left; those whose last byte did not, without a digest.
std::vector<ObjectOutcome> outcomes_of(std::span<const Parcel> batch, const StowBody& body) {
  std::vector<ObjectOutcome> all = body.left();
  for (std::size_t i = all.size(); i < batch.size(); ++i) {
    all.emplace_back().object = batch[i].record->object;
  }
  return all;
}

/// Empty where it cannot be read, as in a deflated data set.
Result<std::string> study_of(const Parcel& parcel) {
  const auto syntax = dicom::find_transfer_syntax(parcel.record->transfer_syntax);
  if (!syntax.ok() || syntax->deflated) return std::string();
  VR_TRY(const std::unique_ptr<ByteSource> bytes, parcel.open());
  Bytes head(static_cast<std::size_t>(std::min(bytes->size_bytes(), kHeadOfDataSet)));
  VR_TRY(bytes->read_at(0, head));
  dicom::Scanner scanner(*syntax, {});
  scanner.feed(head);
  std::string study(scanner.finish().value(dicom::tags::StudyInstanceUID));
  return dicom::is_valid_uid(study) ? study : std::string();
}

Error http_error(long status, const char* slug) {
  return make_error(ErrorKind::unavailable, slug,
                    "the receiver answers HTTP " + std::to_string(status));
}

}  // namespace

/// What one call of send() knows.
struct StowSender::Attempt {
  const std::vector<Parcel>& parcels;
  const OnAnswer& on_answer;
  std::stop_token stop;
  std::size_t sent = 0;
  std::size_t refused = 0;
  std::size_t waiting = 0;  ///< answered, and to be tried again
  std::string why_waiting{};
  std::string why_refused{};
  bool refused_whole = false;
  dicom::TlsFacts tls{};
  std::optional<std::chrono::seconds> retry_after{};

  /// The first reason stands.
  static void note_reason(std::string& reason, std::string_view slug) {
    if (reason.empty()) reason = slug;
  }
};

Result<std::unique_ptr<Sender>> StowSender::open(const config::Destination& destination) {
  if (!destination.stow) {
    return make_error(ErrorKind::internal, "http.failed", "a STOW-RS destination has no settings");
  }
  HttpsPeer peer;
  peer.url = destination.stow->url;
  peer.ca = destination.ca;
  peer.cert = destination.cert;
  peer.key = destination.key;
  peer.crl = destination.stow->crl;
  peer.pin_sha256 = destination.cert_sha256;
  peer.connect_timeout = destination.connect_timeout;
  peer.answer_timeout = destination.answer_timeout;
  VR_TRY(std::unique_ptr<HttpsClient> client, HttpsClient::open(std::move(peer)));
  VR_TRY(std::unique_ptr<BearerToken> token, BearerToken::open(destination));
  return std::unique_ptr<Sender>(new StowSender(destination, std::move(client), std::move(token)));
}

store::AttemptResult StowSender::send(const std::vector<Parcel>& parcels, const OnAnswer& on_answer,
                                      const std::stop_token& stop) {
  Attempt attempt{parcels, on_answer, stop};
  const Result<void> done = send_all(attempt);
  store::AttemptResult result;
  result.tls = attempt.tls.suite;
  result.peer_certificate = attempt.tls.peer_sha256;
  result.retry_after = attempt.retry_after;
  result.outcome = Outcome::deferred;
  if (!done.ok()) {
    const std::string& slug = done.error().slug;
    result.slug = slug == "network.stopped" ? "sender.stopped" : slug;
    // What may have arrived must not be given up unasked.
    if (attempt.refused_whole && attempt.waiting == 0) result.outcome = Outcome::refused;
  } else if (attempt.waiting > 0) {
    result.slug = attempt.why_waiting;
  } else {
    result.slug = attempt.why_refused;
    result.outcome = attempt.sent == 0 && attempt.refused > 0 ? Outcome::refused : Outcome::sent;
  }
  return result;
}

Result<void> StowSender::send_all(Attempt& attempt) {
  Batch rest(attempt.parcels);
  while (!rest.empty()) {
    if (attempt.stop.stop_requested()) {
      return make_error(ErrorKind::unavailable, "sender.stopped", "the node is stopping");
    }
    const Batch batch = rest.first(batch_size(rest));
    const std::uint64_t before = settings_.batch_bytes;
    VR_TRY(send_batch(attempt, batch));
    // Too large together: the same objects again, in smaller requests.
    if (settings_.batch_bytes == before) rest = rest.subspan(batch.size());
  }
  return {};
}

std::size_t StowSender::batch_size(Batch rest) const {
  std::size_t count = 0;
  std::uint64_t bytes = 0;
  for (const Parcel& parcel : rest) {
    bytes += parcel.record->length_bytes() + StowBody::kMostPartOverhead;
    if (count > 0 && (bytes > settings_.batch_bytes || count == settings_.batch_objects)) break;
    ++count;
  }
  return count;
}

Result<void> StowSender::send_batch(Attempt& attempt, Batch batch) {
  StowBody body(batch, settings_.say_syntax);
  HttpsRequest request;
  request.path = "/studies";
  request.headers = {kJson, "Content-Type: " + body.content_type()};
  request.body = &body;
  const auto answer = exchange(std::move(request), attempt.stop);
  note_connection(attempt);
  if (!answer.ok()) return take_broken_off(attempt, batch, body, answer.error());
  return take_answer(attempt, batch, body, *answer);
}

/// Shown a token that the receiver does not take any more, it is asked again with a new one, once.
Result<HttpsAnswer> StowSender::exchange(HttpsRequest request, const std::stop_token& stop) {
  for (bool again = false;; again = true) {
    if (token_) {
      VR_TRY(request.authorization, token_->current(stop));
    }
    if (again && request.body != nullptr) VR_TRY(request.body->rewind());
    VR_TRY(HttpsAnswer answer, client_->request(request, stop));
    if (answer.status != 401 || again || !token_ || !token_->renew()) return answer;
  }
}

Result<void> StowSender::take_answer(Attempt& attempt, Batch batch, const StowBody& body,
                                     const HttpsAnswer& answer) {
  using Reach = StatusMeaning::Reach;
  const StatusMeaning meaning = meaning_of(answer.status);
  if (meaning.reach == Reach::instances) return take_instances(attempt, batch, body, answer);
  if (meaning.reach == Reach::halves && batch.size() > 1) {
    std::uint64_t bytes = 0;
    for (const Parcel& parcel : batch) {
      bytes += parcel.record->length_bytes() + StowBody::kMostPartOverhead;
    }
    settings_.batch_bytes = std::min(settings_.batch_bytes, bytes) / 2;
    return {};
  }
  if (meaning.reach == Reach::transfer) {
    attempt.retry_after = answer.retry_after;
    attempt.refused_whole = meaning.outcome == Outcome::refused;
    // What left is accounted for, though nothing of it is there.
    for (ObjectOutcome outcome : body.left()) {
      outcome.outcome = meaning.outcome;
      outcome.slug = meaning.slug;
      VR_TRY(note(attempt, outcome));
    }
    return http_error(answer.status, meaning.slug);
  }
  Attempt::note_reason(attempt.why_refused, meaning.slug);
  for (ObjectOutcome outcome : outcomes_of(batch, body)) {
    outcome.outcome = meaning.outcome;
    outcome.slug = meaning.slug;
    VR_TRY(note(attempt, outcome));
  }
  return {};
}

/// What the answer says of each object. 409 says of those it does not name that they were not
/// stored.
Result<void> StowSender::take_instances(Attempt& attempt, Batch batch, const StowBody& body,
                                        const HttpsAnswer& answer) {
  const auto read = read_stow_answer(answer.body);
  const StowAnswer said = read.ok() ? *read : StowAnswer{};
  const bool says_no = answer.status == 409 && answer.whole;
  const std::size_t sent_before = attempt.sent;
  bool busy = false;
  std::vector<ObjectOutcome> unknown;
  const auto all = says_no ? outcomes_of(batch, body) : body.left();
  for (std::size_t i = 0; i < all.size(); ++i) {
    ObjectOutcome outcome = all[i];
    const auto found = said.find(batch[i].record->sop_instance.value);
    if (found != said.end()) {
      outcome.status = found->second.status;
      outcome.outcome = outcome_of(found->second);
    } else if (says_no) {
      outcome.outcome = Outcome::refused;
      outcome.slug = "sender.object-refused";
    }
    if (outcome.outcome == Outcome::unknown) {
      outcome.status = 0;
      unknown.push_back(outcome);
      continue;
    }
    const bool no_room = dicom::store_answer(outcome.status) == dicom::StoreAnswer::busy;
    busy = busy || (outcome.outcome == Outcome::deferred && no_room);
    VR_TRY(note(attempt, outcome));
  }
  const char* const why = read.ok() ? "http.answer-silent" : "http.answer-unreadable";
  VR_TRY(settle_unknown(attempt, batch, std::move(unknown), why));
  if (!says_no && !answer.all_was_sent) return http_error(answer.status, "http.answer-early");
  if (!busy || attempt.sent > sent_before) return {};
  return make_error(ErrorKind::unavailable, "sender.receiver-busy",
                    "the receiver has no room at the moment");
}

/// Without an answer: what has left whole may have been stored.
Result<void> StowSender::take_broken_off(Attempt& attempt, Batch batch, const StowBody& body,
                                         const Error& error) {
  VR_TRY(settle_unknown(attempt, batch, body.left(), error.slug.c_str()));
  return error;
}

Result<void> StowSender::settle_unknown(Attempt& attempt, Batch batch,
                                        std::vector<ObjectOutcome> unknown, const char* why) {
  bool ask = settings_.qido;
  for (ObjectOutcome& outcome : unknown) {
    outcome.slug = why;
    const auto parcel = std::find_if(batch.begin(), batch.end(), [&](const Parcel& one) {
      return one.record->object == outcome.object;
    });
    const bool asked = ask && parcel != batch.end() && !parcel->replaces;
    if (asked && !attempt.stop.stop_requested()) {
      const Result<bool> there = is_there(*parcel, attempt.stop);
      ask = there.ok();  // whoever does not answer once is not asked for each
      if (there.ok()) outcome.outcome = *there ? Outcome::sent : Outcome::deferred;
      if (there.ok()) outcome.slug = *there ? "" : "http.not-arrived";
    }
    VR_TRY(note(attempt, outcome));
  }
  return {};
}

/// By QIDO-RS (PS3.18 10.6), within the object's study where that can be told.
Result<bool> StowSender::is_there(const Parcel& parcel, const std::stop_token& stop) {
  const Uid& instance = parcel.record->sop_instance;
  if (!dicom::is_valid_uid(instance.value)) return unreadable_answer();
  VR_TRY(const std::string study, study_of(parcel));
  HttpsRequest request;
  request.path =
      (study.empty() ? "" : "/studies/" + study) + "/instances?SOPInstanceUID=" + instance.value;
  request.headers = {kJson};
  VR_TRY(const HttpsAnswer answer, exchange(std::move(request), stop));
  if (answer.status == 204) return false;
  if (answer.status == 200) return names_instance(answer.body, instance);
  return http_error(answer.status, meaning_of(answer.status).slug);
}

Result<void> StowSender::note(Attempt& attempt, const ObjectOutcome& outcome) {
  if (outcome.outcome == Outcome::sent) {
    ++attempt.sent;
  } else if (outcome.outcome == Outcome::refused) {
    ++attempt.refused;
    Attempt::note_reason(attempt.why_refused, "sender.object-refused");
  } else {
    ++attempt.waiting;
    const bool busy = dicom::store_answer(outcome.status) == dicom::StoreAnswer::busy;
    const std::string_view why = busy ? "sender.receiver-busy" : "peer.objects-deferred";
    Attempt::note_reason(attempt.why_waiting, outcome.slug.empty() ? why : outcome.slug);
  }
  return attempt.on_answer(outcome);
}

void StowSender::note_connection(Attempt& attempt) const {
  if (const dicom::TlsFacts& facts = client_->tls(); !facts.peer_sha256.empty()) {
    attempt.tls = facts;
  }
}

Result<EchoReport> StowSender::echo() {
  std::array<std::uint8_t, 6> random{};
  crypto::random_fill(random);
  std::uint64_t number = 1;
  for (const std::uint8_t byte : random) number = (number << 8U) | byte;
  HttpsRequest request;
  request.path = "/instances?SOPInstanceUID=2.25." + std::to_string(number);
  request.headers = {kJson};
  const auto began = std::chrono::steady_clock::now();
  VR_TRY(const HttpsAnswer answer, exchange(std::move(request), {}));
  const auto took = std::chrono::steady_clock::now() - began;
  const StatusMeaning meaning = meaning_of(answer.status);
  const std::string status = "HTTP " + std::to_string(answer.status);
  if (answer.status == 401 || answer.status == 403) {
    return make_error(ErrorKind::refused, meaning.slug,
                      "the receiver is there, and refuses our credentials (" + status + ")");
  }
  if (meaning.outcome == Outcome::deferred) return http_error(answer.status, meaning.slug);
  EchoReport report;
  report.address = settings_.url;
  report.protocol = config::to_string(config::Protocol::stow);
  report.tls = client_->tls();
  report.reached = answer.reached;
  report.answered = std::chrono::duration_cast<std::chrono::milliseconds>(took) - answer.reached;
  report.note = answer.status < 300
                    ? status + ": it answers queries (QIDO-RS)"
                    : status +
                          ": no queries (QIDO-RS) there; check the URL. Whether it takes "
                          "objects shows when one is sent";
  return report;
}

}  // namespace veilroute::router
