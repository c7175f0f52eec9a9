// What stands in the database in place of what may identify a person: sealed blobs and blind
// indexes (decisions 10).
#pragma once

#include <initializer_list>
#include <map>
#include <string>
#include <string_view>

#include "core/base/bytes.h"
#include "core/base/keyring.h"

namespace veilroute::store::sqlite {

/// Any thread.
class Sealer {
 public:
  explicit Sealer(const Keyring& keyring) : keyring_(keyring) {}

  /// `table` and `id` are bound in: a blob moved to another row does not open.
  [[nodiscard]] Result<Bytes> seal(std::string_view table, const std::string& id,
                                   ByteView plain) const;
  [[nodiscard]] Result<Bytes> seal(std::string_view table, std::uint64_t id, ByteView plain) const {
    return seal(table, std::to_string(id), plain);
  }
  [[nodiscard]] Result<Bytes> open(std::string_view table, const std::string& id,
                                   ByteView sealed) const;
  [[nodiscard]] Result<Bytes> open(std::string_view table, std::uint64_t id,
                                   ByteView sealed) const {
    return open(table, std::to_string(id), sealed);
  }

  /// HMAC(index key, label | parts), each with its length.
  [[nodiscard]] Digest blind(std::string_view label,
                             std::initializer_list<std::string_view> parts) const;
  /// Its first 16 bytes, for keys in large tables.
  [[nodiscard]] Bytes short_blind(std::string_view label,
                                  std::initializer_list<std::string_view> parts) const;

  [[nodiscard]] const Keyring& keyring() const { return keyring_; }

 private:
  const Keyring& keyring_;
};

Bytes encode_map(const std::map<std::string, std::string>& values);

}  // namespace veilroute::store::sqlite
