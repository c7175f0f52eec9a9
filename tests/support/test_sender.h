// TestSender: a sender of data sets in any transfer syntax, also those that no tool at hand speaks,
// over our own upper layer; and one that breaks the rules on purpose.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/dicom/upper_layer.h"

namespace veilroute::test {

/// A data set to send: bytes as they go over the wire.
struct Sendable {
  Uid sop_class;
  Uid sop_instance;
  Uid transfer_syntax;
  Bytes data;
};

/// As whom and whom to call on loopback.
struct SenderOptions {
  std::string host = "127.0.0.1";
  std::uint16_t port = 0;
  std::string calling = "ER_CR1";
  std::string called = "VEILROUTE";
  dicom::TlsContext* tls = nullptr;
};

/// The call that the options describe, with the patience of a test.
dicom::Call call_of(const SenderOptions& options);

/// Sends all of them, one context for each pair of class and syntax, on one association as long as
/// 128 contexts do; the statuses in order (0122 for a context that was not accepted).
Result<std::vector<std::uint16_t>> send_objects(const SenderOptions& options,
                                                const std::vector<Sendable>& objects);

/// A CT-like data set in explicit VR little endian (for any other explicit syntax, too), with
/// synthetic identifiers. `pixels` become the value of Pixel Data, native.
Bytes explicit_data_set(const Uid& sop_class, const Uid& sop_instance, const Uid& study,
                        const Bytes& pixels);
/// The same with Pixel Data in one fragment behind an empty offset table.
Bytes encapsulated_data_set(const Uid& sop_class, const Uid& sop_instance, const Uid& study,
                            const Bytes& fragment);
/// The same in implicit VR little endian.
Bytes implicit_data_set(const Uid& sop_class, const Uid& sop_instance, const Uid& study,
                        const Bytes& pixels);

/// A bare connection that says whatever it is told.
class RawPeer {
 public:
  explicit RawPeer(std::uint16_t port, const std::string& host = "127.0.0.1");
  [[nodiscard]] bool connected() const { return stream_ != nullptr; }
  void write(ByteView bytes);
  /// The type of the next PDU, 0 when the other side closed, and its body.
  int read(Bytes* body = nullptr, std::chrono::milliseconds longest = std::chrono::seconds(8));
  void close() { stream_.reset(); }

 private:
  dicom::Interrupt never_;
  std::unique_ptr<dicom::PduStream> stream_;
};

}  // namespace veilroute::test
