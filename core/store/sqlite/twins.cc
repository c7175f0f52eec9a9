// Which of two objects with the same instance UID counts.
#include "core/store/sqlite/twins.h"

#include "core/base/log.h"

namespace veilroute::store::sqlite {

namespace {

/// What conditions of routes can ask of how an object came in.
bool came_the_same_way(const ObjectHead& one, const ObjectHead& other) {
  return one.source == other.source && one.listener == other.listener &&
         one.called_ae == other.called_ae && one.calling_ae == other.calling_ae;
}

/// Empty when it cannot be read: that must not keep from its row what was acknowledged.
Result<std::optional<ObjectHead>> head_if_readable(Work& work, ObjectId id) {
  Result<ObjectHead> head = read_head(work, id);
  if (head.ok()) return std::optional(std::move(head).value());
  if (head.error().kind != ErrorKind::corrupt) return head.error();
  log::error("catalog.row-unreadable",
             {{"object", id}, log::Field::text("slug", head.error().slug)});
  return std::optional<ObjectHead>();
}

/// Once a hold is lifted it shows only in the time from which the study waits anew: what came before
/// that is what no route took.
bool was_passed_over(const StudyRow& study, const Twin& twin) {
  if (twin.generation != study.generation || study.state == StudyState::planned) return false;
  if (study.state == StudyState::held) return study.hold == kHoldNoRoute;
  return twin.received_at < study.first_at;
}

}  // namespace

Result<std::vector<Twin>> live_twins(Work& work, StudyKey study, ByteView instance) {
  VR_TRY(Statement row, work.db.prepare("SELECT id, digest, generation, received_at FROM objects"
                                        " WHERE study = ?1 AND instance = ?2 AND state = ?3"));
  row.bind(study, instance, ObjectState::live);
  std::vector<Twin> twins;
  for (;;) {
    VR_TRY(const bool there, row.step());
    if (!there) return twins;
    twins.push_back({ObjectId{row.u64(0)}, row.digest(1), row.u32(2), row.time(3)});
  }
}

Result<TwinRank> rank_of(Work& work, const StudyRow& study, const Twin& twin,
                         const NewObject& object) {
  const bool same_bytes = twin.digest == object.facts.digest;
  if (same_bytes && !was_passed_over(study, twin)) return TwinRank{false, kSameBytes, false};
  VR_TRY(const std::optional<ObjectHead> head, head_if_readable(work, twin.id));
  if (same_bytes) {
    const bool same_way = head && came_the_same_way(*head, object.head);
    return TwinRank{!same_way, same_way ? kSameBytes : kOtherWay, false};
  }
  // Numbers ascend with arrival; after a crash rows may come in another order than the objects did.
  const bool newer = twin.id < object.head.id;
  return TwinRank{newer, kNewerBytes, head && head->sop_class != object.head.sop_class};
}

}  // namespace veilroute::store::sqlite
