// TestReceiver: a storage receiver that does as it is told: takes any transfer syntax, refuses
// contexts, answers with any status, falls silent, aborts or hangs up.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "core/dicom/upper_layer.h"

namespace veilroute::test {

/// How a TestReceiver behaves. `index` counts the objects it was sent, from 0.
struct ReceiverScript {
  std::uint32_t most_pdu_bytes = 16384;
  std::optional<dicom::AssociateReject> reject;
  /// False: that context is refused.
  std::function<bool(const dicom::ProposedContext&)> accepts;
  /// Which of the offered syntaxes is taken; the first by default.
  std::function<Uid(const std::vector<Uid>&)> chooses;
  /// The status of an object; nothing: silence. Default: 0000.
  std::function<std::optional<std::uint16_t>(std::size_t index)> status;
  /// Changes the answer before it is sent.
  std::function<void(std::size_t index, dicom::Command& answer)> spoil;
  /// True: A-ABORT instead of an answer.
  std::function<bool(std::size_t index)> aborts;
  /// True: the connection is closed after the answer.
  std::function<bool(std::size_t index)> hangs_up;
};

struct ReceivedObject {
  Uid sop_class;
  Uid sop_instance;
  Uid transfer_syntax;
  Bytes data;
};

/// Listens on 127.0.0.1; one thread for each connection. Any thread.
class TestReceiver {
 public:
  explicit TestReceiver(ReceiverScript script, dicom::TlsContext* tls = nullptr);
  ~TestReceiver();
  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] std::vector<ReceivedObject> objects() const;
  [[nodiscard]] unsigned associations() const { return associations_; }
  [[nodiscard]] unsigned releases() const { return releases_; }
  [[nodiscard]] unsigned aborts() const { return aborts_; }
  [[nodiscard]] std::vector<dicom::AssociateRequest> requests() const;

 private:
  void listen();
  void serve(Descriptor socket);
  [[nodiscard]] Uid chosen(const dicom::ProposedContext& context) const;
  Result<void> associate(dicom::PduStream& stream, const dicom::AssociateRequest& request,
                         const dicom::AssociateNames& names);
  bool on_object(dicom::PduStream& stream, std::uint8_t context, const dicom::Command& command,
                 ReceivedObject object);

  ReceiverScript script_;
  dicom::TlsContext* tls_;
  dicom::Interrupt stop_;
  Descriptor socket_;
  std::uint16_t port_ = 0;
  std::atomic<unsigned> associations_{0}, releases_{0}, aborts_{0};
  mutable std::mutex mutex_;
  std::vector<ReceivedObject> objects_;
  std::vector<dicom::AssociateRequest> requests_;
  std::size_t next_index_ = 0;
  std::vector<std::jthread> threads_;
  std::jthread listening_;
};

}  // namespace veilroute::test
