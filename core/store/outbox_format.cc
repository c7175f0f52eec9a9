// Encoding and sealing the parts of an outbox file.
#include "core/store/outbox_format.h"

#include <algorithm>
#include <array>
#include <utility>

#include "core/store/sealed_chunks.h"
#include "core/store/segment_format.h"

namespace veilroute::store {

namespace {

constexpr std::array<std::uint8_t, 8> kHeadMagic = {0x89, 'V', 'R', 'O', 'U', 'T', 0x0D, 0x0A};
constexpr std::array<std::uint8_t, 8> kFootMagic = {0x89, 'V', 'R', 'F', 'I', 'N', 0x0D, 0x0A};
constexpr std::uint32_t kOutboxVersion = 1;
constexpr std::uint8_t kIndexVersion = 1;

Error broken(const char* what) { return make_error(ErrorKind::corrupt, "outbox.broken", what); }

}  // namespace

Bytes outbox_head(TransferId transfer) {
  Bytes out(kHeadMagic.begin(), kHeadMagic.end());
  append_bytes(out, Encoder().u32(kOutboxVersion).u64(transfer.value).out());
  return out;
}

std::string outbox_file_name(TransferId transfer) { return file_stem(transfer.value) + ".out"; }

bool is_outbox_file_name(const std::string& name) {
  const std::size_t stem = file_stem(0).size();
  return name.size() == stem + 4 && name.ends_with(".out") &&
         name.find_first_not_of("0123456789abcdef") == stem;
}

Bytes encode(const OutboxIndex& index) {
  Encoder out;
  out.u8(kIndexVersion).bytes(encode(index.manifest));
  out.u32(static_cast<std::uint32_t>(index.blocks.size()));
  for (const OutboxRun& block : index.blocks) out.u64(block.offset).u64(block.plain_bytes);
  return std::move(out).out();
}

Result<OutboxIndex> decode_outbox_index(ByteView bytes) {
  Decoder in(bytes);
  if (in.u8() != kIndexVersion) return broken("an outbox index has an unknown version");
  OutboxIndex index;
  VR_TRY(index.manifest, dicom::decode_manifest(in.bytes()));
  // A count that lies ends at the first shortfall: nothing is reserved by it.
  for (std::uint32_t left = in.u32(); left > 0 && in.ok(); --left) {
    OutboxRun block;
    block.offset = in.u64();
    block.plain_bytes = in.u64();
    index.blocks.push_back(block);
  }
  VR_TRY(in.finish("an outbox index"));
  if (index.blocks.size() != index.manifest.records.size()) {
    return broken("an outbox index has not one block for each record");
  }
  return index;
}

crypto::StreamCipher OutboxKeys::block(std::uint64_t index) const {
  return cipher_for("veilroute outbox block " + std::to_string(index));
}

crypto::StreamCipher OutboxKeys::manifest() const {
  return cipher_for("veilroute outbox manifest");
}

crypto::StreamCipher OutboxKeys::cipher_for(const std::string& purpose) const {
  Bytes associated = outbox_head(transfer_);
  append_bytes(associated, Encoder().u32(kChunkBytes).text(purpose).out());
  // The key serves one run of chunks alone, so the prefix need not tell runs apart.
  return crypto::StreamCipher(purpose_key(file_key_, purpose), {}, std::move(associated));
}

Digest OutboxKeys::foot_seal(ByteView fields) const {
  Bytes covered = outbox_head(transfer_);
  append_bytes(covered, fields);
  return crypto::hmac_sha256(purpose_key(file_key_, "veilroute outbox foot").view(), covered);
}

Bytes OutboxKeys::seal_foot(const OutboxRun& manifest) const {
  Bytes out(kFootMagic.begin(), kFootMagic.end());
  append_bytes(out, Encoder().u64(manifest.offset).u64(manifest.plain_bytes).u64(0).out());
  append_bytes(out, foot_seal(out));
  return out;
}

Result<OutboxRun> OutboxKeys::open_foot(ByteView bytes) const {
  if (bytes.size() != kOutboxFootBytes) return broken("an outbox file has no foot");
  const ByteView fields = bytes.first(kOutboxFootBytes - sizeof(Digest));
  const Digest seal = foot_seal(fields);
  if (!std::equal(seal.begin(), seal.end(),
                  bytes.begin() + static_cast<std::ptrdiff_t>(fields.size()))) {
    return broken("an outbox file's foot does not agree");
  }
  Decoder in(fields.subspan(kFootMagic.size()));
  OutboxRun manifest;
  manifest.offset = in.u64();
  manifest.plain_bytes = in.u64();
  return manifest;
}

}  // namespace veilroute::store
