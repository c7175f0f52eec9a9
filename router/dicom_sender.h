// DicomSender: objects leave by C-STORE over our own upper layer, TLS and host name checked.
// Walk step 9. PS3.4 annex B (storage service class), PS3.8.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "core/dicom/upper_layer.h"
#include "router/endpoint_chooser.h"
#include "router/sender.h"

namespace veilroute::router {

/// An association that nobody used for so long is released.
inline constexpr std::chrono::seconds kIdleAssociation{10};
/// Answers "out of resources" in a row after which an attempt ends: the receiver is full.
inline constexpr unsigned kMostBusyAnswers = 3;

/// Slugs of an attempt that did not send everything, beside those of the upper layer (network.*,
/// tls.*, association.*, pdu.*): sender.object-refused (a status of the receiver),
/// sender.context-rejected (its negotiation; status 0122), sender.receiver-busy (A7xx),
/// sender.stopped. One thread.
class DicomSender final : public Sender {
 public:
  /// TLS everywhere but to loopback: `refused` "sender.tls-required".
  static Result<std::unique_ptr<Sender>> open(const config::Destination& destination);
  ~DicomSender() override;

  store::AttemptResult send(const std::vector<Parcel>& parcels, const OnAnswer& on_answer,
                            const std::stop_token& stop) override;
  Result<EchoReport> echo() override;

 private:
  using Pair = std::pair<std::string, std::string>;  ///< SOP class, transfer syntax
  struct Attempt;

  explicit DicomSender(const config::Destination& destination)
      : destination_(destination), endpoints_(1 + destination.others.size()) {}
  Result<void> send_all(Attempt& attempt);
  Result<void> send_round(Attempt& attempt, const std::set<Pair>& pairs);
  Result<void> send_parcel(Attempt& attempt, const Parcel& parcel);
  Result<std::uint16_t> store(const Parcel& parcel, std::uint8_t context,
                              store::ObjectOutcome& outcome);
  Result<void> note(Attempt& attempt, const store::ObjectOutcome& outcome);
  Result<void> associate(const std::set<Pair>& pairs);
  Result<void> open_association(const std::set<Pair>& pairs);
  /// At the first endpoint that can be reached. What it then says, it says for all.
  Result<dicom::Requestor> reach(const std::vector<dicom::ProposedContext>& contexts);
  [[nodiscard]] bool is_reusable(const std::set<Pair>& pairs);
  void leave();
  void prepare_interrupt();
  [[nodiscard]] const config::Endpoint& endpoint_at(std::size_t i) const {
    return i == 0 ? destination_.address : destination_.others[i - 1];
  }
  [[nodiscard]] dicom::Call call(const config::Endpoint& endpoint) const;

  config::Destination destination_;
  EndpointChooser endpoints_;
  std::uint32_t endpoint_ = 0;  ///< of the association, from 1
  std::unique_ptr<dicom::TlsContext> tls_;
  std::unique_ptr<dicom::Interrupt> interrupt_ = std::make_unique<dicom::Interrupt>();
  std::optional<dicom::Requestor> association_;
  bool reused_ = false;  ///< nothing was answered yet since an earlier attempt left it open
  bool midway_ = false;  ///< a message was begun and not answered: only an abort can end it
  dicom::SteadyTime last_used_{};
  dicom::TlsFacts tls_facts_;  ///< of the association that this attempt last used
  std::uint32_t endpoint_used_ = 0;
};

}  // namespace veilroute::router
