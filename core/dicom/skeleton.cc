#include "core/dicom/skeleton.h"

#include <algorithm>
#include <array>

#include "core/dicom/element_header.h"

namespace veilroute::dicom {
namespace {

constexpr std::array<std::uint8_t, 4096> kZeros{};

Error broken_range() {
  return make_error(ErrorKind::invalid, "second-reader.broken-range",
                    "a piece of the record is not a value of its source");
}

Bytes item_header(Tag tag, std::uint32_t length, bool big_endian) {
  Bytes bytes;
  const auto put = [&](std::uint32_t value, unsigned width) {
    for (unsigned i = 0; i < width; ++i) {
      const unsigned shift = 8U * (big_endian ? width - 1 - i : i);
      bytes.push_back(static_cast<std::uint8_t>((value >> shift) & 0xFFU));
    }
  };
  put(tag.group, 2);
  put(tag.element, 2);
  put(length, 4);
  return bytes;
}

}  // namespace

Result<Skeleton> Skeleton::build(const std::vector<Piece>& pieces, ByteView own,
                                 const std::vector<LargeValue>& source_large, bool big_endian) {
  Skeleton skeleton;
  for (const Piece& piece : pieces) {
    if (piece.own) {
      if (piece.offset > own.size() || piece.length > own.size() - piece.offset) {
        return broken_range();
      }
      skeleton.add(own.subspan(static_cast<std::size_t>(piece.offset),
                               static_cast<std::size_t>(piece.length)));
      continue;
    }
    const auto range = std::lower_bound(
        source_large.begin(), source_large.end(), piece.offset,
        [](const LargeValue& value, std::uint64_t at) { return value.begin < at; });
    const bool known = range != source_large.end() && range->begin == piece.offset &&
                       piece.length <= range->end - range->begin;
    if (!known) return broken_range();
    if (range->fragments == 0) {
      skeleton.add_zeros(piece.length);
    } else if (piece.length != range->end - range->begin ||
               !skeleton.add_fragments(piece.length, big_endian)) {
      return broken_range();
    }
  }
  return skeleton;
}

void Skeleton::add(ByteView bytes) {
  parts_.push_back({size_bytes_, bytes.size(), false, bytes});
  size_bytes_ += bytes.size();
}

void Skeleton::add_zeros(std::uint64_t length) {
  parts_.push_back({size_bytes_, length, true, {}});
  size_bytes_ += length;
}

/// One fragment of zeros that is as long as all of the source's were.
bool Skeleton::add_fragments(std::uint64_t length, bool big_endian) {
  constexpr std::uint64_t kFrame = 2ULL * kItemHeaderBytes;
  if (length < kFrame) return false;
  // An item says its length in 32 bits: longer values are stood in for by several.
  constexpr std::uint64_t kMostAtOnce = 1ULL << 30U;
  std::uint64_t left = length - kItemHeaderBytes;
  while (left > 0) {
    std::uint64_t some = std::min(left, kMostAtOnce);
    if (left > some && left - some < kItemHeaderBytes) some -= kItemHeaderBytes;
    made_.push_back(item_header(tags::Item, static_cast<std::uint32_t>(some - kItemHeaderBytes),
                                big_endian));
    add(made_.back());
    add_zeros(some - kItemHeaderBytes);
    left -= some;
  }
  made_.push_back(item_header(tags::SequenceDelimitation, 0, big_endian));
  add(made_.back());
  return true;
}

void Skeleton::copy(std::uint64_t offset, std::span<std::uint8_t> out) const {
  auto part = std::upper_bound(parts_.begin(), parts_.end(), offset,
                               [](std::uint64_t at, const Part& p) { return at < p.begin; });
  if (part != parts_.begin()) --part;
  for (; !out.empty() && part != parts_.end(); ++part) {
    const std::uint64_t inside = offset - part->begin;
    const auto some =
        static_cast<std::size_t>(std::min<std::uint64_t>(out.size(), part->length - inside));
    if (part->zeros) {
      std::fill_n(out.begin(), some, std::uint8_t{0});
    } else {
      std::copy_n(part->bytes.begin() + static_cast<std::ptrdiff_t>(inside), some, out.begin());
    }
    out = out.subspan(some);
    offset += some;
  }
}

void Skeleton::for_each(const std::function<void(ByteView)>& take) const {
  for (const Part& part : parts_) {
    if (!part.zeros) {
      take(part.bytes);
      continue;
    }
    for (std::uint64_t left = part.length; left > 0;) {
      const auto some = static_cast<std::size_t>(std::min<std::uint64_t>(left, kZeros.size()));
      take(ByteView(kZeros).first(some));
      left -= some;
    }
  }
}

}  // namespace veilroute::dicom
