#include "core/dicom/inflate.h"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <limits>

#include "core/dicom/element_header.h"

namespace veilroute::dicom {
namespace {

constexpr int kRawDeflate = -MAX_WBITS;
constexpr std::size_t kBufferBytes = 64U << 10U;
constexpr std::size_t kMostAfterEnd = 9;
constexpr std::size_t kMostAtOnce = 1U << 20U;  // zlib counts in unsigned int

Error failed() {
  return make_error(ErrorKind::invalid, "dataset.inflate-failed",
                    "the deflated data set cannot be inflated");
}

Error too_far() {
  return make_error(ErrorKind::invalid, "dataset.inflates-too-far",
                    "the deflated data set inflates beyond the limit");
}

}  // namespace

struct Inflater::State {
  InflateLimits limits;
  z_stream stream{};
  bool open = false;
  bool ended = false;
  std::uint64_t in_bytes = 0;
  std::uint64_t out_bytes = 0;
  std::uint32_t crc = 0;
  Bytes after_end;
  std::array<std::uint8_t, kBufferBytes> buffer{};

  ~State() {
    if (open) inflateEnd(&stream);
  }
  Result<void> inflate_some(ByteView in, const Sink& sink);
  Result<void> take_rest(ByteView rest);
  [[nodiscard]] bool rest_is_harmless() const;
};

Inflater::Inflater(const InflateLimits& limits) : state_(std::make_unique<State>()) {
  state_->limits = limits;
  state_->open = inflateInit2(&state_->stream, kRawDeflate) == Z_OK;
}
Inflater::~Inflater() = default;
Inflater::Inflater(Inflater&&) noexcept = default;

Result<void> Inflater::feed(ByteView in, const Sink& sink) {
  while (!in.empty()) {
    if (state_->ended) return state_->take_rest(in);
    const ByteView some = in.first(std::min(in.size(), kMostAtOnce));
    VR_TRY(state_->inflate_some(some, sink));
    const std::size_t left = state_->stream.avail_in;
    in = in.subspan(some.size() - left);
  }
  return {};
}

Result<void> Inflater::State::take_rest(ByteView rest) {
  if (after_end.size() + rest.size() > kMostAfterEnd) return failed();
  after_end.insert(after_end.end(), rest.begin(), rest.end());
  return {};
}

/// What may follow: the check sum and length of gzip (RFC 1952), which some devices leave there,
/// and a NUL that makes the length even. Anything else would be bytes nobody looks at.
bool Inflater::State::rest_is_harmless() const {
  ByteView rest = after_end;
  if (rest.size() % 2 != 0) {
    if (rest.back() != 0) return false;
    rest = rest.first(rest.size() - 1);
  }
  if (rest.empty()) return true;
  return rest.size() == kMostAfterEnd - 1 && read_u32(rest.data(), false) == crc &&
         read_u32(rest.data() + 4, false) == (out_bytes & 0xFFFFFFFFU);
}

Result<void> Inflater::State::inflate_some(ByteView in, const Sink& sink) {
  if (!open) return failed();
  stream.next_in = const_cast<Bytef*>(in.data());  // zlib only reads it
  stream.avail_in = static_cast<uInt>(in.size());
  do {
    const std::uint64_t before = stream.avail_in;
    stream.next_out = buffer.data();
    stream.avail_out = static_cast<uInt>(buffer.size());
    const int outcome = inflate(&stream, Z_NO_FLUSH);
    const std::size_t made = buffer.size() - stream.avail_out;
    in_bytes += before - stream.avail_in;
    out_bytes += made;
    const bool wide = out_bytes > limits.free_bytes && out_bytes / limits.most_ratio > in_bytes;
    if (out_bytes > limits.most_bytes || wide) return too_far();
    crc = static_cast<std::uint32_t>(crc32(crc, buffer.data(), static_cast<uInt>(made)));
    // What came out before damage is handed on first: which problem is found must not depend on the
    // pieces in which the bytes came.
    if (made > 0) sink(ByteView(buffer.data(), made));
    if (outcome != Z_OK && outcome != Z_STREAM_END && outcome != Z_BUF_ERROR) return failed();
    ended = outcome == Z_STREAM_END;
  } while (!ended && (stream.avail_in > 0 || stream.avail_out == 0));
  return {};
}

Result<void> Inflater::finish() {
  if (!state_->ended) {
    return make_error(ErrorKind::invalid, "dataset.truncated",
                      "the deflated data set ends before its end");
  }
  if (!state_->rest_is_harmless()) return failed();
  return {};
}

Result<Bytes> inflate_all(ByteSource& source, const InflateLimits& limits) {
  Inflater inflater(limits);
  Bytes plain;
  Bytes piece;
  const Inflater::Sink sink = [&plain](ByteView made) {
    plain.insert(plain.end(), made.begin(), made.end());
  };
  const std::uint64_t size = source.size_bytes();
  for (std::uint64_t at = 0; at < size; at += piece.size()) {
    piece.resize(static_cast<std::size_t>(std::min<std::uint64_t>(kBufferBytes, size - at)));
    VR_TRY(source.read_at(at, piece));
    VR_TRY(inflater.feed(piece, sink));
  }
  VR_TRY(inflater.finish());
  return plain;
}

Result<Bytes> deflate_all(ByteView plain) {
  if (plain.size() > std::numeric_limits<uInt>::max() / 2) return too_far();
  z_stream stream{};
  if (deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, kRawDeflate, 8,
                   Z_DEFAULT_STRATEGY) != Z_OK) {
    return make_error(ErrorKind::internal, "dataset.deflate-failed", "zlib has no room");
  }
  Bytes out(deflateBound(&stream, static_cast<uLong>(plain.size())));
  stream.next_in = const_cast<Bytef*>(plain.data());  // zlib only reads it
  stream.avail_in = static_cast<uInt>(plain.size());
  stream.next_out = out.data();
  stream.avail_out = static_cast<uInt>(out.size());
  const int outcome = deflate(&stream, Z_FINISH);
  out.resize(out.size() - stream.avail_out);
  deflateEnd(&stream);
  if (outcome != Z_STREAM_END) {
    return make_error(ErrorKind::internal, "dataset.deflate-failed", "zlib did not finish");
  }
  if (out.size() % 2 != 0) out.push_back(0);
  return out;
}

}  // namespace veilroute::dicom
