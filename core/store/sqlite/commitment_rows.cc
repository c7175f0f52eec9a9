#include "core/store/sqlite/commitment_rows.h"

#include "core/store/sqlite/rows.h"

namespace veilroute::store::sqlite {

namespace {

constexpr std::uint8_t kSealedVersion = 1;

Result<void> open_sealed_part(const Bytes& plain, Commitment& commitment) {
  Decoder in(plain);
  if (in.u8() != kSealedVersion) {
    return make_error(ErrorKind::corrupt, "catalog.version-unknown",
                      "a commitment has a version that this program does not know");
  }
  commitment.calling_ae.value = in.text();
  commitment.called_ae.value = in.text();
  commitment.transaction.value = in.text();
  // A count that lies ends at the first shortfall: nothing is reserved by it.
  for (std::uint32_t left = in.u32(); left > 0 && in.ok(); --left) {
    Reference reference;
    reference.sop_class.value = in.text();
    reference.sop_instance.value = in.text();
    reference.failure = static_cast<std::uint16_t>(in.u32());
    reference.object.value = in.u64();
    commitment.references.push_back(std::move(reference));
  }
  return in.finish("a commitment's row");
}

}  // namespace

Result<Commitment> commitment_of(const View& view, const Statement& row) {
  Commitment commitment;
  commitment.id.value = row.u64(0);
  commitment.source.value = row.text(1);
  VR_TRY(commitment.state, state_of(row.i64(2), CommitmentState::given_up));
  commitment.reason = row.text(3);
  commitment.attempts = row.u32(4);
  commitment.requested_at = row.time(5);
  commitment.settled_at = row.time(6);
  commitment.due_at = row.time(7);
  VR_TRY(const Bytes plain, view.sealer.open("commitments", commitment.id.value, row.bytes(8)));
  VR_TRY(open_sealed_part(plain, commitment));
  return commitment;
}

Result<Commitment> read_commitment(const View& view, CommitmentId id) {
  VR_TRY(Statement row, view.db.prepare(std::string(kSelectCommitments) + "WHERE id = ?1"));
  VR_TRY(const bool there, row.bind(id).step());
  if (there) return commitment_of(view, row);
  return make_error(ErrorKind::invalid, "commitment.unknown",
                    "there is no commitment " + std::to_string(id.value));
}

Result<Bytes> seal_commitment(const Sealer& sealer, const Commitment& commitment) {
  Encoder out;
  out.u8(kSealedVersion).text(commitment.calling_ae.value).text(commitment.called_ae.value);
  out.text(commitment.transaction.value);
  out.u32(static_cast<std::uint32_t>(commitment.references.size()));
  for (const Reference& reference : commitment.references) {
    out.text(reference.sop_class.value).text(reference.sop_instance.value);
    out.u32(reference.failure).u64(reference.object.value);
  }
  return sealer.seal("commitments", commitment.id.value, out.out());
}

}  // namespace veilroute::store::sqlite
