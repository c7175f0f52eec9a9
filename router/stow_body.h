// StowBody: objects as one multipart/related body, streamed (PS3.18 8.6.1, 10.5; RFC 2387).
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/crypto.h"
#include "core/store/transfer.h"
#include "router/https_client.h"
#include "router/sender.h"

namespace veilroute::router {

/// A part is a PS3.10 file: a head of ours, then the parcel's data set as it is. One object is open
/// at a time, and read in pieces. Errors of read(): those of the parcels; outbox.manifest-mismatch
/// (a data set is not as long as its record says); http.boundary-met (the random boundary stands in
/// an object: begin again with another). The parcels outlive it.
class StowBody final : public RequestBody {
 public:
  /// `say_syntax`: parts name their transfer syntax in Content-Type (PS3.18 8.7.3.5.2) as well as
  /// in the file's head; there are receivers that then leave the part out.
  explicit StowBody(std::span<const Parcel> parcels, bool say_syntax = false);
  /// What a part adds to its data set, at most.
  static constexpr std::uint64_t kMostPartOverhead = 2048;

  /// The value of Content-Type.
  [[nodiscard]] std::string content_type() const;
  [[nodiscard]] std::uint64_t size_bytes() const override { return size_; }
  Result<std::size_t> read(std::span<std::uint8_t> out) override;
  Result<void> rewind() override;

  /// The objects whose last byte was read, in order: digest and count of their data sets' bytes,
  /// and nothing yet of how they fared (`unknown`).
  [[nodiscard]] const std::vector<store::ObjectOutcome>& left() const { return left_; }

 private:
  [[nodiscard]] Bytes part_head(std::size_t index) const;
  Result<bool> begin_next();
  Result<std::size_t> read_object(std::span<std::uint8_t> out);
  bool meets_boundary(ByteView bytes);

  std::span<const Parcel> parcels_;
  bool say_syntax_;
  std::string boundary_;
  std::uint64_t size_ = 0;
  std::size_t next_ = 0;  ///< part that comes next; one past the last: the end
  Bytes text_;            ///< around the objects, what is to be given out
  std::size_t text_at_ = 0;
  std::unique_ptr<ByteSource> object_;
  std::uint64_t object_at_ = 0;
  crypto::Hasher hasher_;
  std::string seam_;  ///< the object's last bytes, where a boundary may have begun
  std::vector<store::ObjectOutcome> left_;
};

}  // namespace veilroute::router
