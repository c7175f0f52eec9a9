// What one transfer will send, as plain data: written by prepare, checked by verify, recomputed by
// send. Its digest is what a Clearance names.
#pragma once

#include <vector>

#include "core/base/bytes.h"
#include "core/base/ids.h"
#include "core/dicom/dataset.h"

namespace veilroute::dicom {

/// One object as it will leave.
struct OutboxRecord {
  ObjectId object;
  Digest source_digest{};  ///< SHA-256 of the data set as received
  Uid sop_class;
  Uid sop_instance;  ///< the new one
  Uid transfer_syntax;
  std::vector<Piece> pieces;
  Digest own_digest{};  ///< SHA-256 of the own block
  [[nodiscard]] std::uint64_t length_bytes() const;
  bool operator==(const OutboxRecord&) const = default;
};

struct Manifest {
  TransferId transfer;
  ProfileVersion profile_version;
  std::vector<OutboxRecord> records;
};

/// Canonical bytes (Encoder) and their SHA-256. Same manifest, same bytes.
Bytes encode(const Manifest& manifest);
Result<Manifest> decode_manifest(ByteView bytes);
Digest digest_of(const Manifest& manifest);

/// The bytes of one record in order: own pieces from `own`, the others from the spooled object,
/// with their masks applied.
class RecordSource final : public ByteSource {
 public:
  RecordSource(const OutboxRecord& record, ByteSource& own, ByteSource& object);
  [[nodiscard]] std::uint64_t size_bytes() const override;
  Result<void> read_at(std::uint64_t offset, std::span<std::uint8_t> out) override;

 private:
  const OutboxRecord& record_;
  ByteSource& own_;
  ByteSource& object_;
  std::vector<std::uint64_t> starts_;  ///< where each piece begins in the whole
};

}  // namespace veilroute::dicom
