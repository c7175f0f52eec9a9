// StowSender: objects leave by STOW-RS over HTTPS (PS3.18 10.5). Walk step 9.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "router/bearer_token.h"
#include "router/https_client.h"
#include "router/sender.h"
#include "router/stow_answer.h"
#include "router/stow_body.h"

namespace veilroute::router {

/// Objects go in batches, each one request. What becomes of them is what the answer says of each;
/// an object of which it says nothing is `unknown`, and where the destination has `qido`, asked
/// for: it is sent if it is there, else deferred. QIDO-RS tells that an instance of this UID is
/// there, not that these bytes are: it is not asked for what replaces older ones. When a request breaks off, objects whose last byte had left are
/// unknown as well.
///
/// Slugs beside those of HttpsClient and BearerToken: sender.stopped, sender.object-refused,
/// sender.receiver-busy, and http.* of http_status.h, http.answer-unreadable, http.answer-silent
/// (the answer leaves objects out), http.answer-early (it came before the request's end),
/// http.not-arrived (QIDO-RS does not find them). One thread.
class StowSender final : public Sender {
 public:
  /// TLS everywhere but to loopback: `refused` "sender.tls-required". Errors of HttpsClient::open.
  static Result<std::unique_ptr<Sender>> open(const config::Destination& destination);

  store::AttemptResult send(const std::vector<Parcel>& parcels, const OnAnswer& on_answer,
                            const std::stop_token& stop) override;
  /// Asks by QIDO-RS for an instance that nobody has.
  Result<EchoReport> echo() override;

 private:
  struct Attempt;
  using Batch = std::span<const Parcel>;

  StowSender(const config::Destination& destination, std::unique_ptr<HttpsClient> client,
             std::unique_ptr<BearerToken> token)
      : settings_(*destination.stow), client_(std::move(client)), token_(std::move(token)) {}

  Result<void> send_all(Attempt& attempt);
  [[nodiscard]] std::size_t batch_size(Batch rest) const;
  Result<void> send_batch(Attempt& attempt, Batch batch);
  Result<HttpsAnswer> exchange(HttpsRequest request, const std::stop_token& stop);
  Result<void> take_answer(Attempt& attempt, Batch batch, const StowBody& body,
                           const HttpsAnswer& answer);
  Result<void> take_instances(Attempt& attempt, Batch batch, const StowBody& body,
                              const HttpsAnswer& answer);
  Result<void> take_broken_off(Attempt& attempt, Batch batch, const StowBody& body,
                               const Error& error);
  Result<void> settle_unknown(Attempt& attempt, Batch batch,
                              std::vector<store::ObjectOutcome> unknown, const char* why);
  Result<bool> is_there(const Parcel& parcel, const std::stop_token& stop);
  Result<void> note(Attempt& attempt, const store::ObjectOutcome& outcome);
  void note_connection(Attempt& attempt) const;

  config::StowSettings settings_;
  std::unique_ptr<HttpsClient> client_;
  std::unique_ptr<BearerToken> token_;  ///< null: none is shown
};

}  // namespace veilroute::router
