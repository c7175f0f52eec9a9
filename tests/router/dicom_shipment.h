// What DicomSender is given in tests: data sets in memory, and a receiver on this machine.
#pragma once

#include <deque>

#include "tests/router/sending.h"

namespace veilroute::router {

inline const Uid kCt{"1.2.840.10008.5.1.4.1.1.2"};
inline const Uid kExplicit{"1.2.840.10008.1.2.1"};
inline const Uid kHtj2k{"1.2.840.10008.1.2.4.201"};

/// Parcels over data sets in memory.
class Shipment {
 public:
  void add(const Uid& sop_class, const Uid& syntax, Bytes data) {
    dicom::OutboxRecord& record = records_.emplace_back();
    record.object = ObjectId{records_.size()};
    record.sop_class = sop_class;
    record.sop_instance = Uid{"2.25." + std::to_string(1000 + records_.size())};
    record.transfer_syntax = syntax;
    const Bytes& kept = bytes_.emplace_back(std::move(data));
    parcels_.push_back({&record, [&kept]() -> Result<std::unique_ptr<ByteSource>> {
                          return std::unique_ptr<ByteSource>(std::make_unique<MemorySource>(kept));
                        }});
  }
  void add_ct(std::size_t count = 1) {
    for (std::size_t i = 0; i < count; ++i) add(kCt, kExplicit, Bytes(1000 + 2 * i, 7));
  }
  [[nodiscard]] std::vector<Parcel>& parcels() { return parcels_; }
  [[nodiscard]] const Bytes& data(std::size_t i) const { return bytes_[i]; }
  [[nodiscard]] const dicom::OutboxRecord& record(std::size_t i) const { return records_[i]; }

 private:
  std::deque<dicom::OutboxRecord> records_;
  std::deque<Bytes> bytes_;
  std::vector<Parcel> parcels_;
};

inline config::Destination plain_to(std::uint16_t port) {
  config::Destination destination;
  destination.name = DestinationName{"archive"};
  destination.protocol = config::Protocol::dicom;
  destination.address = {"127.0.0.1", port};
  destination.called_ae = AeTitle{"ARCHIVE"};
  destination.calling_ae = AeTitle{"VEILROUTE"};
  destination.connect_timeout = std::chrono::seconds(5);
  destination.answer_timeout = std::chrono::seconds(5);
  return destination;
}

inline Sent send(Sender& sender, Shipment& shipment, const std::stop_token& stop = {}) {
  return send(sender, shipment.parcels(), stop);
}

}  // namespace veilroute::router
