// Bytes and what holds them: views, digests, secrets and sources.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"

namespace veilroute {

using Bytes = std::vector<std::uint8_t>;
using ByteView = std::span<const std::uint8_t>;

/// A SHA-256 digest or HMAC.
using Digest = std::array<std::uint8_t, 32>;

inline ByteView as_bytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}
inline std::string_view as_text(ByteView bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// Lower-case hexadecimal.
std::string to_hex(ByteView bytes);
/// The inverse; invalid for anything but pairs of hexadecimal digits.
Result<Bytes> from_hex(std::string_view text);

/// Key material: wiped when destroyed, never copied, never printed.
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::size_t size) : bytes_(size) {}
  explicit Secret(Bytes&& bytes) : bytes_(std::move(bytes)) {}
  Secret(Secret&& other) noexcept : bytes_(std::move(other.bytes_)) { other.bytes_.clear(); }
  Secret& operator=(Secret&& other) noexcept;
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;
  ~Secret();

  [[nodiscard]] ByteView view() const { return bytes_; }
  [[nodiscard]] std::span<std::uint8_t> span() { return bytes_; }
  [[nodiscard]] bool empty() const { return bytes_.empty(); }

 private:
  Bytes bytes_;
};

/// Random access to bytes that may be sealed on disk. One thread at a time.
class ByteSource {
 public:
  virtual ~ByteSource() = default;
  [[nodiscard]] virtual std::uint64_t size_bytes() const = 0;
  /// Fills `out` completely from `offset`; reading beyond the end is `invalid`, a bad seal
  /// `corrupt`.
  virtual Result<void> read_at(std::uint64_t offset, std::span<std::uint8_t> out) = 0;
};

/// Opens a source, for who may not need it.
using OpenSource = std::function<Result<std::unique_ptr<ByteSource>>()>;

/// A source over bytes in memory (not owned).
class MemorySource final : public ByteSource {
 public:
  explicit MemorySource(ByteView bytes) : bytes_(bytes) {}
  [[nodiscard]] std::uint64_t size_bytes() const override { return bytes_.size(); }
  Result<void> read_at(std::uint64_t offset, std::span<std::uint8_t> out) override;

 private:
  ByteView bytes_;
};

/// Deterministic, length-prefixed, little-endian encoding: what every sealed blob, ledger entry and
/// manifest is written in. Integers have fixed width; text and bytes carry a 32-bit length.
class Encoder {
 public:
  Encoder& u8(std::uint8_t value);
  Encoder& u32(std::uint32_t value);
  Encoder& u64(std::uint64_t value);
  Encoder& i64(std::int64_t value) { return u64(static_cast<std::uint64_t>(value)); }
  Encoder& bytes(ByteView value);
  Encoder& text(std::string_view value) { return bytes(as_bytes(value)); }
  Encoder& digest(const Digest& value);  ///< 32 bytes without a length
  [[nodiscard]] const Bytes& out() const& { return out_; }
  [[nodiscard]] Bytes&& out() && { return std::move(out_); }

 private:
  Bytes out_;
};

/// Reads what Encoder wrote. After the first shortfall every read gives zero or empty and ok() is
/// false; check ok() once at the end (and at_end() where nothing may follow).
class Decoder {
 public:
  explicit Decoder(ByteView in) : in_(in) {}
  std::uint8_t u8();
  std::uint32_t u32();
  std::uint64_t u64();
  std::int64_t i64() { return static_cast<std::int64_t>(u64()); }
  ByteView bytes();
  std::string text();
  Digest digest();
  [[nodiscard]] bool ok() const { return ok_; }
  [[nodiscard]] bool at_end() const { return ok_ && in_.empty(); }
  /// `corrupt` unless everything was read and nothing is left; `what` names the record.
  [[nodiscard]] Result<void> finish(std::string_view what) const;

 private:
  ByteView take(std::size_t count);
  ByteView in_;
  bool ok_ = true;
};

}  // namespace veilroute
