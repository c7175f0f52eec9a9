#include "core/dicom/item_stream.h"

#include <array>
#include <utility>

namespace veilroute::dicom {
namespace {

constexpr std::uint64_t kReadWindowBytes = 64U << 10U;

Error unreadable_items() {
  return make_error(ErrorKind::invalid, "picture.unreadable",
                    "the compressed pixels do not read as items of frames");
}

std::uint32_t header_number(const std::uint8_t* at) {
  return at[0] | (std::uint32_t{at[1]} << 8U) | (std::uint32_t{at[2]} << 16U) |
         (std::uint32_t{at[3]} << 24U);
}

}  // namespace

bool ItemStream::next_item() {
  constexpr std::uint32_t kItem = 0xE000FFFEU, kEnd = 0xE0DDFFFEU;
  at_ += item_left_;
  item_left_ = 0;
  item_begin_ = at_;
  if (done_ || failed()) return false;
  std::array<std::uint8_t, 8> header{};
  if (end_ - at_ < header.size()) return fail(unreadable_items());
  if (auto read = source_.read_at(at_, header); !read.ok()) return fail(std::move(read).error());
  at_ += header.size();
  const std::uint32_t tag = header_number(header.data());
  const std::uint32_t length = header_number(header.data() + 4);
  done_ = tag == kEnd && length == 0 && at_ == end_;
  if (done_) return false;
  if (tag != kItem || length > end_ - at_) return fail(unreadable_items());
  item_left_ = length;
  return true;
}

int ItemStream::get() {
  const ByteView some = window();
  if (some.empty()) return kNothing;
  const int byte = some.front();
  advance(1);
  return byte;
}

Bytes ItemStream::take(std::uint64_t count) {
  Bytes bytes;
  pass(count, [&bytes](ByteView some) { bytes.insert(bytes.end(), some.begin(), some.end()); });
  return bytes;
}

ByteView ItemStream::window() {
  while (item_left_ == 0) {
    if (!next_item()) return {};
  }
  if (at_ < held_begin_ || at_ >= held_begin_ + held_.size()) {
    held_.resize(static_cast<std::size_t>(std::min(kReadWindowBytes, end_ - at_)));
    held_begin_ = at_;
    if (auto read = source_.read_at(at_, held_); !read.ok()) {
      held_.clear();
      fail(std::move(read).error());
      return {};
    }
  }
  const ByteView rest = ByteView(held_).subspan(static_cast<std::size_t>(at_ - held_begin_));
  return rest.first(static_cast<std::size_t>(std::min<std::uint64_t>(rest.size(), item_left_)));
}

void ItemStream::advance(std::uint64_t count) {
  at_ += count;
  item_left_ -= count;
  passed_ += count;
}

Error ItemStream::error() const { return error_ ? *error_ : unreadable_items(); }

bool ItemStream::fail(Error error) {
  error_ = std::move(error);
  item_left_ = 0;
  return false;
}

}  // namespace veilroute::dicom
