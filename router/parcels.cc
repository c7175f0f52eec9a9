#include "router/parcels.h"

#include <algorithm>
#include <utility>

namespace veilroute::router {
namespace {

Error mismatch(const std::string& what) {
  return make_error(ErrorKind::corrupt, "outbox.manifest-mismatch", what);
}

/// Notes the first failure, and passes every one on.
template <typename T>
Result<T> watched(OwnFault& fault, ObjectId object, Result<T> result) {
  if (!result.ok() && !fault.error) fault = {result.error(), object};
  return result;
}

/// The bytes of one parcel; owns what it reads from.
class ParcelSource final : public ByteSource {
 public:
  ParcelSource(const dicom::OutboxRecord& record, std::unique_ptr<ByteSource> own,
               std::unique_ptr<ByteSource> object, OwnFault& fault)
      : own_(std::move(own)),
        object_(std::move(object)),
        bytes_(record, *own_, *object_),
        fault_(fault),
        id_(record.object) {}
  [[nodiscard]] std::uint64_t size_bytes() const override { return bytes_.size_bytes(); }
  Result<void> read_at(std::uint64_t offset, std::span<std::uint8_t> out) override {
    return watched(fault_, id_, bytes_.read_at(offset, out));
  }

 private:
  std::unique_ptr<ByteSource> own_;
  std::unique_ptr<ByteSource> object_;
  dicom::RecordSource bytes_;
  OwnFault& fault_;
  ObjectId id_;
};

bool refers_to_source(const dicom::OutboxRecord& record) {
  return std::any_of(record.pieces.begin(), record.pieces.end(),
                     [](const dicom::Piece& piece) { return !piece.own; });
}

Result<std::unique_ptr<ByteSource>> open_source(RouterRoom& room,
                                                const dicom::OutboxRecord& record) {
  if (!refers_to_source(record)) {
    return std::unique_ptr<ByteSource>(std::make_unique<MemorySource>(ByteView()));
  }
  VR_TRY(const store::SpooledObject object, room.catalog.load_object(record.object));
  if (object.facts.digest != record.source_digest) {
    return mismatch("the spooled object is not the one the record was made from");
  }
  return room.spool.open_object(object.location, object.head.id);
}

Result<std::unique_ptr<ByteSource>> open_parcel(RouterRoom& room, store::OutboxReader& outbox,
                                                std::size_t index, OwnFault& fault) {
  const dicom::OutboxRecord& record = outbox.manifest().records[index];
  VR_TRY(std::unique_ptr<ByteSource> own, outbox.own(index));
  VR_TRY(std::unique_ptr<ByteSource> object, open_source(room, record));
  return std::unique_ptr<ByteSource>(
      std::make_unique<ParcelSource>(record, std::move(own), std::move(object), fault));
}

}  // namespace

Result<void> check_manifest(const dicom::Manifest& manifest, const store::Transfer& transfer) {
  if (!transfer.manifest || dicom::digest_of(manifest) != *transfer.manifest) {
    return mismatch("the manifest is not the one that was cleared");
  }
  if (manifest.transfer != transfer.id ||
      manifest.profile_version != transfer.plan.profile_version) {
    return mismatch("the manifest belongs to another transfer or profile");
  }
  for (const store::TransferObject& row : transfer.objects) {
    if (!is_to_go(row.state)) continue;
    const bool listed = row.record < manifest.records.size() &&
                        manifest.records[row.record].object == row.object;
    if (!listed) return mismatch("an object has no record in the manifest");
  }
  return {};
}

std::vector<Parcel> parcels_of(RouterRoom& room, store::OutboxReader& outbox,
                               const store::Transfer& transfer, OwnFault& fault) {
  std::vector<std::size_t> indices;
  for (const store::TransferObject& row : transfer.objects) {
    if (is_to_go(row.state)) indices.push_back(row.record);
  }
  std::sort(indices.begin(), indices.end());
  std::vector<Parcel> parcels;
  parcels.reserve(indices.size());
  for (const std::size_t index : indices) {
    const dicom::OutboxRecord* record = &outbox.manifest().records[index];
    parcels.push_back({record, [&room, &outbox, &fault, index, record] {
                         return watched(fault, record->object,
                                        open_parcel(room, outbox, index, fault));
                       },
                       transfer.generation > 1});
  }
  return parcels;
}

}  // namespace veilroute::router
