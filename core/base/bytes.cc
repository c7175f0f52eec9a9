// Hexadecimal, secrets, memory sources, and the deterministic encoding of sealed records.
#include "core/base/bytes.h"

#include <string.h>  // explicit_bzero is glibc's, not the C++ library's

#include <algorithm>
#include <limits>

namespace veilroute {

namespace {

constexpr std::string_view kHexDigits = "0123456789abcdef";

int hex_value(char digit) {
  if (digit >= '0' && digit <= '9') return digit - '0';
  if (digit >= 'a' && digit <= 'f') return digit - 'a' + 10;
  if (digit >= 'A' && digit <= 'F') return digit - 'A' + 10;
  return -1;
}

void wipe(Bytes& bytes) {
  // The whole capacity: a vector that shrank may still hold key bytes beyond its size.
  if (bytes.capacity() != 0) {
    bytes.resize(bytes.capacity());
    ::explicit_bzero(bytes.data(), bytes.size());
  }
}

template <typename T>
void put_little_endian(Bytes& out, T value) {
  for (std::size_t i = 0; i < sizeof(T); ++i) {
    out.push_back(static_cast<std::uint8_t>(value >> (8U * i)));
  }
}

template <typename T>
T get_little_endian(ByteView in) {
  T value = 0;
  for (std::size_t i = 0; i < in.size(); ++i) {
    value = static_cast<T>(value | (static_cast<T>(in[i]) << (8U * i)));
  }
  return value;
}

}  // namespace

std::string to_hex(ByteView bytes) {
  std::string text;
  text.reserve(bytes.size() * 2);
  for (const std::uint8_t byte : bytes) {
    text.push_back(kHexDigits[byte >> 4U]);
    text.push_back(kHexDigits[byte & 0x0FU]);
  }
  return text;
}

Result<Bytes> from_hex(std::string_view text) {
  if (text.size() % 2 != 0) {
    return make_error(ErrorKind::invalid, "hex.odd", "an odd number of hexadecimal digits");
  }
  Bytes bytes;
  bytes.reserve(text.size() / 2);
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const int high = hex_value(text[i]);
    const int low = hex_value(text[i + 1]);
    if (high < 0 || low < 0) {
      // The digit itself is not named: this may be a key.
      return make_error(ErrorKind::invalid, "hex.digit",
                        "not a hexadecimal digit at position " + std::to_string(i + 1));
    }
    bytes.push_back(static_cast<std::uint8_t>(high * 16 + low));
  }
  return bytes;
}

Secret& Secret::operator=(Secret&& other) noexcept {
  if (this != &other) {
    wipe(bytes_);
    bytes_ = std::move(other.bytes_);
    other.bytes_.clear();
  }
  return *this;
}

Secret::~Secret() { wipe(bytes_); }

Result<void> MemorySource::read_at(std::uint64_t offset, std::span<std::uint8_t> out) {
  if (offset > bytes_.size() || out.size() > bytes_.size() - offset) {
    return make_error(ErrorKind::invalid, "source.beyond-end", "a read beyond the end of a source");
  }
  std::copy_n(bytes_.begin() + static_cast<std::ptrdiff_t>(offset), out.size(), out.begin());
  return {};
}

Encoder& Encoder::u8(std::uint8_t value) {
  out_.push_back(value);
  return *this;
}

Encoder& Encoder::u32(std::uint32_t value) {
  put_little_endian(out_, value);
  return *this;
}

Encoder& Encoder::u64(std::uint64_t value) {
  put_little_endian(out_, value);
  return *this;
}

Encoder& Encoder::bytes(ByteView value) {
  if (value.size() > std::numeric_limits<std::uint32_t>::max()) {
    die("a value of 4 GiB or more in an encoded record");
  }
  u32(static_cast<std::uint32_t>(value.size()));
  out_.insert(out_.end(), value.begin(), value.end());
  return *this;
}

Encoder& Encoder::digest(const Digest& value) {
  out_.insert(out_.end(), value.begin(), value.end());
  return *this;
}

ByteView Decoder::take(std::size_t count) {
  if (!ok_ || count > in_.size()) {
    ok_ = false;
    return {};
  }
  const ByteView taken = in_.first(count);
  in_ = in_.subspan(count);
  return taken;
}

std::uint8_t Decoder::u8() { return get_little_endian<std::uint8_t>(take(1)); }
std::uint32_t Decoder::u32() { return get_little_endian<std::uint32_t>(take(4)); }
std::uint64_t Decoder::u64() { return get_little_endian<std::uint64_t>(take(8)); }

ByteView Decoder::bytes() { return take(u32()); }

std::string Decoder::text() { return std::string(as_text(bytes())); }

Digest Decoder::digest() {
  Digest value{};
  const ByteView taken = take(value.size());
  std::copy(taken.begin(), taken.end(), value.begin());
  return value;
}

Result<void> Decoder::finish(std::string_view what) const {
  if (at_end()) return {};
  return make_error(ErrorKind::corrupt, "record.malformed",
                    std::string(what) + (ok_ ? ": bytes are left over" : ": it ends too early"));
}

}  // namespace veilroute
