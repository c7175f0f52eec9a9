// Deflated data sets (PS3.5 A.5): raw deflate, inflated within limits.
#pragma once

#include <functional>
#include <memory>

#include "core/base/bytes.h"

namespace veilroute::dicom {

struct InflateLimits {
  std::uint64_t most_bytes = 1ULL << 30U;
  std::uint64_t most_ratio = 200;             ///< out : in
  std::uint64_t free_bytes = 1ULL << 20U;     ///< the ratio is not asked below this much output
};

/// Streaming. Errors are `invalid`: "dataset.inflate-failed", "dataset.inflates-too-far", and
/// "dataset.truncated" from finish(). After the stream's end one NUL of padding and gzip's check
/// sum and length may follow.
/// Memory: zlib's window and one buffer. One thread.
class Inflater {
 public:
  using Sink = std::function<void(ByteView)>;
  explicit Inflater(const InflateLimits& limits);
  ~Inflater();
  Inflater(Inflater&&) noexcept;
  Result<void> feed(ByteView in, const Sink& sink);
  Result<void> finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// The whole of a deflated source in memory.
Result<Bytes> inflate_all(ByteSource& source, const InflateLimits& limits);
/// Deflates, padded to an even length. The same bytes in, the same bytes out.
Result<Bytes> deflate_all(ByteView plain);

}  // namespace veilroute::dicom
