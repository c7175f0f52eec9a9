#include "core/store/sqlite/commitment_judgement.h"

#include <algorithm>

#include "core/store/record_codec.h"
#include "core/store/sqlite/rows.h"
#include "core/store/transfer.h"

namespace veilroute::store::sqlite {

namespace {

/// An object with the instance's UID, as it stands in the catalog.
struct Namesake {
  ObjectId id;
  ObjectState state = ObjectState::live;
  Digest digest{};
  SourceName source;
  Uid sop_class;
};

/// Of those that are not live the newest: a source may send the same instance without end. What was
/// shredded says no more whose it was, and is not there any more: nobody is told otherwise.
constexpr std::string_view kSelectNamesakes =
    "SELECT id, state, digest, head FROM objects WHERE instance = ?1 AND state = 0"
    " UNION ALL SELECT * FROM (SELECT id, state, digest, head FROM objects"
    " WHERE instance = ?1 AND state IN (1, 2, 3) ORDER BY id DESC LIMIT 100)";

Result<std::vector<Namesake>> read_namesakes(const View& view, const Uid& instance) {
  VR_TRY(Statement row, view.db.prepare(kSelectNamesakes));
  row.bind(view.sealer.short_blind(kBlindInstance, {instance.value}));
  std::vector<Namesake> found;
  for (;;) {
    VR_TRY(const bool there, row.step());
    if (!there) return found;
    Namesake one;
    one.id.value = row.u64(0);
    VR_TRY(one.state, state_of(row.i64(1), ObjectState::shredded));
    one.digest = row.digest(2);
    VR_TRY(const Bytes plain, view.sealer.open("objects.head", one.id.value, row.bytes(3)));
    VR_TRY(ObjectHead head, decode_head(plain));
    // The index is a part of the whole blind index.
    if (head.sop_instance != instance) continue;
    one.source = std::move(head.source);
    one.sop_class = std::move(head.sop_class);
    found.push_back(std::move(one));
  }
}

/// Has one of the archive destinations acknowledged this very object?
Result<bool> is_archived(const View& view, ObjectId object, const CommitmentPolicy& policy) {
  VR_TRY(Statement row, view.db.prepare("SELECT t.destination FROM transfer_objects x"
                                        " JOIN transfers t ON t.id = x.transfer"
                                        " WHERE x.object = ?1 AND x.state = ?2"));
  row.bind(object, TransferObjectState::sent);
  for (;;) {
    VR_TRY(const bool there, row.step());
    if (!there) return false;
    const DestinationName destination{row.text(0)};
    const auto& archives = policy.archives;
    if (std::find(archives.begin(), archives.end(), destination) != archives.end()) return true;
  }
}

/// Said with the request, and true whatever the catalog holds.
bool is_settled(std::uint16_t failure) {
  return failure == failure_reason::class_not_supported ||
         failure == failure_reason::duplicate_transaction;
}

/// One reference against what the catalog holds.
class Judging {
 public:
  Judging(const View& view, const CommitmentPolicy& policy, std::vector<Namesake> all)
      : view_(view), policy_(policy), all_(std::move(all)) {}

  Result<Judgement> run(const SourceName& source, const Uid& sop_class) {
    std::copy_if(all_.begin(), all_.end(), std::back_inserter(theirs_),
                 [&](const Namesake& one) { return one.source == source; });
    if (theirs_.empty()) return Judgement{failure_reason::no_such_instance};
    std::erase_if(theirs_, [&](const Namesake& one) { return one.sop_class != sop_class; });
    if (theirs_.empty()) return Judgement{failure_reason::class_instance_conflict};
    const Namesake* kept = find_kept();
    if (!kept || policy_.mode == CommitmentMode::off) return failed();
    if (policy_.mode == CommitmentMode::archive) return look_in_archives(*kept);
    return Judgement{failure_reason::none, kept->id};
  }

 private:
  /// The live object that has the bytes this source sent.
  [[nodiscard]] const Namesake* find_kept() const {
    for (const Namesake& one : all_) {
      const bool same_bytes =
          std::any_of(theirs_.begin(), theirs_.end(),
                      [&](const Namesake& sent) { return sent.digest == one.digest; });
      if (one.state == ObjectState::live && same_bytes) return &one;
    }
    return nullptr;
  }

  Result<Judgement> look_in_archives(const Namesake& kept) {
    VR_TRY(const bool there, is_archived(view_, kept.id, policy_));
    return Judgement{failure_reason::none, kept.id, !there};
  }

  /// Damaged, not understood, or replaced by newer bytes of somebody else.
  [[nodiscard]] Judgement failed() const {
    return {failure_reason::processing_failure, theirs_.front().id};
  }

  const View& view_;
  const CommitmentPolicy& policy_;
  std::vector<Namesake> all_;
  std::vector<Namesake> theirs_;
};

}  // namespace

Result<std::vector<Judgement>> judge(const View& view, const Commitment& commitment,
                                     const CommitmentPolicy& policy) {
  std::vector<Judgement> judged;
  for (const Reference& reference : commitment.references) {
    if (is_settled(reference.failure)) {
      judged.push_back({reference.failure});
      continue;
    }
    VR_TRY(std::vector<Namesake> all, read_namesakes(view, reference.sop_instance));
    VR_TRY(const Judgement one, Judging(view, policy, std::move(all))
                                    .run(commitment.source, reference.sop_class));
    judged.push_back(one);
  }
  return judged;
}

}  // namespace veilroute::store::sqlite
