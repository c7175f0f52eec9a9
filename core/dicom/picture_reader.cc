// Frame by frame, each read from its beginning to its end: bytes are asked for, not handed over.
#include "core/dicom/picture_reader.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "core/base/crypto.h"
#include "core/dicom/item_stream.h"

namespace veilroute::dicom {
namespace {

constexpr int kNoByte = ItemStream::kNothing;
/// Of as many frames as an object may have whose fragments are edited.
constexpr std::uint64_t kMostTableBytes = 4U << 20U;

std::uint32_t little_endian_in(const Bytes& bytes, std::size_t at) {
  return bytes[at] | (std::uint32_t{bytes[at + 1]} << 8U) | (std::uint32_t{bytes[at + 2]} << 16U) |
         (std::uint32_t{bytes[at + 3]} << 24U);
}

class PictureReader {
 public:
  PictureReader(ByteSource& source, std::uint64_t begin, std::uint64_t end, std::string_view syntax,
                const PictureShape& shape)
      : items_(source, begin, end), syntax_(syntax), shape_(shape) {}
  Result<PictureReading> read();

 private:
  bool read_frame();
  bool read_jpeg();
  bool read_application(int code, std::uint64_t left);
  int read_coded(bool (*is_data)(int code));
  bool read_jpeg_2000();
  bool enter_boxes();
  bool read_tile_part();
  bool read_rle();
  bool read_plane(std::uint64_t length);
  bool hash_segment(int code);
  int next_marker();
  void hash(ByteView bytes) { hasher_.update(bytes); }
  void hash(std::string_view text) { hasher_.update(as_bytes(text)); }
  bool hash_next(std::uint64_t count) {
    return items_.pass(count, [this](ByteView some) { hash(some); });
  }
  bool skip_next(std::uint64_t count) {
    return items_.pass(count, [](ByteView) {});
  }
  /// A length field of two bytes, itself included; -1 when there is none.
  int next_length() {
    const int high = items_.get();
    const int low = items_.get();
    const int length = high < 0 || low < 0 ? kNoByte : high * 256 + low;
    return length < 2 ? kNoByte : length;
  }

  ItemStream items_;
  std::string_view syntax_;
  const PictureShape& shape_;
  crypto::Hasher hasher_;
  bool open_ended_ = false;  ///< the tile-part went up to EOC
};

Result<PictureReading> PictureReader::read() {
  PictureReading reading;
  if (!items_.next_item()) return items_.error();
  const std::uint64_t table_bytes = items_.item_left();
  if (table_bytes % 4 != 0 || table_bytes > kMostTableBytes) return items_.error();
  const Bytes table = items_.take(table_bytes);
  std::vector<std::uint64_t> starts;
  std::optional<std::uint64_t> first;
  while (reading.frames < shape_.frames && items_.next_item()) {
    if (!first) first = items_.item_begin();
    if (items_.item_left() == 0) continue;
    starts.push_back(items_.item_begin() - *first);
    if (!read_frame() || items_.failed()) return items_.error();
    // What is left of its last item is padding. The digest tells where a frame ends.
    hash("frame");
    ++reading.frames;
  }
  if (items_.failed()) return items_.error();
  reading.digest = hasher_.finish();
  reading.offset_table_is_true = table.empty() || table.size() == 4 * starts.size();
  for (std::size_t i = 0; i < starts.size() && !table.empty(); ++i) {
    if (!reading.offset_table_is_true) break;
    reading.offset_table_is_true = little_endian_in(table, 4 * i) == starts[i];
  }
  return reading;
}

bool PictureReader::read_frame() {
  if (syntax_ == "1.2.840.10008.1.2.5") return read_rle();
  constexpr std::string_view kJpeg2000 = "1.2.840.10008.1.2.4.9";
  constexpr std::string_view kHighThroughput = "1.2.840.10008.1.2.4.20";
  if (syntax_.starts_with(kJpeg2000) || syntax_.starts_with(kHighThroughput)) {
    return read_jpeg_2000();
  }
  return read_jpeg();
}

int PictureReader::next_marker() {
  if (items_.get() != 0xFF) return kNoByte;
  int code = items_.get();
  while (code == 0xFF) code = items_.get();
  return code;
}

/// Length and content of a segment, with its marker.
bool PictureReader::hash_segment(int code) {
  const int length = next_length();
  if (length < 0) return false;
  hash(std::array<std::uint8_t, 3>{static_cast<std::uint8_t>(code),
                                   static_cast<std::uint8_t>(length >> 8),
                                   static_cast<std::uint8_t>(length & 0xFF)});
  return hash_next(static_cast<std::uint64_t>(length) - 2);
}

/// Coded data up to the next marker, which is given back.
int PictureReader::read_coded(bool (*is_data)(int code)) {
  for (;;) {
    const ByteView some = items_.window();
    if (some.empty()) return kNoByte;
    const auto mark = std::find(some.begin(), some.end(), 0xFF);
    const auto length = static_cast<std::size_t>(mark - some.begin());
    hash(some.first(length));
    items_.advance(length);
    if (mark == some.end()) continue;
    const int code = next_marker();
    if (code < 0 || !is_data(code)) return code;
    hash(std::array<std::uint8_t, 2>{0xFF, static_cast<std::uint8_t>(code)});
  }
}

/// ITU-T T.81 B.2, T.87 C.1: SOI, segments, scans, EOI.
bool PictureReader::read_jpeg() {
  constexpr int kScan = 0xDA, kEnd = 0xD9, kComment = 0xFE, kFirstApplication = 0xE0,
                kLastApplication = 0xEF;
  if (items_.get() != 0xFF || items_.get() != 0xD8) return false;
  const bool jpeg_ls = syntax_.starts_with("1.2.840.10008.1.2.4.8");
  int code = next_marker();
  while (code != kEnd) {
    if (code < 0xC0) return false;
    if (code == kComment || (code >= kFirstApplication && code <= kLastApplication)) {
      const int length = next_length();
      if (length < 0 || !read_application(code, static_cast<std::uint64_t>(length) - 2))
        return false;
    } else if (!hash_segment(code)) {
      return false;
    }
    if (code != kScan) {
      code = next_marker();
    } else if (jpeg_ls) {
      code = read_coded([](int next) { return next < 0x80; });
    } else {
      code = read_coded([](int next) { return next == 0 || (next >= 0xD0 && next <= 0xD7); });
    }
  }
  return true;
}

/// Decoders take the colours from some of these, and from their first bytes only.
bool PictureReader::read_application(int code, std::uint64_t left) {
  using namespace std::string_view_literals;
  const Bytes bytes = items_.take(std::min<std::uint64_t>(left, 14));
  const std::string_view text = as_text(bytes);
  if (code == 0xE0 && text.size() == 14 && text.starts_with("JFIF\0"sv)) hash(text.substr(0, 12));
  if (code == 0xEE && text.size() >= 12 && text.starts_with("Adobe")) hash(text.substr(0, 12));
  if (code == 0xE8 && left == 5 && text.starts_with("mrfx")) hash(text);
  return skip_next(left - bytes.size());
}

/// T.800 A: main header, tile-parts, EOC.
bool PictureReader::read_jpeg_2000() {
  constexpr int kEnd = 0xD9, kTilePart = 0x90, kComment = 0x64;
  int first = items_.get();
  if (first == 0) first = enter_boxes() ? items_.get() : kNoByte;
  if (first != 0xFF || items_.get() != 0x4F) return false;
  for (;;) {
    const int code = next_marker();
    if (code == kEnd) return true;
    if (code < 0) return false;
    if (code == kTilePart) {
      if (!read_tile_part()) return false;
      if (std::exchange(open_ended_, false)) return true;
    } else if (code == kComment) {
      const int length = next_length();
      if (length < 0 || !skip_next(static_cast<std::uint64_t>(length) - 2)) return false;
    } else if (!hash_segment(code)) {
      return false;
    }
  }
}

/// T.800 I.4: over all boxes to the codestream. The first byte is gone. Those that change what the
/// samples mean count as part of the picture.
bool PictureReader::enter_boxes() {
  Bytes header{0};
  for (;;) {
    const Bytes rest = items_.take(8 - header.size());
    header.insert(header.end(), rest.begin(), rest.end());
    if (header.size() < 8) return false;
    std::uint64_t length = 0;
    for (std::size_t i = 0; i < 4; ++i) length = length * 256 + header[i];
    std::uint64_t header_bytes = 8;
    if (length == 1) {
      length = 0;
      for (const std::uint8_t byte : items_.take(8)) length = length * 256 + byte;
      header_bytes = 16;
    }
    const std::string type(as_text(header).substr(4));
    header.clear();
    if (type == "jp2c") return true;
    if (type == "jp2h") continue;
    if (length < header_bytes) return false;
    const bool counts = type == "pclr" || type == "cmap" || type == "cdef";
    const std::uint64_t left = length - header_bytes;
    if (!(counts ? hash_next(left) : skip_next(left))) return false;
  }
}

/// From behind the SOT marker to the end of its data (T.800 A.4.2).
bool PictureReader::read_tile_part() {
  constexpr std::size_t kBytes = 10;
  const Bytes sot = items_.take(kBytes);
  if (sot.size() < kBytes || sot[0] != 0 || sot[1] != kBytes) return false;
  std::uint64_t stated = 0;
  for (std::size_t i = 4; i < 8; ++i) stated = stated * 256 + sot[i];
  hash(ByteView(sot).subspan(2, 2));
  hash(ByteView(sot).subspan(8, 2));
  std::uint64_t header_bytes = 12;
  for (;;) {
    const int code = next_marker();
    header_bytes += 2;
    if (code == 0x93) break;
    if (code < 0) return false;
    const std::uint64_t before = items_.passed();
    if (code == 0x64) {
      const int length = next_length();
      if (length < 0 || !skip_next(static_cast<std::uint64_t>(length) - 2)) return false;
    } else if (!hash_segment(code)) {
      return false;
    }
    header_bytes += items_.passed() - before;
  }
  if (stated != 0) return stated >= header_bytes && hash_next(stated - header_bytes);
  // Up to EOC, which is then behind us.
  const int end = read_coded([](int next) { return next < 0x90 || next == 0x91 || next == 0x92; });
  open_ended_ = end == 0xD9;
  return open_ended_;
}

/// PS3.5 G: a header, then a plane of bytes for each segment. A frame is one item.
bool PictureReader::read_rle() {
  constexpr std::uint64_t kHeaderBytes = 64;
  const std::uint64_t length = items_.item_left();
  if (length < kHeaderBytes) return false;
  const Bytes header = items_.take(kHeaderBytes);
  const std::uint32_t segments = little_endian_in(header, 0);
  if (segments == 0 || segments > 15) return false;
  for (std::uint32_t i = 0; i < segments; ++i) {
    const std::uint64_t begin = little_endian_in(header, 4 * (i + 1));
    const std::uint64_t end = i + 1 < segments ? little_endian_in(header, 4 * (i + 2)) : length;
    const std::uint64_t at = length - items_.item_left();
    if (begin < at || end < begin || end > length || !skip_next(begin - at)) return false;
    hash("plane");
    if (!read_plane(end - begin)) return false;
  }
  return true;
}

/// Runs until there are as many bytes as pixels (PS3.5 G.3.2), or the segment ends.
bool PictureReader::read_plane(std::uint64_t length) {
  std::uint64_t pixels = 0;
  while (pixels < shape_.plane_pixels() && length > 0) {
    const int control = items_.get();
    if (control < 0) return false;
    hash(std::array<std::uint8_t, 1>{static_cast<std::uint8_t>(control)});
    --length;
    if (control == 128) continue;
    const std::uint64_t bytes = control > 128 ? 1 : static_cast<std::uint64_t>(control) + 1;
    pixels += control > 128 ? 257U - static_cast<std::uint64_t>(control) : bytes;
    const std::uint64_t there = std::min(bytes, length);
    if (!hash_next(there)) return false;
    length -= there;
  }
  return true;
}

}  // namespace

Result<PictureReading> read_picture(ByteSource& source, std::uint64_t begin, std::uint64_t end,
                                    const Uid& transfer_syntax, const PictureShape& shape) {
  return PictureReader(source, begin, end, transfer_syntax.value, shape).read();
}

}  // namespace veilroute::dicom
