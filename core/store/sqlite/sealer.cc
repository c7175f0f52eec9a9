// Sealed blobs and blind indexes.
#include "core/store/sqlite/sealer.h"

#include "core/base/crypto.h"

namespace veilroute::store::sqlite {

namespace {

std::string context_of(std::string_view table, const std::string& id) {
  return std::string(table) + ":" + id;
}

}  // namespace

Result<Bytes> Sealer::seal(std::string_view table, const std::string& id, ByteView plain) const {
  return crypto::seal(keyring_.catalog, context_of(table, id), plain);
}

Result<Bytes> Sealer::open(std::string_view table, const std::string& id, ByteView sealed) const {
  return crypto::open(keyring_.catalog, context_of(table, id), sealed);
}

Digest Sealer::blind(std::string_view label,
                     std::initializer_list<std::string_view> parts) const {
  Encoder message;
  message.text(label);
  for (const std::string_view part : parts) message.text(part);
  return crypto::hmac_sha256(keyring_.index.view(), message.out());
}

Bytes Sealer::short_blind(std::string_view label,
                          std::initializer_list<std::string_view> parts) const {
  constexpr std::size_t kShortBytes = 16;
  const Digest whole = blind(label, parts);
  return {whole.begin(), whole.begin() + kShortBytes};
}

Bytes encode_map(const std::map<std::string, std::string>& values) {
  Encoder out;
  out.u32(static_cast<std::uint32_t>(values.size()));
  for (const auto& [key, value] : values) out.text(key).text(value);
  return std::move(out).out();
}

}  // namespace veilroute::store::sqlite
