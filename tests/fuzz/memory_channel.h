// A connection in memory for fuzz targets: the peer says what the input holds, in pieces, then closes.
#pragma once

#include <algorithm>

#include "core/dicom/transport.h"

namespace veilroute::fuzz {

/// `said` collects what our side wrote; both must outlive the channel.
class MemoryChannel final : public dicom::Channel {
 public:
  MemoryChannel(ByteView heard, std::size_t piece, Bytes& said)
      : Channel(Descriptor()), heard_(heard), piece_(std::max<std::size_t>(1, piece)), said_(said) {}
  Result<dicom::Want> handshake() override { return dicom::Want::nothing; }
  Result<dicom::Progress> read(std::span<std::uint8_t> out) override {
    const std::size_t count = std::min({out.size(), piece_, heard_.size()});
    std::copy_n(heard_.begin(), count, out.begin());
    heard_ = heard_.subspan(count);
    return dicom::Progress{count, dicom::Want::nothing};
  }
  Result<dicom::Progress> write(ByteView bytes) override {
    said_.insert(said_.end(), bytes.begin(), bytes.end());
    return dicom::Progress{bytes.size(), dicom::Want::nothing};
  }
  void finish_writing() override {}

 private:
  ByteView heard_;
  std::size_t piece_;
  Bytes& said_;
};

}  // namespace veilroute::fuzz
